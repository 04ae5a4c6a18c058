// What a policy costs: a table of other people's rows, read by one of them.
//
// Exports: rls.

import postgres from 'postgres'
import { figure, number, ratio, spread } from '../figures.ts'
import { barPlot } from '../report/plots.ts'
import type { Part, Section } from '../section.ts'
import type { BenchDatabase } from '../server.ts'

const ways = [
  { name: 'no policy, where user_id is a constant', policy: null, index: false },
  { name: 'no policy, where user_id is (select …)', policy: null, index: false },
  { name: 'bare: auth.uid() = user_id', policy: 'auth.uid() = user_id', index: false },
  { name: 'wrapped: (select auth.uid())', policy: '(select auth.uid()) = user_id', index: false },
  { name: 'bare, with index', policy: 'auth.uid() = user_id', index: true },
  { name: 'wrapped, with index', policy: '(select auth.uid()) = user_id', index: true },
] as const

export const rls: Part = {
  name: 'rls',
  about: 'what a policy costs, bare, wrapped and with an index',
  async run({ options, server, progress }) {
    progress('RLS: a table of rows')
    const database = await server.openDatabase()
    const reader = postgres(database.gatewayUrl, { max: 1, onnotice: () => {} })
    try {
      const me = await fill(database, options.rows)
      // By one process: how soon others come to its help differs more than what is compared.
      await reader`
        select set_config('max_parallel_workers_per_gather', '0', false),
          set_config('request.jwt.claim.sub', ${me}, false),
          set_config('request.jwt.claims', ${JSON.stringify({ sub: me, role: 'authenticated' })}, false),
          set_config('role', 'authenticated', false)
      `
      const times = ways.map((): number[] => [])
      // What is compared differs by little, so there are many turns, each of a moment.
      const rounds = options.rounds * 5
      for (let round = 0; round <= rounds; round++) {
        for (const [index, way] of ways.entries()) {
          progress(`RLS: ${way.name}, round ${round} of ${rounds}`)
          const table = `public.rows_${index}`
          // The scan without a policy filters by the same column, so it finds the same rows.
          const value = index === 0 ? `'${me}'` : `(select '${me}'::uuid)`
          const where = way.policy === null ? `where user_id = ${value}` : ''
          const [row] = await reader.unsafe<{ 'QUERY PLAN': [{ 'Execution Time': number }] }[]>(
            `explain (analyze, timing off, format json) select * from ${table} ${where}`,
          )
          if (round > 0) times[index]?.push(row?.['QUERY PLAN'][0]['Execution Time'] ?? NaN)
        }
      }
      return sectionOf(options.rows, times)
    } finally {
      await reader.end({ timeout: 1 })
      await database.close()
    }
  },
}

/** The same rows for each way, so that all can be asked in turn. Returns whose rows are read. */
async function fill({ sql }: BenchDatabase, rows: number): Promise<string> {
  const owners = Math.max(1, Math.round(rows / 100))
  for (const [index, way] of ways.entries()) {
    const table = `public.rows_${index}`
    await sql.unsafe(`
      create table ${table} (id bigint not null, user_id uuid not null, title text not null);
      insert into ${table}
      select n, md5((n % ${owners})::text)::uuid, 'row ' || n from generate_series(1, ${rows}) n;
      ${way.index ? `create index on ${table} (user_id);` : ''}
      ${way.policy === null ? '' : `alter table ${table} enable row level security;`}
      ${way.policy === null ? '' : `create policy own on ${table} using (${way.policy});`}
      grant select on ${table} to authenticated;
    `)
    await sql.unsafe(`vacuum analyze ${table}`)
  }
  const [row] = await sql<{ me: string }[]>`select md5('1')::uuid as me`
  return row?.me ?? ''
}

function sectionOf(rows: number, times: number[][]): Section {
  const [constant = [], none = [], bare = [], wrapped = [], bareIndexed = [], wrappedIndexed = []] =
    times
  const bareCost = ratio(bare, wrapped)
  const wrappedCost = ratio(wrapped, none)
  const constantCost = ratio(wrapped, constant)
  const indexed = Math.max(figure(bareIndexed).median, figure(wrappedIndexed).median)
  return {
    title: 'Row-level security',
    text:
      `A table of ${rows.toLocaleString('en-US')} rows, a hundred for each user, read by one of ` +
      'them: execution time in milliseconds as Postgres tells it, without parallel workers. Without a policy the query itself ' +
      'filters by the user: by a value that is known when it runs, as that of the policy, and by ' +
      'one that is known before, which Postgres compares a little faster.',
    tables: [
      {
        columns: ['Policy', 'ms'],
        rows: ways.map(({ name }, index) => [name, spread(figure(times[index] ?? []))]),
      },
    ],
    plots: [
      {
        name: 'rls',
        title: 'Time to read a hundred rows of many under a policy',
        svg: barPlot(
          `Reading a hundred of ${rows.toLocaleString('en-US')} rows under a policy`,
          ways.map(({ name }, index) => {
            const values = figure(times[index] ?? [])
            return { bar: name, ...values, label: `${number(values.median)} ms` }
          }),
          { label: 'milliseconds (logarithmic)', type: 'log', tickFormat: ',' },
        ),
      },
    ],
    goals: [
      {
        what: 'Bare auth.uid() without an index, of the wrapped form',
        wanted: 'at most 8 times',
        found: `${number(bareCost.median)} times`,
        met: bareCost.median <= 8,
      },
      {
        what: 'Wrapped auth.uid(), of the scan without a policy',
        wanted: 'at most 1.05 times',
        found: `${spread(wrappedCost)} times; of that by a constant ${number(constantCost.median)}`,
        met: wrappedCost.median <= 1.05,
      },
      {
        what: 'With an index, in every form',
        wanted: 'under 1 ms',
        found: `${number(indexed)} ms`,
        met: indexed < 1,
      },
    ],
  }
}
