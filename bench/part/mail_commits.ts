// How many transactions a second queue a mail, with the nudge to the worker and without it.
//
// Exports: commitRate.

import { randomBytes } from 'node:crypto'
import type { Bench } from '../section.ts'
import type { BenchDatabase } from '../server.ts'
import { rateOf } from '../load/sample.ts'

/** Magic links for addresses that nobody has asked for yet, on 16 connections; no worker runs. */
export async function commitRate(
  { loader, options }: Bench,
  { sql, gatewayUrl }: BenchDatabase,
  notifying: boolean,
): Promise<number> {
  await sql.unsafe(
    `alter table auth_private.outbox ${notifying ? 'enable' : 'disable'} trigger nudge_worker`,
  )
  // Somebody has to listen: a NOTIFY that nobody hears costs less.
  const heard = await sql.listen('pgtrue_outbox', () => {})
  try {
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
    await heard.unlisten()
    await sql`truncate auth_private.outbox`
  }
}
