// What `migrate` makes of the environment: settings, the JWT secret, passwords of the logins.

import { pino } from 'pino'
import postgres from 'postgres'
import t from 'tap'
import { derivePassword, loginUrl } from '../../start/login.ts'
import { migrate } from '../../start/migrate.ts'
import { startTemporaryPostgres } from '../../start/postgres_temporary.ts'

const logged: string[] = []
const log = pino({ level: 'debug' }, { write: (line) => void logged.push(line) })

// Roles belong to the whole server, so this takes a server of its own.
const server = await startTemporaryPostgres(log)
t.teardown(() => server.close())
const sql = postgres(server.url, { max: 1 })
t.teardown(() => sql.end())
const run = (environment: Record<string, string | undefined>) =>
  migrate({ databaseUrl: server.url, environment, log, uncommitted: true })

t.test('a login role of somebody else keeps its password', async (t) => {
  await sql`create role authenticator login password 'theirs'`
  await t.rejects(run({ AUTHENTICATOR_PASSWORD: 'ours' }), {
    message: /^The role authenticator was there before pgtrue.*Set GATEWAY_DATABASE_URL to a URL/,
  })
  await run({ AUTHENTICATOR_PASSWORD: 'theirs' })
  await sql`drop owned by authenticator`
  await sql`drop role authenticator`
})

t.test('our login roles get the password, which no log and no statement ever holds', async (t) => {
  await sql`alter system set log_statement = 'all'`
  await sql`select pg_reload_conf()`
  const password = derivePassword(server.url, 'authenticator') as string
  t.match(password, /^[0-9a-f]{64}$/)
  await run({ AUTHENTICATOR_PASSWORD: password, AUTH_WORKER_PASSWORD: 'second secret' })

  for (const [role, secret] of [
    ['authenticator', password],
    ['auth_worker', 'second secret'],
  ] as const) {
    const login = postgres(loginUrl(server.url, role, secret), { max: 1 })
    t.match(await login`select current_user as role`, [{ role }])
    await login.end()
  }
  t.ok(logged.some((line) => line.includes('alter role authenticator password')))
  t.notOk(logged.some((line) => line.includes(password) || line.includes('second secret')))
})

t.test('maps variables to settings by their names', async (t) => {
  await run({
    API_EXTERNAL_URL: 'https://api.example.com',
    GOTRUE_SITE_URL: 'https://example.com',
    GOTRUE_URI_ALLOW_LIST: 'https://a.example.com/*, https://b.example.com',
    GOTRUE_MAILER_AUTOCONFIRM: 'true',
    GOTRUE_SMTP_MAX_FREQUENCY: '90s',
    GOTRUE_JWT_SECRET: 's'.repeat(40),
  })
  t.match(
    await sql`
      select api_external_url, site_url, uri_allow_list, mailer_autoconfirm,
        extract(epoch from smtp_max_frequency)::int as seconds, auth_private.jwt_secret() as secret
      from auth_private.settings
    `,
    [
      {
        api_external_url: 'https://api.example.com',
        site_url: 'https://example.com',
        uri_allow_list: ['https://a.example.com/*', 'https://b.example.com'],
        mailer_autoconfirm: true,
        seconds: 90,
        secret: 's'.repeat(40),
      },
    ],
  )
})

t.test('names what it does not know, and leaves alone what is not for the database', async (t) => {
  logged.length = 0
  await run({
    GOTRUE_SMS_TWILIO_MAGIC: 'x',
    GOTRUE_NONSENSE: '1',
    GOTRUE_SMTP_HOST: 'mail.example.com',
    GOTRUE_DB_DRIVER: 'postgres',
    GOTRUE_API_HOST: '0.0.0.0',
    GOTRUE_LOG_LEVEL: 'debug',
  })
  const warnings = logged.map((line) => JSON.parse(line)).filter((line) => line.level === 40)
  t.same(
    warnings.map((line) => line.msg),
    ['not supported yet, ignored: GOTRUE_NONSENSE, GOTRUE_SMS_TWILIO_MAGIC'],
  )
})

t.test('tells all bad values in one error, and then changes nothing', async (t) => {
  const before = await sql`select * from auth_private.settings`
  const error = await run({
    API_EXTERNAL_URL: 'nowhere',
    GOTRUE_MAILER_OTP_EXP: 'soon',
    GOTRUE_JWT_SECRET: 'short',
    GOTRUE_SITE_URL: 'https://other.example.com',
  }).catch((error: Error) => error)
  t.match(error, {
    message:
      /api_external_url may not be "nowhere".*\n.*mailer_otp_exp.*"soon".*\n.*GOTRUE_JWT_SECRET/,
  })
  t.same(await sql`select * from auth_private.settings`, before)
})

t.test('two at once wait for each other', async (t) => {
  await sql`create database fresh`
  const url = new URL(server.url)
  url.pathname = '/fresh'
  const both = [1, 2].map(() =>
    migrate({ databaseUrl: url.href, environment: {}, log, uncommitted: true }),
  )
  await t.resolves(Promise.all(both))
})
