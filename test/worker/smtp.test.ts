// What the environment says of the mail server, and what is said where it is wrong.

import { spawnSync } from 'node:child_process'
import t from 'tap'
import { smtpFromEnvironment } from '../../worker/smtp.ts'

const enough = { SMTP_HOST: 'mail.example.com', SMTP_ADMIN_EMAIL: 'auth@example.com' }

t.test('reads the variables with and without the prefix; empty ones are missing', async (t) => {
  t.match(smtpFromEnvironment(enough), {
    host: 'mail.example.com',
    port: 587,
    user: undefined,
    secure: false,
    adminEmail: 'auth@example.com',
  })
  t.same(
    smtpFromEnvironment({
      SMTP_HOST: '',
      GOTRUE_SMTP_HOST: 'gotrue.example.com',
      GOTRUE_SMTP_PORT: '465',
      GOTRUE_SMTP_USER: 'ann',
      GOTRUE_SMTP_PASS: 'secret',
      GOTRUE_SMTP_ADMIN_EMAIL: 'auth@example.com',
      SMTP_SENDER_NAME: 'Example',
      GOTRUE_SMTP_HEADERS: '{"X-Kind": ["auth", "$messageType"]}',
      GOTRUE_SMTP_MAX_FREQUENCY: '1m',
    }),
    {
      host: 'gotrue.example.com',
      port: 465,
      user: 'ann',
      pass: 'secret',
      secure: true,
      adminEmail: 'auth@example.com',
      senderName: 'Example',
      headers: { 'X-Kind': ['auth', '$messageType'] },
    },
  )
})

t.test('tells all faults at once, without the password', async (t) => {
  const faults = () =>
    smtpFromEnvironment({ SMTP_PORT: '70000', SMTP_PASS: 'secret', SMTP_ADMIN_EMAIL: 'nobody' })
  t.throws(faults, {
    message: [
      'the mail server is not set up:',
      '  SMTP_HOST: the name or address of the mail server, as smtp.example.com',
      '  SMTP_PORT: a number from 1 to 65535; 587 if not set',
      '  SMTP_USER, SMTP_PASS: both, or neither where the server asks for no login',
      '  SMTP_ADMIN_EMAIL: the address that mail comes from, as no-reply@example.com',
    ].join('\n'),
  })
})

for (const [name, value] of [
  ['SMTP_HOST', 'smtp://mail.example.com'],
  ['SMTP_PORT', 'abc'],
  ['SMTP_PORT', '25.5'],
  ['SMTP_PORT', '0'],
  ['SMTP_USER', 'ann'],
  ['SMTP_ADMIN_EMAIL', 'Ann <ann@example.com>'],
  ['SMTP_HEADERS', 'X-Kind: auth'],
  ['SMTP_HEADERS', '["X-Kind"]'],
  ['SMTP_HEADERS', '{"X-Kind": "auth"}'],
  ['SMTP_HEADERS', '{"X Kind": ["auth"]}'],
  ['SMTP_HEADERS', '{"X-Kind": ["a\\r\\nBcc: eve@example.com"]}'],
  ['GOTRUE_SMTP_USERNAME', 'ann'],
] as const) {
  t.test(`refuses ${name}=${value}`, async (t) => {
    t.throws(() => smtpFromEnvironment({ ...enough, [name]: value }), {
      message: new RegExp(`^the mail server is not set up:\n  .*${name}`),
    })
  })
}

t.test('the program tells all that is wrong and ends', async (t) => {
  const run = spawnSync(process.execPath, ['--import=tsx', 'worker/main.ts'], {
    env: {
      PATH: process.env.PATH,
      LOG_LEVEL: 'loud',
      WORKER_DATABASE_URL: 'mysql://canary',
      GOTRUE_SMTP_PORT: 'x',
      GOTRUE_SMS_PROVIDER: 'messagebird',
    },
    encoding: 'utf8',
  })
  t.equal(run.status, 1)
  t.same(run.stderr.trimEnd().split('\n'), [
    'WORKER_DATABASE_URL is to look like postgres://user:password@host:5432/database',
    'LOG_LEVEL is "loud": it is one of trace, debug, info, warn, error, fatal, silent',
    'the mail server is not set up:',
    '  SMTP_HOST: the name or address of the mail server, as smtp.example.com',
    '  SMTP_PORT: a number from 1 to 65535; 587 if not set',
    '  SMTP_ADMIN_EMAIL: the address that mail comes from, as no-reply@example.com',
    'GOTRUE_SMS_PROVIDER=messagebird needs GOTRUE_SMS_MESSAGEBIRD_ACCESS_KEY, ' +
      'GOTRUE_SMS_MESSAGEBIRD_ORIGINATOR',
  ])
})
