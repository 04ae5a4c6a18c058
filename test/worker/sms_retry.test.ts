// SMS that cannot be sent: tried again while the code is good, or given up where a person sees it.

import t from 'tap'
import { accounts, openSmsProvider, type SmsAnswer } from '../support/sms.ts'
import { createClock } from '../support/time.ts'
import { until } from '../support/until.ts'
import { openPostOffice } from './post_office.ts'

const office = await openPostOffice(t)
const company = await openSmsProvider(t)
const { sql } = office
const timePasses = await createClock(sql)
await office.work({ sms: company })
let last = 4915100000000

/** Queues an SMS and tells what became of the first attempt. */
async function attempt(provider: string, Channel = 'sms') {
  const phone = String(++last)
  await office.db.settings({ sms_provider: provider })
  await sql`
    insert into auth_private.outbox (channel, kind, recipient, variables)
    values ('sms', 'confirmation', ${phone}, ${sql.json({ Code: '048213', Channel })})
  `
  const { parked, last_error } = (await office.settled(phone, 1)) ?? {}
  return { phone, parked, error: last_error }
}

const quoting = (name: string, said: string) =>
  `${name}, ${said.replace(/PHONE|CODE|canary-\w+/g, '…')}`

const cases: [string, SmsAnswer, boolean, string][] = [
  [
    'twilio',
    { status: 400, body: { code: 21211, message: 'no number: +PHONE, CODE' } },
    true,
    '400, 21211: no number: …, …',
  ],
  ['twilio', { status: 429, body: { code: 20429, message: 'busy' } }, false, '429, 20429: busy'],
  ['twilio', { status: 401, body: { code: 20003, message: 'who?' } }, false, '401, 20003: who?'],
  ['twilio', { status: 503, body: 'oh' }, false, '503, undefined: undefined'],
  [
    'twilio',
    { status: 201, body: { status: 'failed', error_code: 30006, error_message: 'landline' } },
    true,
    'failed, 30006: landline',
  ],
  [
    'messagebird',
    { status: 422, body: { errors: [{ code: 10, description: 'canary-key is invalid' }] } },
    true,
    '422, 10: … is invalid',
  ],
  [
    'messagebird',
    { status: 401, body: { errors: [{ code: 2, description: 'no access' }] } },
    false,
    '401, 2: no access',
  ],
  ['messagebird', { body: { recipients: { totalSentCount: 0 } } }, true, 'sent to nobody'],
  [
    'vonage',
    { body: { messages: [{ status: '1', 'error-text': 'Throttled' }] } },
    false,
    'status 1: Throttled',
  ],
  [
    'vonage',
    { body: { messages: [{ status: '6', 'error-text': 'to +49 (151) 0000-0000 not sent' }] } },
    true,
    'status 6: to … not sent',
  ],
  ['vonage', { body: '<html>' }, false, 'an answer without a status'],
  ['vonage', { status: 502, body: 'x' }, false, '502'],
  [
    'textlocal',
    { body: { status: 'failure', errors: [{ code: 3, message: 'Invalid login details' }] } },
    false,
    '3: Invalid login details',
  ],
  [
    'textlocal',
    { body: { status: 'failure', errors: [{ code: 80, message: 'Invalid template' }] } },
    true,
    '80: Invalid template',
  ],
  ['textlocal', { body: 'null' }, false, 'an answer without a status'],
  ['twilio', { status: 307, headers: { location: 'http://127.0.0.1:1/' } }, false, '307, '],
]

for (const [provider, answer, parked, error] of cases) {
  t.test(`${provider} says ${error}: ${parked ? 'given up' : 'tried again'}`, async (t) => {
    const said = JSON.stringify(answer)
      .replace('PHONE', String(last + 1))
      .replace('CODE', '048213')
    company.answers(JSON.parse(said))
    const became = await attempt(provider)
    t.equal(became.parked, parked)
    t.ok(became.error?.startsWith(quoting(provider, error)), became.error ?? 'no error')
  })
}

t.test('a 429 is sent on the next attempt', async (t) => {
  company.answers({ status: 429, body: {} })
  const { phone } = await attempt('twilio')
  company.answers()
  await office.letTimePass()
  t.equal(await office.settled(phone, 2), undefined)
})

t.test('is not tried again once the code has expired', async (t) => {
  company.answers({ status: 503 })
  const { phone } = await attempt('twilio')
  for (const [attempt, parked] of [
    [2, false],
    [3, true],
  ] as const) {
    await timePasses('25 seconds')
    await office.letTimePass()
    t.match(await office.settled(phone, attempt), { parked })
  }
})

t.test('an SMS that no worker took in time is given up unsent', async (t) => {
  company.posted.length = 0
  const closed = await openPostOffice(t)
  await closed.db.settings({ sms_provider: 'twilio' })
  await closed.sql`
    insert into auth_private.outbox (channel, kind, recipient, variables, created_at)
    values ('sms', 'confirmation', '491', '{"Code": "048213", "Channel": "sms"}',
      now() - interval '61 seconds')
  `
  await closed.work({ sms: company })
  const parked = async () => closed.sql`select from auth_private.outbox where parked_at <= now()`
  await until(async () => (await parked()).length > 0)
  t.match(await closed.settled('491', 0), {
    parked: true,
    last_error: 'the code expired before the SMS was sent',
  })
  t.same(company.posted, [])
})

t.test('a company that cannot be reached is tried again', async (t) => {
  const away = await openPostOffice(t)
  await away.db.settings({ sms_provider: 'twilio' })
  await away.work({ sms: { accounts, url: 'http://127.0.0.1:1' } })
  await away.sql`
    insert into auth_private.outbox (channel, kind, recipient, variables)
    values ('sms', 'confirmation', '491', '{"Code": "048213", "Channel": "sms"}')
  `
  t.match(await away.settled('491', 1), { parked: false, last_error: /ECONNREFUSED|bad port/ })
})

t.test('keys that lack are told, at the start and where it fails', async (t) => {
  const poor = await openPostOffice(t)
  await poor.db.settings({ sms_provider: 'twilio' })
  await poor.work({ sms: { accounts: { twilio: { ACCOUNT_SID: 'AC1' } } } })
  const missing = ['GOTRUE_SMS_TWILIO_AUTH_TOKEN', 'GOTRUE_SMS_TWILIO_MESSAGE_SERVICE_SID']
  t.match(
    poor.logged.map((line) => JSON.parse(line)),
    [{ provider: 'twilio', missing, msg: 'cannot send SMS by this account' }],
  )
  const send = async (phone: string) => {
    await poor.sql`
      insert into auth_private.outbox (channel, kind, recipient, variables)
      values ('sms', 'confirmation', ${phone}, '{"Code": "048213", "Channel": "sms"}')
    `
    return poor.settled(phone, 1)
  }
  t.match(await send('491'), {
    parked: false,
    last_error: `twilio: the worker lacks ${missing.join(', ')}`,
  })
  await poor.db.settings({ sms_provider: '' })
  t.match(await send('492'), { parked: false, last_error: /^sms_provider is ""/ })
})

t.test('WhatsApp is not sent by who has none', async (t) => {
  t.match(await attempt('vonage', 'whatsapp'), {
    parked: true,
    error: 'vonage does not send by …',
  })
})

t.test('neither numbers, codes nor keys are logged', async (t) => {
  t.ok(office.logged.length > 20)
  t.notMatch(office.logged.join(''), /49151\d+|048213|canary/)
})
