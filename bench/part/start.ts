// From `npm start` to the first token, and memory at rest and after much work.
//
// Exports: start.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { stopWhenOrphaned } from '../../start/postgres_guard.ts'
import { freePort } from '../../start/port.ts'
import { figure, spread } from '../figures.ts'
import type { Part } from '../section.ts'
import { password } from '../workloads.ts'
import { memory, memorySection } from './memory.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

export const start: Part = {
  name: 'start',
  about: 'cold start, and memory at rest and after much work',
  async run(bench) {
    const fresh: number[] = []
    const again: number[] = []
    for (let round = 1; round <= Math.min(3, bench.options.rounds); round++) {
      bench.progress(`Cold start, round ${round}`)
      const place = fs.mkdtempSync(join(tmpdir(), 'pgtrue-bench-start-'))
      // Postgres may run as another user, who has to get through.
      fs.chmodSync(place, 0o755)
      try {
        fresh.push(await secondsToToken(join(place, 'data'), 'first'))
        if (!bench.options.quick) again.push(await secondsToToken(join(place, 'data'), 'second'))
      } finally {
        fs.rmSync(place, { recursive: true })
      }
    }
    const section = memorySection(await memory(bench))
    return {
      ...section,
      title: 'Cold start and memory',
      text: `From \`npm start\` to a token for somebody who signed up, in seconds. ${section.text}`,
      tables: [
        {
          columns: ['From npm start to the first token', 'seconds'],
          rows: [
            ['with nothing there: initdb and all migrations', spread(figure(fresh))],
            ...(again.length > 0
              ? [['with the data of an earlier start', spread(figure(again))]]
              : []),
          ],
        },
        ...section.tables,
      ],
    }
  },
}

async function secondsToToken(dataDir: string, name: string): Promise<number> {
  const port = await freePort()
  const { PATH = '', HOME = '' } = process.env
  const began = performance.now()
  const child = spawn('npm', ['start', '--silent'], {
    cwd: root,
    env: {
      PATH,
      HOME,
      TMPDIR: tmpdir(),
      PGTRUE_DATA: dataDir,
      PORT: String(port),
      PGTRUE_DB_PORT: String(await freePort()),
      PGTRUE_SMTP_PORT: String(await freePort()),
      PGTRUE_INBOX_PORT: String(await freePort()),
      GOTRUE_MAILER_AUTOCONFIRM: 'true',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
    detached: true,
  })
  const guard = stopWhenOrphaned(child.pid, undefined)
  try {
    for (;;) {
      const response = await fetch(`http://127.0.0.1:${port}/signup`, {
        method: 'POST',
        body: JSON.stringify({ email: `${name}@example.com`, password }),
      }).catch(() => undefined)
      const body = (await response?.json()) as { access_token?: string } | undefined
      if (body?.access_token) return (performance.now() - began) / 1000
      if (child.exitCode !== null) throw new Error('npm start ended')
      await wait(20)
    }
  } finally {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
    guard?.kill('SIGKILL')
  }
}
