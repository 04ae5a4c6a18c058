// `npx pgtrue lint`, as a process of its own.

import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { openDatabase } from '../support/database.ts'

const { sql, url, gatewayUrl } = await openDatabase(t)
const program = fileURLToPath(new URL('../../bin/pgtrue.js', import.meta.url))

type Ended = { status: number | string; said: string; complained: string }

const pgtrue = (args: string[], DATABASE_URL: string | undefined = url) =>
  new Promise<Ended>((resolve) => {
    const env = { ...process.env, DATABASE_URL }
    execFile(process.execPath, [program, ...args], { env }, (error, said, complained) =>
      resolve({ status: error?.code ?? 0, said: said.trim(), complained: complained.trim() }),
    )
  })

t.test('ends with 0 where there is nothing to mend', async (t) => {
  t.match(await pgtrue(['lint', '--strict']), { status: 0, said: 'Nothing to mend.' })
})

t.test('ends with 1 for errors, and for warnings when asked to', async (t) => {
  await sql`create function f() returns integer language sql return 1`
  const warning = `warning: public.f() (function_for_public)
  PUBLIC may execute it, as by default: every role can call it, over the API too.
  revoke execute on function public.f() from public; grant execute on function public.f() to authenticated;

0 errors, 1 warning`
  t.match(await pgtrue(['lint']), { status: 0, said: warning })
  t.match(await pgtrue(['lint', '--strict']), { status: 1, said: warning })

  await sql`create table t (id bigint)`
  await sql`grant select on t to anon`
  const ended = await pgtrue(['lint', '--json'])
  t.equal(ended.status, 1)
  t.match(JSON.parse(ended.said), [
    { severity: 'error', rule: 'table_without_rls', object: 'public.t' },
    { severity: 'warning', rule: 'function_for_public', object: 'public.f()' },
  ])
})

t.test('ends with 2 where it could not look, and says why', async (t) => {
  const failures: [string[], string | undefined, RegExp][] = [
    [[], url, /^Usage: /],
    [['mend'], url, /^Usage: /],
    [['lint', '--fast'], url, /Unknown option '--fast'/],
    [['lint'], '', /^DATABASE_URL is missing or no URL\./],
    [['lint'], gatewayUrl, /^can not look into the database: permission denied for function lint$/],
    [
      ['lint'],
      'postgres://nobody@127.0.0.1:1/none',
      /^can not look into the database: .*ECONNREFUSED/,
    ],
  ]
  for (const [args, databaseUrl, complaint] of failures) {
    const ended = await pgtrue(args, databaseUrl)
    t.match(ended, { status: 2, said: '', complained: complaint }, args.join(' '))
  }
  t.match(await pgtrue(['lint', '--help']), { status: 0, said: /^Usage: / })
})
