// What was measured where.
//
// Exports: factsOf.

import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os'
import type { Options } from './options.ts'
import type { Server } from './server.ts'

export async function factsOf(server: Server, options: Options): Promise<[string, string][]> {
  const { version } = JSON.parse(
    fs.readFileSync(new URL('../package.json', import.meta.url), 'utf8'),
  ) as { version: string }
  const settings = Object.entries(server.settings).map(([name, value]) => `${name} = ${value}`)
  return [
    ['Date', new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC'],
    ['Machine', `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown'}`],
    ['Memory', `${Math.round(totalmem() / 2 ** 30)} GB`],
    ['System', `${platform()} ${release()}, Node ${process.versions.node}`],
    ['Load when it began', loadavg()[0]?.toFixed(2) ?? ''],
    ['Postgres', [server.version, ...settings].join(', ')],
    ['pgtrue', [version, commit()].filter(Boolean).join(', ')],
    [
      'Rounds',
      `${options.rounds} of ${options.seconds} s${options.firstRound === 0 ? ' after one to warm up' : ''}, turn by turn`,
    ],
    ...(options.peer ? ([['Peer', await nameOf(options.peer.url)]] as [string, string][]) : []),
  ]
}

/** A server as it calls itself in GET /health, where it does. */
async function nameOf(url: string): Promise<string> {
  const health = await fetch(`${url}/health`)
    .then((response) => response.json() as Promise<{ name?: string; version?: string }>)
    .catch(() => undefined)
  return health?.name ? `${health.name} ${health.version ?? ''}`.trim() : url
}

/** The commit, marked where files differ from it; nothing outside of a clone. */
function commit(): string {
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' })
  try {
    return `${git('rev-parse', '--short', 'HEAD').trim()}${git('status', '--porcelain', '-uno') && ' and changes'}`
  } catch {
    return ''
  }
}
