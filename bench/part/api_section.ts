// What the workloads of the API came to: tables, the plot of rates, and the goals.
//
// Exports: sectionOf.

import { percent, figure, type Figure, number, ratio, spread } from '../figures.ts'
import { rateOf, type Sample } from '../load/sample.ts'
import { ratePlot } from '../report/plots.ts'
import type { Bench, Goal, Section } from '../section.ts'
import type { Run, Way } from './api.ts'
import { cpuTable } from './api_cpu.ts'

export function sectionOf({ options }: Bench, runs: Run[]): Section {
  const peer = options.peer !== undefined
  const rows = runs.map(({ workload, connections, samples }) => {
    const rates = (way: Way) => samples.get(way)?.map(rateOf) ?? []
    const against = (way: Way) => percent(ratio(rates('HTTP'), rates(way)).median)
    const http = samples.get('HTTP') ?? []
    const latency = (part: 'p50' | 'p99') => number(figure(http.map((s) => s[part])).median)
    return [
      workload.title,
      String(connections),
      spread(figure(rates('HTTP'))),
      latency('p50'),
      latency('p99'),
      spread(figure(rates('direct'))),
      against('direct'),
      against('naive'),
      against('bcrypt'),
      ...(peer ? [spread(figure(rates('peer'))), against('peer')] : []),
      faultsOf(samples),
    ]
  })
  return {
    title: 'The API over HTTP',
    text:
      'Calls a second, median of the rounds with the lowest and the highest, and latency in ' +
      'milliseconds. Direct is the same SQL function called on as many connections of the same ' +
      'login; naive is BEGIN, the settings of a request, the call, COMMIT; bcrypt is nothing but ' +
      'hashing. The percentages are HTTP’s rate by that one’s, the median over rounds. CPU time is ' +
      'what the processes used for a call, wherever they waited.',
    tables: [
      {
        columns: [
          'Workload',
          'Connections',
          'HTTP/s',
          'p50 ms',
          'p99 ms',
          'direct/s',
          'of direct',
          'of naive',
          'of bcrypt',
          ...(peer ? ['peer/s', 'of peer'] : []),
          'Failed',
        ],
        rows,
      },
      ...cpuTable(runs),
    ],
    plots: [
      {
        name: 'api',
        title: 'Calls a second by workload, way and number of connections',
        svg: ratePlot(
          'Calls a second: median of the rounds, lowest to highest',
          runs.flatMap(({ workload, connections, samples }) =>
            [...samples].map(([way, list]) => ({
              workload: workload.title,
              connections: `${connections} connection${connections === 1 ? '' : 's'}`,
              way,
              ...figure(list.map(rateOf)),
            })),
          ),
        ),
      },
    ],
    goals: goalsOf(runs),
  }
}

/** How many went wrong in all, and how the first did. */
function faultsOf(samples: Map<Way, Sample[]>): string {
  const told: string[] = []
  for (const [way, list] of samples) {
    const failed = list.reduce((sum, sample) => sum + sample.failed, 0)
    const fault = list.find((sample) => sample.fault)?.fault
    if (failed > 0) told.push(`${way}: ${failed} (${fault})`)
  }
  return told.join('; ') || '0'
}

function goalsOf(runs: Run[]): Goal[] {
  const best = (name: string, way: Way): Figure | undefined => {
    const found = runs
      .filter(({ workload, connections }) => workload.name === name && connections > 1)
      .map(({ samples }) => {
        const rates = (of: Way) => samples.get(of)?.map(rateOf) ?? []
        return ratio(rates('HTTP'), rates(way))
      })
    return found.sort((a, b) => a.median - b.median)[0]
  }
  const goals: Goal[] = []
  const refresh = best('refresh', 'direct')
  if (refresh) {
    goals.push({
      what: 'Refresh over HTTP, of the direct call',
      wanted: 'at least 70 %',
      found: percent(refresh.median),
      met: refresh.median >= 0.7,
    })
  }
  const signin = best('signin', 'bcrypt')
  if (signin) {
    goals.push({
      what: 'Sign-in over HTTP, of bcrypt’s own rate',
      wanted: 'at least 95 %',
      found: percent(signin.median),
      met: signin.median >= 0.95,
    })
  }
  return goals
}
