// Installing needs no superuser: a role that may create roles, and owns its database, is enough.

import { pino } from 'pino'
import postgres from 'postgres'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { derivePassword, loginUrl } from '../../start/login.ts'
import { migrate } from '../../start/migrate.ts'
import { startTemporaryPostgres } from '../../start/postgres_temporary.ts'

// Roles belong to the whole server, so this takes a server of its own.
const log = pino({ level: 'fatal' })
const server = await startTemporaryPostgres(log)
t.teardown(() => server.close())

const superuser = postgres(server.url, { max: 1 })
await superuser`create role plain login createrole password 'plain password'`
await superuser`create database app owner plain`
await superuser.end()

const url = new URL(server.url)
url.username = 'plain'
url.password = 'plain%20password'
url.pathname = '/app'
const databaseUrl = url.href
const password = derivePassword(databaseUrl, 'authenticator')
const environment = { AUTHENTICATOR_PASSWORD: password, GOTRUE_MAILER_AUTOCONFIRM: 'true' }
const install = () => migrate({ databaseUrl, environment, log, uncommitted: true })

t.test('migrates, and serves a sign-up', async (t) => {
  await install()
  const gatewayUrl = loginUrl(databaseUrl, 'authenticator', password)
  const gateway = await startGateway({ databaseUrl: gatewayUrl, port: 0, log })
  t.teardown(() => gateway.close())

  const answer = await fetch(`${gateway.url}/signup`, {
    method: 'POST',
    body: JSON.stringify({ email: 'ann@example.com', password: 'correct horse battery' }),
  })
  t.match(
    [answer.status, await answer.json()],
    [200, { access_token: /^ey/, token_type: 'bearer', user: { email: 'ann@example.com' } }],
  )
})

t.test('migrates again, which changes nothing', async (t) => {
  const sql = postgres(databaseUrl, { max: 1 })
  t.teardown(() => sql.end())
  const picture = () => sql`
    select rolname, rolsuper, rolcreaterole, rolbypassrls, rolcanlogin, rolinherit,
      pg_catalog.shobj_description(oid, 'pg_authid') as comment
    from pg_catalog.pg_roles where rolname not like 'pg\_%' order by rolname
  `
  const before = await picture()
  await install()
  t.same(await picture(), before)
  t.match(await sql`select count(*)::int as users from auth.users`, [{ users: 1 }])
})
