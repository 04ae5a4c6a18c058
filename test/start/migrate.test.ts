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

t.test('takes a GoTrue environment file, and warns of what changes nothing', async (t) => {
  logged.length = 0
  await run({
    GOTRUE_SMTP_HOST: 'mail.example.com',
    GOTRUE_DB_DRIVER: 'postgres',
    GOTRUE_DB_DATABASE_URL: 'postgres://gotrue:secret@db/postgres',
    GOTRUE_API_HOST: '0.0.0.0',
    GOTRUE_LOG_LEVEL: 'debug',
    GOTRUE_MAILER_EXTERNAL_HOSTS: 'example.com',
    GOTRUE_OPERATOR_TOKEN: '',
    GOTRUE_MAILER_URLPATHS_INVITE: '',
    GOTRUE_SMS_TEMPLATE: '',
    GOTRUE_JWT_ADMIN_ROLES: '',
    GOTRUE_JWT_ADMIN_GROUP_NAME: '',
    GOTRUE_URI_ALLOW_LIST: '',
  })
  const warnings = logged.map((line) => JSON.parse(line)).filter((line) => line.level === 40)
  t.same(
    warnings.map((line) => line.msg),
    [
      'GOTRUE_DB_DATABASE_URL, GOTRUE_DB_DRIVER: not honoured. Each program has a login of its ' +
        'own, in DATABASE_URL, and sizes its own pool; the database is Postgres and the schema auth.',
      'GOTRUE_MAILER_EXTERNAL_HOSTS: not honoured. Links lead to api_external_url only: a header ' +
        'that a client sends must not choose where a reset link leads.',
    ],
  )
  t.match(await sql`select mailer_urlpaths_invite, sms_template from auth_private.settings`, [
    { mailer_urlpaths_invite: '/verify', sms_template: 'Your code is {{ .Code }}' },
  ])
})

t.test('tells unknown variables and bad values in one error, and changes nothing', async (t) => {
  const before = await sql`select * from auth_private.settings`
  const error = await run({
    GOTRUE_MAILER_AUTOCONFRM: 'true',
    GOTRUE_NONSENSE: '1',
    GOTRUE_SMS_TWILIO_VERIFI_AUTH_TOKEN: 'secret',
    GOTRUE_HOOK_BEFORE_USER_CREATED_URI: 'https://example.com/hook',
    GOTRUE_HOOK_SEND_EMAIL_SECRETS: 'canary',
    GOTRUE_SMTP_MAX_FREQUENCY: '90',
    GOTRUE_SITE_URL: 'https://other.example.com',
    GOTRUE_JWT_SECRET: 'short',
  }).catch((error: Error) => error)
  t.same((error as Error).message.split('\n'), [
    'GOTRUE_MAILER_AUTOCONFRM is no variable of GoTrue or pgtrue; did you mean GOTRUE_MAILER_AUTOCONFIRM?',
    'GOTRUE_NONSENSE is no variable of GoTrue or pgtrue',
    'GOTRUE_SMS_TWILIO_VERIFI_AUTH_TOKEN is no variable of GoTrue or pgtrue; did you mean ' +
      'GOTRUE_SMS_TWILIO_VERIFY_AUTH_TOKEN?',
    'Settings not changed: hook_before_user_created_uri may not be "https://example.com/hook". ' +
      'What is called before a user is made: pg-functions://postgres/schema/function. Not an ' +
      'https URL, as a transaction does not wait for another site: a function decides, and may ' +
      'write down what a program of yours is to do.',
    'hook_send_email_secrets may not be "…". Secrets that sign calls of an https hook, as ' +
      'v1,whsec_<base64>, several separated by |.',
    'smtp_max_frequency may not be "90". How long an address waits between mails of one kind. A ' +
      'duration, as 1m; 0 for none.',
    'GOTRUE_JWT_SECRET needs at least 32 bytes',
  ])
  t.same(await sql`select * from auth_private.settings`, before)
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
