// How much CPU time a call takes, and where: in the gateway, in Postgres, in the client. Rates tell
// who is slow; this tells why.
//
// Exports: Cpu, CpuMeter, createCpuMeter.

import * as fs from 'node:fs'
import type { BenchDatabase } from './server.ts'

/** Microseconds of CPU time. */
export interface Cpu {
  gateway: number
  /** The server processes of the gateway's login. */
  postgres: number
  client: number
}

export interface CpuMeter {
  /** Starts; the function that it returns tells what has been used since. */
  start(): Promise<() => Promise<Cpu>>
}

/**
 * @param pids of the processes that are ours
 * @returns nothing where the system does not tell (Linux does, in /proc)
 */
export function createCpuMeter(
  { sql }: BenchDatabase,
  pids: { gateway: number; client: number },
): CpuMeter | undefined {
  if (!fs.existsSync('/proc/self/schedstat')) return undefined

  const now = async () => {
    const backends = await sql<{ pid: number }[]>`
      select pid from pg_stat_activity
      where datname = current_database() and usename = 'authenticator'
    `
    return {
      gateway: microseconds(pids.gateway),
      client: microseconds(pids.client),
      backends: new Map(backends.map(({ pid }) => [pid, microseconds(pid)])),
    }
  }
  return {
    async start() {
      const before = await now()
      return async () => {
        const after = await now()
        let postgres = 0
        // One that was not there before has used all of its time since; one that has just ended
        // tells nothing.
        for (const [pid, used] of after.backends) {
          postgres += Math.max(0, used - (before.backends.get(pid) ?? 0))
        }
        return {
          gateway: after.gateway - before.gateway,
          postgres,
          client: after.client - before.client,
        }
      }
    },
  }
}

/** That a process has used so far, in all of its threads (proc(5), schedstat). */
function microseconds(pid: number): number {
  return threadsOf(pid).reduce((sum, thread) => {
    try {
      return sum + Number(fs.readFileSync(`${thread}/schedstat`, 'utf8').split(' ')[0]) / 1000
    } catch {
      // It has just ended.
      return sum
    }
  }, 0)
}

function threadsOf(pid: number): string[] {
  const folder = `/proc/${pid}/task`
  try {
    return fs.readdirSync(folder).map((thread) => `${folder}/${thread}`)
  } catch {
    return []
  }
}
