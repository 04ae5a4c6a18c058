// S-19: looking at a link spends nothing: a mail scanner that opens it, or asks for its head, leaves
// it to the person. And who can't use the link has a code to type.

import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { smtp_max_frequency: '0', mailer_link_confirmation_page: true })
const email = 'ann@example.com'

async function mailed() {
  await fetch(`${stack.api}/magiclink`, { method: 'POST', body: JSON.stringify({ email }) })
  const mail = await stack.inbox.next(email)
  return { link: mail.links[0] as string, code: /\b\d{6}\b/.exec(mail.text)?.[0] }
}
const tokens = async () =>
  (await stack.sql`select count(*)::integer as n from auth.one_time_tokens`)[0]?.n

t.test('opened by ten scanners, a link still signs its owner in', async (t) => {
  const { link } = await mailed()
  for (let n = 0; n < 10; n++) {
    const method = n % 2 ? 'HEAD' : 'GET'
    const answer = await fetch(link, { method, redirect: 'manual' })
    t.ok([200, 405].includes(answer.status), method)
    t.equal(answer.headers.get('location'), null)
  }
  t.equal(await tokens(), 1)

  const page = await (await fetch(link)).text()
  const action = /action="([^"]+)"/.exec(page)?.[1]?.replaceAll('&amp;', '&') as string
  const pressed = await fetch(new URL(action, link), { method: 'POST', redirect: 'manual' })
  t.match([pressed.status, pressed.headers.get('location')], [303, /#access_token=/])
  t.equal(await tokens(), 0)
})

t.test('the code beside the link does as well', async (t) => {
  const { code } = await mailed()
  t.match(code, /^\d{6}$/)
  const body = JSON.stringify({ type: 'email', email, token: code })
  const answer = await fetch(`${stack.api}/verify`, { method: 'POST', body })
  t.match([answer.status, await answer.json()], [200, { access_token: String }])
})

t.test('HEAD spends nothing without the page, either', async (t) => {
  await stack.configure({ mailer_link_confirmation_page: false })
  const { link } = await mailed()
  await fetch(link, { method: 'HEAD', redirect: 'manual' })
  t.equal(await tokens(), 1)
  const opened = await fetch(link, { redirect: 'manual' })
  t.match(opened.headers.get('location'), /#access_token=/)
})
