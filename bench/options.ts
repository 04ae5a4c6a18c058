// What the command line asks for.
//
// Exports: Options, readOptions.

import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Target } from './gateway.ts'

export interface Options {
  /** Parts and workloads to run; all if empty. */
  chosen: string[]
  quick: boolean
  connections: number[]
  rounds: number
  /** 0 where one more round comes first, to warm up, else 1. */
  firstRound: number
  /** Of a round. */
  seconds: number
  /** Seconds for which a gateway is kept busy before it is measured, with each of some workloads. */
  warmUp: number
  /** Passwords hashed in a round. */
  hashes: number
  /** Who have a password and ask in turn. */
  people: number
  /** Links followed in a round. */
  links: number
  /** How many users there are, from the smallest to the largest. */
  sizes: number[]
  /** Mails of a round. */
  mails: number
  /** Rows of the table under RLS. */
  rows: number
  /** Requests after which memory is looked at. */
  requests: number
  /** Another server with GoTrue's API, to compare with. */
  peer?: Target
  /** Folder for the report. */
  out: string
}

const usual = {
  connections: [1, 16, 64],
  rounds: 5,
  firstRound: 0,
  seconds: 0.8,
  warmUp: 5,
  hashes: 128,
  people: 200,
  links: 600,
  sizes: [1_000, 100_000, 1_000_000],
  mails: 4_000,
  rows: 1_000_000,
  requests: 100_000,
}

const quick = {
  connections: [4],
  rounds: 1,
  firstRound: 1,
  seconds: 0.2,
  warmUp: 0.2,
  hashes: 6,
  people: 32,
  links: 32,
  sizes: [1_000, 2_000],
  mails: 100,
  rows: 50_000,
  requests: 500,
}

export const usage = (names: string[]): string => `npm run bench -- [what …] [options]

  what              ${names.join(' ')}; all if left out
  --quick           in a minute, to see that it works; the numbers say little
  --connections     how many at once, as 1,16,64
  --rounds          rounds, of which the median counts
  --seconds         length of a round
  --sizes           how many users, as 1000,100000,1000000
  --rows            how many rows are under RLS
  --peer URL        a server with GoTrue's API to compare with, turn by turn
  --peer-key KEY    its service_role key
  --peer-anon KEY   its anon key, if it asks for one
  --out DIR         where report.md and the plots go; bench/ if left out

  BENCH_PROFILE=…   gateway/main.ts or worker/main.ts: its CPU profile goes to the temporary folder
  DATABASE_URL=…    a Postgres of your own; its role may create databases and roles
`

/**
 * @param names of all parts and workloads
 * @throws with a line for each fault
 */
export function readOptions(args: string[], names: string[]): Options | 'help' {
  const text = { type: 'string' } as const
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      connections: text,
      rounds: text,
      seconds: text,
      sizes: text,
      rows: text,
      peer: text,
      'peer-key': text,
      'peer-anon': text,
      out: text,
    },
  })
  if (values.help) return 'help'

  const faults = positionals
    .filter((name) => !names.includes(name))
    .map((name) => `${name}: none of ${names.join(', ')}`)
  const read = (
    name: 'connections' | 'sizes' | 'rounds' | 'seconds' | 'rows',
  ): number[] | undefined => {
    const list = values[name]?.split(',').map(Number)
    const whole = name === 'seconds' || list?.every(Number.isInteger)
    if (list?.every((value) => value > 0) && whole) return list
    if (list) faults.push(`--${name}: ${values[name]} is not what it takes`)
    return undefined
  }
  const given = {
    connections: read('connections'),
    sizes: read('sizes'),
    rounds: read('rounds')?.[0],
    seconds: read('seconds')?.[0],
    rows: read('rows')?.[0],
  }
  const key = values['peer-key']
  if (values.peer !== undefined && !URL.canParse(values.peer)) faults.push('--peer: not a URL')
  if (values.peer !== undefined && !key) faults.push('--peer-key: the peer’s service_role key')
  if (faults.length > 0) throw new Error(faults.join('\n'))

  const peer = values.peer && {
    url: values.peer.replace(/\/$/, ''),
    serviceKey: key ?? '',
    anonKey: values['peer-anon'] ?? key ?? '',
  }
  return {
    ...(values.quick ? quick : usual),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    chosen: positionals,
    quick: values.quick,
    ...(peer && { peer }),
    out: resolve(values.out ?? 'bench'),
  }
}
