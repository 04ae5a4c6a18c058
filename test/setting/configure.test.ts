// Changing settings.

import type { JSONValue } from 'postgres'
import t from 'tap'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)

async function configure(changes: Record<string, JSONValue>): Promise<Record<string, JSONValue>> {
  const [row] = await sql`select auth.configure(${sql.json(changes)}) as settings`
  return row?.settings
}
const refused = (...faults: string[]) => ({
  code: 'PT400',
  detail: 'validation_failed',
  message: `Settings not changed: ${faults.join('\n')}`,
})

t.test('changes settings by name, and shows all of them', async (t) => {
  const settings = await configure({ site_url: 'https://app.example.com', jwt_exp: 60 })
  t.match(settings, {
    site_url: 'https://app.example.com',
    jwt_exp: 60,
    api_external_url: 'http://localhost:9999',
    mailer_autoconfirm: false,
  })
  t.ok(Object.keys(settings).length > 30)
  t.notOk('singleton' in settings)
})

t.test('nothing asked, nothing changed', async (t) => {
  t.same(await configure({}), await configure({}))
})

t.test('reads values as an environment file writes them', async (t) => {
  const cases: [string, JSONValue, JSONValue][] = [
    ['mailer_autoconfirm', 'true', true],
    ['mailer_autoconfirm', 'false', false],
    ['mailer_autoconfirm', '1', true],
    ['mailer_autoconfirm', false, false],
    ['jwt_exp', '3600', 3600],
    ['smtp_max_frequency', '1m30s', '00:01:30'],
    ['smtp_max_frequency', '2h', '02:00:00'],
    ['smtp_max_frequency', '500ms', '00:00:00.5'],
    ['smtp_max_frequency', '0', '00:00:00'],
    ['smtp_max_frequency', '1m', '00:01:00'],
    ['smtp_max_frequency', '1h15m30.5s', '01:15:30.5'],
    ['smtp_max_frequency', '+1.5h', '01:30:00'],
    ['smtp_max_frequency', '250us', '00:00:00.00025'],
    ['smtp_max_frequency', '250µs', '00:00:00.00025'],
    ['smtp_max_frequency', '2000000ns', '00:00:00.002'],
    ['smtp_max_frequency', '.5s', '00:00:00.5'],
    ['smtp_max_frequency', '2 minutes', '00:02:00'],
    ['smtp_max_frequency', 0, '00:00:00'],
    ['mailer_autoconfirm', 't', true],
    ['mailer_autoconfirm', 'TRUE', true],
    ['mailer_autoconfirm', 'F', false],
    ['mailer_autoconfirm', '0', false],
    [
      'sms_test_otp',
      '15551234567:123456,15557654321:654321',
      '15551234567:123456,15557654321:654321',
    ],
    ['sms_test_otp', '', ''],
    ['sessions_timebox', '7 days', '7 days'],
    ['sessions_timebox', '720h', '720:00:00'],
    ['sessions_timebox', '', null],
    ['sessions_timebox', '1h', '01:00:00'],
    ['sessions_timebox', null, null],
    ['uri_allow_list', 'https://a.example/**, myapp://**,', ['https://a.example/**', 'myapp://**']],
    ['uri_allow_list', ['https://{a,b}.example'], ['https://{a,b}.example']],
    ['uri_allow_list', '', []],
    ['uri_allow_list', ['x'], ['x']],
    ['uri_allow_list', null, []],
    ['db_schemas', 'public, api', ['public', 'api']],
    ['jwt_issuer', 'x', 'x'],
    ['jwt_issuer', '', ''],
    ['password_required_characters', 'abc:123', 'abc:123'],
  ]
  for (const [name, value, expected] of cases) {
    const settings = await configure({ [name]: value })
    t.same(settings[name], expected, `${name} ${JSON.stringify(value)}`)
  }
})

t.test('tells all faults together, with what is allowed, and changes nothing', async (t) => {
  const before = await configure({})
  await t.rejects(
    configure({ jwt_exp: 0, site_url: 'no url', colour: 'red', mailer_otp_length: 'six' }),
    refused(
      'colour is not a setting',
      'jwt_exp may not be "0". Life of an access token in seconds, above 0.',
      'mailer_otp_length may not be "six". Digits of a mailed code, 6 to 10.',
      'site_url may not be "no url". The application\'s URL: where links lead when no other ' +
        'allowed target is named. A URL with a scheme.',
    ),
  )
  t.same(await configure({}), before)
})

t.test('refuses what a setting can not be', async (t) => {
  const cases: Record<string, JSONValue[]> = {
    site_url: ['', null, 'app.example.com', '/x'],
    api_external_url: ['', 'ftp://a', 'https://', 'https:///x', 'myapp://x'],
    mailer_autoconfirm: ['', 'perhaps', null, 2],
    jwt_exp: ['', '1h', -1, 0, '1e9', 99999999999, null],
    jwt_default_group_name: ['', null],
    password_hash_cost: [9, 17, 6],
    password_min_length: [5, 73],
    mailer_otp_length: [5, 11],
    mailer_otp_exp: [0],
    mailer_otp_max_attempts: [0, 101],
    mailer_urlpaths_recovery: ['verify', ''],
    smtp_max_frequency: ['-1s', 'soon', '', null, '90', 90, '1m30', '1x', 'infinity', '1h-2m'],
    sms_provider: ['twilio_verify', 'pigeon'],
    sms_test_otp: ['15551234567', 'a:b'],
    hook_custom_access_token_uri: ['https://example.com', 'pg-functions://postgres/public/a-b'],
    hook_send_email_uri: ['http://example.com', 'ftp://example.com', 'example.com'],
    sessions_timebox: ['0', '-1h', 'x'],
    security_refresh_token_reuse_interval: [-1],
    external_flow_state_expiry_duration: ['4m59s'],
    db_schemas: ['', 'auth', 'public,auth_private', 'pg_catalog', []],
    uri_allow_list: [5, true, { a: 1 }, '[z-a]', 'https://[a-[b].example'],
    singleton: [true, false],
    ctid: ['(0,1)'],
    'site_url = site_url; drop table auth.users; --': ['x'],
    '': ['x'],
  }
  const before = await configure({})
  for (const [name, values] of Object.entries(cases)) {
    for (const value of values) {
      await t.rejects(
        configure({ [name]: value }),
        { code: 'PT400', message: `Settings not changed: ${name}` },
        `${name} ${JSON.stringify(value)}`,
      )
    }
  }
  t.same(await configure({}), before)
})

t.test('a refused secret is not repeated', async (t) => {
  for (const name of ['hook_send_email_secrets', 'hook_send_sms_secrets']) {
    const fault = await configure({ [name]: 'canary' }).catch((error: Error) => error.message)
    t.match(fault, `Settings not changed: ${name} may not be "…".`)
    t.notMatch(fault, 'canary')
  }
})

t.test('values are data, whatever they contain', async (t) => {
  const odd = "'; drop table auth.users; -- $1 %s \\"
  t.equal((await configure({ jwt_issuer: odd })).jwt_issuer, odd)
  await configure({ jwt_issuer: '' })
})

t.test('is for the owner', async (t) => {
  for (const role of ['anon', 'authenticated', 'service_role']) {
    const attempt = sql.begin(async (sql) => {
      await sql`set local role ${sql(role)}`
      await sql`select auth.configure('{"jwt_exp": 1}')`
    })
    await t.rejects(attempt, { code: '42501' }, role)
  }
})

t.test('gateways are told that something changed, but not what', async (t) => {
  const heard = new Promise<string>((resolve) => {
    void sql.listen('pgtrue_gateway', resolve).then(() => configure({ jwt_exp: 3600 }))
  })
  t.equal(await heard, '')
})
