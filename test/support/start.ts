// `npm start` as a process of its own, as a person runs it.
//
// Exports `freshPlace` and `runStart`.

import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import type { Test } from 'tap'
import { freePort } from '../../start/port.ts'

/** Where a system keeps its data and listens. */
export type Place = {
  PGTRUE_DATA: string
  PORT: string
  PGTRUE_DB_PORT: string
  PGTRUE_SMTP_PORT: string
  PGTRUE_INBOX_PORT: string
}

/** A folder that does not exist yet, removed when the test `t` ends, and free ports. */
export async function freshPlace(t: Pick<Test, 'teardown'>): Promise<Place> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'pgtrue-start-'))
  // Postgres may run as another user, who has to get through.
  fs.chmodSync(folder, 0o755)
  t.teardown(() => fs.rmSync(folder, { recursive: true }))
  const port = async () => String(await freePort())
  return {
    PGTRUE_DATA: join(folder, 'data'),
    PORT: await port(),
    PGTRUE_DB_PORT: await port(),
    PGTRUE_SMTP_PORT: await port(),
    PGTRUE_INBOX_PORT: await port(),
  }
}

/**
 * Starts it; what still runs when the test `t` ends is stopped.
 *
 * @param environment all of the environment, apart from where programs are found
 */
export function runStart(t: Pick<Test, 'teardown'>, environment: Record<string, string>) {
  const { PATH = '', HOME = '', TMPDIR = tmpdir() } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'start/main.ts'], {
    env: { PATH, HOME, TMPDIR, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  const ready = new Promise<void>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
        if (output.includes('Ctrl-C stops')) resolve()
      })
    }
  })
  t.teardown(() => (child.kill('SIGTERM') ? ended : undefined))

  return {
    /** What it has printed so far. */
    output: () => output,
    /** Fulfilled with the exit code. */
    ended,
    /** Fulfilled with what status.env says, once everything runs. */
    async ready(): Promise<Record<string, string>> {
      const code = await Promise.race([ready, ended.then((code) => ({ code }))])
      if (code) throw new Error(`npm start ended with ${code.code}:\n${output}`)
      const file = join(environment.PGTRUE_DATA ?? '.pgtrue', 'status.env')
      return parseEnv(fs.readFileSync(file, 'utf8')) as Record<string, string>
    },
    kill: (signal: NodeJS.Signals) => child.kill(signal),
  }
}
