// What a mail of each kind knows: these variables, and no others.

import t, { type Test } from 'tap'
import { type Answer, openUsers, password } from '../support/users.ts'

const { ask, join, mailTo, settings } = await openUsers(t, { smtp_max_frequency: '0' })

await settings({
  mailer_urlpaths_confirmation: '/c',
  mailer_urlpaths_invite: '/i',
  mailer_urlpaths_recovery: '/r',
  mailer_urlpaths_email_change: '/e',
})
const redirect_to = 'http://localhost:3000/in'
const service = { claims: { role: 'service_role' } }
const ann = await join('ann@example.com', { data: { name: 'Ann' } })

const about = (email: string, data = {}) => ({
  SiteURL: 'http://localhost:3000',
  Email: email,
  Data: data,
})
const toAnn = about('ann@example.com', { name: 'Ann', email_verified: true })

const linked = (path: string, type: string) => ({
  Token: /^\d{6}$/,
  TokenHash: /^[0-9a-f]{64}$/,
  RedirectTo: redirect_to,
  ConfirmationURL: new RegExp(
    `^http://localhost:9999${path}\\?token=[0-9a-f]{64}&type=${type}&redirect_to=${redirect_to}$`,
  ),
})

async function expectMail(t: Test, asked: Answer, email: string, expected: object) {
  t.equal(asked.status, 200)
  const mail = await mailTo(email)
  t.match(mail, expected)
  t.same(Object.keys(mail).sort(), Object.keys(expected).sort())
}

t.test('confirmation', async (t) => {
  const email = 'bob@example.com'
  const answer = await ask('signup', { email, password, data: { name: 'Bob' }, redirect_to })
  await expectMail(t, answer, email, {
    kind: 'confirmation',
    ...about(email, { name: 'Bob' }),
    ...linked('/c', 'signup'),
  })
})

t.test('invite', async (t) => {
  const email = 'cleo@example.com'
  await expectMail(t, await ask('invite', { email, redirect_to }, service), email, {
    kind: 'invite',
    ...about(email),
    ...linked('/i', 'invite'),
  })
})

t.test('recovery', async (t) => {
  const email = 'ann@example.com'
  await expectMail(t, await ask('recover', { email, redirect_to }), email, {
    kind: 'recovery',
    ...toAnn,
    ...linked('/r', 'recovery'),
  })
})

t.test('magic_link', async (t) => {
  const email = 'ann@example.com'
  await expectMail(t, await ask('otp', { email, redirect_to }), email, {
    kind: 'magic_link',
    ...toAnn,
    ...linked('/r', 'magiclink'),
  })
})

t.test('email_change, to each address its own', async (t) => {
  const email = 'ann@example.org'
  const answer = await ask('update_user', { email, redirect_to }, { as: ann })
  for (const address of [email, 'ann@example.com']) {
    await expectMail(t, answer, address, {
      kind: 'email_change',
      ...toAnn,
      ...linked('/e', 'email_change'),
      NewEmail: email,
      SendingTo: address,
    })
  }
  const tokens = [await mailTo(email), await mailTo('ann@example.com')].map((it) => it.TokenHash)
  t.not(tokens[0], tokens[1])
})

t.test('reauthentication, which has no link', async (t) => {
  await expectMail(t, await ask('reauthenticate', {}, { as: ann }), 'ann@example.com', {
    kind: 'reauthentication',
    ...toAnn,
    Token: /^\d{6}$/,
  })
})
