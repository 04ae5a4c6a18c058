// The same functions called directly, on as many connections of the gateway's login: the ceiling.
//
// Exports: loadSql, loadBcrypt.

import postgres, { type Sql } from 'postgres'
import { type Member, password, workload } from '../workloads.ts'
import type { Amount, BcryptJob, SqlJob } from './jobs.ts'
import { createTally, type Sample } from './sample.ts'

/**
 * Directly: role and claims are set when a connection is opened, and each call is one statement.
 * Naively: each call is BEGIN, the settings of the request, the statement, COMMIT.
 */
export async function loadSql(job: SqlJob): Promise<Sample> {
  const { sql: text, values, after, role, pool: kind } = workload(job.workload)
  const pool = [...job.pool]
  let serial = 0

  return load(job, async (sql) => {
    // Claims belong to a connection, so it serves those who were its own from the beginning.
    const own = pool[0]
    const pinned = own?.access !== undefined ? [pool.shift() as Member] : pool
    const settings = requestSettings(role, own)
    // What an earlier job has set; the naive way brings its own.
    await sql`reset all`
    await sql`reset role`
    if (job.way === 'direct') await enter(sql, settings, false)

    return async () => {
      const member = pinned.shift() ?? {}
      if (job.way === 'naive') {
        await sql.unsafe('begin')
        await enter(sql, settings, true)
      }
      const params = values(member, `${job.series}-${++serial}`)
      const [row] = await sql.unsafe<{ body: string }[]>(text, params, { prepare: true })
      if (job.way === 'naive') await sql.unsafe('commit')
      after?.(member, row?.body ?? '')
      if (kind !== 'links') pinned.push(member)
    }
  })
}

/** The rate at which Postgres can hash passwords, which nothing that checks one can exceed. */
export async function loadBcrypt(job: BcryptJob): Promise<Sample> {
  return load(job, async (sql) => async () => {
    await sql`select auth_private.bcrypt(${password}, ${job.hash})`
  })
}

function requestSettings(role: string, member: Member | undefined): Record<string, string> {
  const payload = member?.access?.split('.')[1] ?? ''
  const claims = payload ? Buffer.from(payload, 'base64url').toString() : JSON.stringify({ role })
  return {
    role,
    'request.jwt.claims': claims,
    'request.jwt.claim.sub': (JSON.parse(claims) as { sub?: string }).sub ?? '',
    'request.headers': '{"user-agent": "bench"}',
    'request.method': 'POST',
    'request.path': '/',
  }
}

async function enter(sql: Sql, settings: Record<string, string>, local: boolean): Promise<void> {
  await sql`
    select set_config(key, value, ${local})
    from jsonb_each_text(${sql.json(settings)})
    order by key = 'role'
  `
}

/** @param open makes a connection ready and returns what is to be done over and over */
async function load(
  job: { databaseUrl: string; connections: number; amount: Amount },
  open: (sql: Sql) => Promise<() => Promise<void>>,
): Promise<Sample> {
  const { amount } = job
  let left = 'calls' in amount ? amount.calls : Infinity
  const calls: (() => Promise<void>)[] = []
  // One after the other: each takes its own from the pool.
  for (const sql of connectionsTo(job.databaseUrl, job.connections)) calls.push(await open(sql))

  const tally = createTally('seconds' in amount ? amount.seconds : undefined)
  await Promise.all(
    calls.map(async (call) => {
      while (left-- > 0 && !tally.over()) {
        const began = performance.now()
        await call().then(
          () => tally.note(performance.now() - began),
          (error: Error) => tally.note(0, error.message),
        )
      }
    }),
  )
  return tally.sample()
}

/** Kept from one job to the next, as a gateway keeps its own: a new one has everything to learn. */
const opened = new Map<string, Sql[]>()

function connectionsTo(url: string, count: number): Sql[] {
  const list = opened.get(url) ?? []
  opened.set(url, list)
  while (list.length < count) list.push(postgres(url, { max: 1, onnotice: () => {} }))
  return list.slice(0, count)
}
