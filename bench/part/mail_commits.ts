// How many transactions a second queue a mail, with the nudge to the worker and without it.
//
// Exports: commitRate.

import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { startWorker } from '../gateway.ts'
import { rateOf } from '../load/sample.ts'
import type { Bench } from '../section.ts'
import type { BenchDatabase } from '../server.ts'

/**
 * Magic links on 16 connections, while a worker sends: it takes as much of the machine either way.
 * Woken once, it stays awake as long as there is much to do.
 */
export async function commitRate(
  { loader, options }: Bench,
  database: BenchDatabase,
  smtpPort: number,
  notifying: boolean,
): Promise<number> {
  const { sql, gatewayUrl } = database
  await sql.unsafe(
    `alter table auth_private.outbox ${notifying ? 'enable' : 'disable'} trigger nudge_worker`,
  )
  const worker = startWorker(database, smtpPort)
  try {
    await sql`
      insert into auth_private.outbox (kind, recipient)
      select 'magic_link', 'first-' || n || '@example.com' from generate_series(1, 100) n
    `
    await sentAll(database)
    await sql`select pg_notify('pgtrue_outbox', '')`
    const sample = await loader.run({
      kind: 'sql',
      databaseUrl: gatewayUrl,
      series: randomBytes(6).toString('hex'),
      connections: 16,
      workload: 'magiclink',
      way: 'direct',
      pool: Array.from({ length: 200 }, (_, index) => ({ email: `commit-${index}@example.com` })),
      amount: { seconds: options.seconds * 2 },
    })
    return rateOf(sample)
  } finally {
    await worker.close()
    await sql`truncate auth_private.outbox`
  }
}

async function sentAll({ sql }: BenchDatabase): Promise<void> {
  for (const limit = Date.now() + 60_000; Date.now() < limit; await wait(20)) {
    const [row] = await sql`select from auth_private.outbox limit 1`
    if (!row) return
  }
  throw new Error('the first mails were not sent in a minute')
}
