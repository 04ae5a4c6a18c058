// The report: report.md and a file for each plot.
//
// Exports: Head, writeReport.

import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Goal, Section } from '../section.ts'
import { goalLine, markdownTable } from './text.ts'

export interface Head {
  /** What was measured where, by name. */
  facts: [string, string][]
  /** Where the numbers say little, why. */
  warning?: string
}

/**
 * Writes what there is so far, so an interrupted run leaves that.
 *
 * @param out a folder that exists
 */
export function writeReport(out: string, head: Head, sections: Section[]): void {
  const lines = ['# How fast', '']
  if (head.warning) lines.push(`> ${head.warning}`, '')
  for (const [name, value] of head.facts) lines.push(`- ${name}: ${value}`)
  lines.push('', ...goalsTable(sections.flatMap(({ goals }) => goals)))

  for (const { title, text, tables, plots, goals } of sections) {
    lines.push(`## ${title}`, '', text, '')
    for (const goal of goals) lines.push(`- ${goalLine(goal)}`)
    if (goals.length > 0) lines.push('')
    for (const table of tables) lines.push(markdownTable(table), '')
    for (const plot of plots) {
      fs.writeFileSync(join(out, `${plot.name}.svg`), plot.svg)
      lines.push(`![${plot.title}](${plot.name}.svg)`, '')
    }
  }
  fs.writeFileSync(join(out, 'report.md'), `${lines.join('\n').trim()}\n`)
}

function goalsTable(goals: Goal[]): string[] {
  if (goals.length === 0) return []
  const rows = goals.map(({ what, wanted, found, met }) => [
    what,
    wanted,
    found,
    met ? 'met' : 'not met',
  ])
  return [markdownTable({ columns: ['Goal', 'Wanted', 'Found', ''], rows }), '']
}
