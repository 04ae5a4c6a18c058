// The kinds of plots.
//
// Exports: ratePlot, linePlot, barPlot, and the types of their rows.

import * as Plot from '@observablehq/plot'
import type { Figure } from '../figures.ts'
import { type Legend, svgOf } from './svg.ts'

const palette = [
  '#1f6feb',
  '#cf222e',
  '#2da44e',
  '#8250df',
  '#bf8700',
  '#57606a',
  '#e16f24',
  '#0598bc',
]

const ways: Legend[] = [
  { name: 'HTTP', colour: '#1f6feb' },
  { name: 'direct', colour: '#6e7781' },
  { name: 'naive', colour: '#d4a72c' },
  { name: 'bcrypt', colour: '#cf222e' },
  { name: 'peer', colour: '#8250df' },
]

export interface RateRow extends Figure {
  workload: string
  connections: string
  way: string
}

/** A line for each workload with a dot for each way, and a panel for each number of connections. */
export function ratePlot(title: string, rows: RateRow[]): string {
  const workloads = distinct(rows.map((row) => row.workload))
  return svgOf(
    title,
    ways.filter(({ name }) => rows.some((row) => row.way === name)),
    {
      height: 110 + 34 * workloads.length,
      marginLeft: 160,
      marginTop: 40,
      marginBottom: 50,
      marginRight: 20,
      x: {
        type: 'log',
        nice: true,
        label: 'calls a second (logarithmic)',
        labelAnchor: 'center',
        grid: true,
        ticks: [10, 100, 1000, 10_000],
        tickFormat: '~s',
      },
      y: { label: null, domain: workloads },
      fx: { label: null, domain: distinct(rows.map((row) => row.connections)) },
      marks: [
        Plot.frame({ stroke: '#d0d7de' }),
        Plot.link(rows, {
          x1: 'low',
          x2: 'high',
          y1: 'workload',
          y2: 'workload',
          fx: 'connections',
          stroke: 'way',
          strokeWidth: 3,
          strokeOpacity: 0.4,
        }),
        Plot.dot(rows, { x: 'median', y: 'workload', fx: 'connections', fill: 'way', r: 4.5 }),
      ],
    },
  )
}

export interface LineRow {
  x: number
  y: number
  line: string
}

/** Lines over numbers. */
export function linePlot(
  title: string,
  rows: LineRow[],
  { x, y, ...more }: { x: Plot.ScaleOptions; y: Plot.ScaleOptions; marks?: Plot.Markish[] },
): string {
  return svgOf(title, coloured(rows.map((row) => row.line)), {
    height: 380,
    marginLeft: 70,
    marginRight: 40,
    marginBottom: 50,
    x: { labelAnchor: 'center', grid: true, ...x },
    y: { grid: true, ...y },
    marks: [
      ...(more.marks ?? []),
      Plot.line(rows, { x: 'x', y: 'y', stroke: 'line', strokeWidth: 2 }),
      Plot.dot(rows.length > 200 ? [] : rows, { x: 'x', y: 'y', fill: 'line', r: 3.5 }),
    ],
  })
}

export interface BarRow extends Figure {
  bar: string
  /** What the length says, written at its end. */
  label: string
}

/** Bars with their spread. */
export function barPlot(title: string, rows: BarRow[], x: Plot.ScaleOptions): string {
  const bars = distinct(rows.map((row) => row.bar))
  const log = x.type === 'log'
  return svgOf(title, [], {
    height: 90 + 40 * bars.length,
    marginLeft: 250,
    marginRight: 90,
    marginBottom: 50,
    x: { labelAnchor: 'center', grid: true, ...x },
    y: { label: null, domain: bars },
    marks: [
      log
        ? Plot.dot(rows, { x: 'median', y: 'bar', fill: '#1f6feb', r: 6 })
        : Plot.barX(rows, { x: 'median', y: 'bar', fill: '#1f6feb', fillOpacity: 0.75 }),
      Plot.link(rows, { x1: 'low', x2: 'high', y1: 'bar', y2: 'bar', stroke: '#1f2328' }),
      Plot.text(rows, {
        x: 'high',
        y: 'bar',
        text: 'label',
        dx: 10,
        textAnchor: 'start',
        fontWeight: 600,
      }),
    ],
  })
}

const coloured = (names: string[]): Legend[] =>
  distinct(names).map((name, index) => ({
    name,
    colour: palette[index % palette.length] ?? 'black',
  }))

const distinct = (names: string[]): string[] => [...new Set(names)]
