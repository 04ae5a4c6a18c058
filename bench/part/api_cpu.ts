// The table that tells where the CPU time of a call goes.
//
// Exports: cpuTable.

import type { Cpu } from '../cpu.ts'
import { figure, number } from '../figures.ts'
import type { Table } from '../section.ts'
import type { Run, Way } from './api.ts'

/** The function is the same in both, and what is around it is not. */
const shown: Way[] = ['HTTP', 'direct']

/** @returns nothing where nothing was measured */
export function cpuTable(runs: Run[]): Table[] {
  const rows = runs.flatMap(({ workload, connections, cpu }) =>
    shown.flatMap((way) => {
      const rounds = cpu.get(way) ?? []
      if (rounds.length === 0) return []
      const median = (part: (cpu: Cpu) => number) => number(figure(rounds.map(part)).median)
      return [
        [
          workload.title,
          String(connections),
          way,
          median(({ gateway }) => gateway),
          median(({ postgres }) => postgres),
          median(({ client }) => client),
          median(({ gateway, postgres, client }) => gateway + postgres + client),
        ],
      ]
    }),
  )
  if (rows.length === 0) return []
  const columns = ['CPU µs a call', 'Connections', 'Way', 'Gateway', 'Postgres', 'Client', 'All']
  return [{ columns, rows }]
}
