// Subjects and templates of the settings: fetched from a web server, which may be ill.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { until } from '../support/until.ts'
import { openPostOffice, variables } from './post_office.ts'

const office = await openPostOffice(t)
const { settings } = office.db
const asked: string[] = []
const good = { status: 200, body: '<p>Ours: {{ .Token }} for {{ .Data.name }}</p>' }
let answer: { status: number; body: string } | 'hang' = good

const web = createServer((request, response) => {
  asked.push(request.url ?? '')
  if (answer === 'hang') return
  response.writeHead(answer.status).end(answer.body)
})
web.listen(0, '127.0.0.1')
await once(web, 'listening')
t.teardown(() => {
  web.closeAllConnections()
  web.close()
})
const url = `http://127.0.0.1:${(web.address() as AddressInfo).port}`
await settings({ mailer_template_max_age: '1h' })
await office.work()

let last = 0
/** The mail of this kind as it arrives now. */
async function arrives(kind: string, changes = {}) {
  const to = `person${++last}@example.com`
  await office.queue(to, kind, changes)
  const { subject, html } = await office.next(to)
  return { subject, html: (html || '').trim() }
}
const ours = '<p>Ours: 048213 for Ann</p>'
const faults = () => office.logged.filter((line) => line.includes('template not fetched')).length

t.test('a subject of the settings goes with the built-in body, and the other way', async (t) => {
  await settings({ mailer_subjects_recovery: 'Hello {{ .Data.name }}' })
  t.match(await arrives('recovery'), { subject: 'Hello Ann', html: /Reset your password/ })
  await settings({ mailer_templates_invite: `${url}/invite.html` })
  t.same(await arrives('invite'), { subject: "You've been invited", html: ours })
  t.same(asked, ['/invite.html'])
})

t.test('a path is below site_url; nothing is fetched that is still fresh', async (t) => {
  asked.length = 0
  await settings({ site_url: `${url}/app/`, mailer_templates_confirmation: '/mails/confirm.html' })
  for (let i = 0; i < 3; i++) t.match(await arrives('confirmation'), { html: ours })
  t.same(asked, ['/app/mails/confirm.html'])
  await settings({ site_url: `${url}/app`, mailer_templates_confirmation: 'mails/confirm.html' })
  await arrives('confirmation')
  t.same(asked, ['/app/mails/confirm.html'])
})

t.test('a row goes before the settings, the one for the language first', async (t) => {
  const { sql } = office
  await sql`select auth.set_template('recovery', 'Row', '<p>row</p>')`
  await sql`select auth.set_template('recovery', 'Zeile', '<p>Zeile</p>', locale => 'de')`
  await settings({ mailer_templates_recovery: `${url}/recovery.html` })
  t.same(await arrives('recovery', { locale: 'de' }), { subject: 'Zeile', html: '<p>Zeile</p>' })
  t.same(await arrives('recovery', { locale: 'fr' }), { subject: 'Row', html: '<p>row</p>' })
  await sql`select auth.set_template('recovery', null, null)`
  t.same(await arrives('recovery', { locale: 'fr' }), { subject: 'Hello Ann', html: ours })
  t.same(await arrives('recovery', { locale: 'de' }), { subject: 'Zeile', html: '<p>Zeile</p>' })
})

for (const [title, said] of [
  ['is not there', { status: 404, body: 'gone' }],
  ['is larger than allowed', { status: 200, body: `<p>${'x'.repeat(2000)}</p>` }],
  ['is broken', { status: 200, body: '<p>{{ if .Token }}</p>' }],
] as const) {
  t.test(`a template that ${title} gives way to the built-in`, async (t) => {
    answer = said
    const before = faults()
    await settings({
      mailer_template_max_size: 1000,
      mailer_templates_magic_link: `${url}/${title.replaceAll(' ', '-')}?token=canary`,
    })
    t.match(await arrives('magic_link'), { subject: 'Your sign-in link', html: /<h1.*Sign in/s })
    t.equal(faults(), before + 1)
    answer = good
  })
}

t.test('after the retry interval it is fetched again', async (t) => {
  await settings({
    mailer_template_retry_interval: '1ms',
    mailer_templates_magic_link: `${url}/later.html`,
  })
  answer = { status: 500, body: '' }
  t.match(await arrives('magic_link'), { html: /<h1/ })
  answer = good
  await until(async () => (await arrives('magic_link')).html === ours)
  await settings({ mailer_template_retry_interval: '1h' })
})

t.test('an old copy is used while there is no new one', async (t) => {
  await settings({
    mailer_template_max_age: '1ms',
    mailer_templates_email_change: `${url}/change.html`,
  })
  t.match(await arrives('email_change'), { html: ours })
  answer = { status: 503, body: '' }
  for (let i = 0; i < 3; i++) t.match(await arrives('email_change'), { html: ours })
  answer = { status: 200, body: '<p>New</p>' }
  asked.length = 0
  t.match(await arrives('email_change'), { html: ours }, 'until the retry interval has passed')
  t.same(asked, [])
  answer = good
})

t.test('a web server that hangs holds up no mail but those that wait for it', async (t) => {
  answer = 'hang'
  await settings({ mailer_templates_reauthentication: `${url}/hangs.html` })
  await office.queue('waits@example.com', 'reauthentication')
  await until(() => asked.includes('/hangs.html'))
  t.match(await arrives('password_changed_notification'), { subject: 'Your password was changed' })
  const waiting = await office.db
    .sql`select from auth_private.outbox where recipient = 'waits@example.com'`
  t.equal(waiting.length, 1, 'which is still to be sent')
  web.closeAllConnections()
  const mail = await office.next('waits@example.com')
  t.match(mail.html, variables.Token, 'and these get the built-in')
  answer = good
})

t.test('the log says which template and why, without a query', async (t) => {
  const log = office.logged.join('')
  t.match(log, /is-not-there".*"reason":"it answered 404"/)
  t.match(log, /"reason":"it has more than 1000 bytes"/)
  t.match(log, /"reason":"\{\{ if \}\} without \{\{ end \}\}"/)
  t.match(log, /using the copy from before/)
  t.notMatch(log, /canary/)
})
