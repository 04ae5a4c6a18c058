// SMS on their way from the outbox to each company that sends them.

import t from 'tap'
import { openSmsProvider, accounts } from '../support/sms.ts'
import { openPostOffice } from './post_office.ts'

const office = await openPostOffice(t)
const company = await openSmsProvider(t)
const { sql } = office
await office.work({ sms: company })

const phone = '4915112345678'
const text = 'Your code is 048213'
const form = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' }

/** Queues an SMS as auth_private.send_sms does. */
async function queue(provider: string, Channel = 'sms', template = 'Your code is {{ .Code }}') {
  await office.db.settings({ sms_provider: provider, sms_template: template })
  await sql`
    insert into auth_private.outbox (channel, kind, recipient, variables)
    values ('sms', 'confirmation', ${phone}, ${sql.json({ Code: '048213', Channel })})
  `
}

/** The one request that sent it, once the row is gone. */
async function request() {
  t.equal(await office.settled(phone, 1), undefined, 'it is sent')
  return company.posted.splice(0)
}

t.test('sends by Twilio', async (t) => {
  await queue('twilio')
  const login = `${accounts.twilio.ACCOUNT_SID}:${accounts.twilio.AUTH_TOKEN}`
  t.match(await request(), [
    {
      method: 'POST',
      path: `/2010-04-01/Accounts/${accounts.twilio.ACCOUNT_SID}/Messages.json`,
      headers: { ...form, authorization: `Basic ${Buffer.from(login).toString('base64')}` },
      form: {
        To: `+${phone}`,
        From: accounts.twilio.MESSAGE_SERVICE_SID,
        Channel: 'sms',
        Body: text,
      },
    },
  ])
})

t.test('sends to WhatsApp by Twilio', async (t) => {
  await queue('twilio', 'whatsapp')
  const [{ form } = { form: {} }] = await request()
  t.same(form, {
    To: `whatsapp:+${phone}`,
    From: accounts.twilio.MESSAGE_SERVICE_SID,
    Channel: 'whatsapp',
    Body: text,
  })
})

t.test('sends by MessageBird', async (t) => {
  company.answers({ status: 201, body: { id: 'a', recipients: { totalSentCount: 1 } } })
  await queue('messagebird')
  t.match(await request(), [
    {
      method: 'POST',
      path: '/messages',
      headers: { ...form, authorization: 'AccessKey canary-key' },
      form: {
        originator: 'pgtrue',
        recipients: phone,
        body: text,
        type: 'sms',
        datacoding: 'unicode',
      },
    },
  ])
})

t.test('sends by Vonage, with its type where the text is not plain', async (t) => {
  company.answers({ body: { messages: [{ status: '0', 'message-id': 'a' }] } })
  const plain = {
    from: 'pgtrue',
    to: phone,
    text,
    api_key: 'canary-key',
    api_secret: 'canary-secret',
  }
  await queue('vonage')
  const [sent] = await request()
  t.match(sent, { method: 'POST', path: '/sms/json', headers: form })
  t.same(sent?.form, plain)

  await queue('vonage', 'sms', 'Für dich: {{ .Code }}')
  const [other] = await request()
  t.same(other?.form, { ...plain, text: 'Für dich: 048213', type: 'unicode' })
})

t.test('sends by Textlocal', async (t) => {
  company.answers({ body: { status: 'success', messages: [{ id: '1' }] } })
  await queue('textlocal')
  const [sent] = await request()
  t.match(sent, { method: 'POST', path: '/send', headers: form })
  t.same(sent?.form, { sender: 'PGTRUE', numbers: phone, message: text, apikey: 'canary-key' })
})

t.test('a broken template never holds a code back', async (t) => {
  company.answers()
  await queue('twilio', 'sms', '{{ if .Code }}')
  const [sent] = await request()
  t.equal(sent?.form.Body, text)
  t.match(office.logged.join(''), 'sms_template is broken')
})

t.test('a decoy is sent to nobody', async (t) => {
  await sql`
    insert into auth_private.outbox (channel, kind, recipient) values ('sms', 'decoy', ${phone})
  `
  t.equal(await office.settled(phone, 1), undefined)
  t.same(company.posted, [])
})
