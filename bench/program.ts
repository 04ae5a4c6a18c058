// A Node program as a process of its own, which ends with us however sudden our end is.
//
// Exports: Program, startProgram, residentMegabytes.

import { type ChildProcess, execFileSync, spawn, type StdioOptions } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stopWhenOrphaned } from '../start/postgres_guard.ts'

export interface Program {
  child: ChildProcess
  pid: number
  /** Asks it to stop, and waits until it has. */
  close(): Promise<void>
}

/**
 * @param script below the project's root
 * @param environment all that it is told, apart from where programs are found
 * @param stdio what it prints goes nowhere, if left out, and its errors to ours
 */
export function startProgram(
  script: string,
  environment: Record<string, string> = {},
  stdio: StdioOptions = ['ignore', 'ignore', 'inherit'],
): Program {
  const { PATH = '', HOME = '', TMPDIR = '/tmp' } = process.env
  const child = spawn(process.execPath, [...profiling(script), '--import', 'tsx', script], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio,
    // Out of reach of Ctrl-C: we stop it in our own order.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve())
    child.once('error', () => resolve())
  })
  const guard = stopWhenOrphaned(child.pid, undefined)
  void ended.then(() => guard?.kill('SIGKILL'))
  return {
    child,
    pid: child.pid ?? 0,
    async close() {
      if (child.exitCode === null) child.kill('SIGTERM')
      await ended
    },
  }
}

/** With BENCH_PROFILE=gateway/main.ts that program leaves a CPU profile below the temporary folder. */
function profiling(script: string): string[] {
  if (process.env.BENCH_PROFILE !== script) return []
  return ['--cpu-prof', `--cpu-prof-dir=${join(tmpdir(), 'pgtrue-profile')}`]
}

/** How much memory a process has now, in MB (10^6 bytes). */
export function residentMegabytes(pid: number): number {
  const status = `/proc/${pid}/status`
  const kilobytes = fs.existsSync(status)
    ? /^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return (Number(kilobytes) * 1024) / 1e6
}
