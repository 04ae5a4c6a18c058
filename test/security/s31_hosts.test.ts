// S-31: links lead to the configured address, whatever host a request says it was sent to.

import { request } from 'node:http'
import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { smtp_max_frequency: '0', site_url: 'https://app.example.com' })
const evil = 'evil.example.net'
const headers = {
  host: evil,
  'x-forwarded-host': evil,
  'x-forwarded-proto': 'http',
  'x-forwarded-server': evil,
  'x-forwarded-prefix': `//${evil}`,
  'x-original-url': `//${evil}/`,
  'x-rewrite-url': `//${evil}/`,
  'x-host': evil,
  forwarded: `host=${evil};proto=http`,
  referer: `https://${evil}/`,
  origin: `https://${evil}`,
  redirect_to: `https://${evil}/`,
}

function post(path: string, body: object): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(`${stack.api}${path}`, { method: 'POST', headers }, (response) => {
      let text = JSON.stringify(response.headers)
      response.on('data', (part) => (text += part)).on('end', () => resolve(text))
    })
    sent.on('error', reject)
    sent.end(JSON.stringify(body))
  })
}

t.test('neither a mail nor an answer names a host of the request’s', async (t) => {
  const requests: [string, object][] = [
    ['/signup', { password: 'correct horse battery' }],
    ['/magiclink', {}],
    ['/otp', {}],
    ['/recover', {}],
    ['/resend', { type: 'signup' }],
  ]
  for (const [path, body] of requests) {
    const answer = await post(path, { email: 'ann@example.com', ...body })
    t.notMatch(answer, evil, path)
    const mail = await stack.inbox.next('ann@example.com')
    const link = new URL(mail.links[0] as string)
    t.equal(link.origin, stack.api, path)
    t.notMatch(mail.html + mail.text + mail.subject, evil, path)
    t.equal(link.searchParams.get('redirect_to'), 'https://app.example.com')
  }
})

t.test('nor does following the link lead there', async (t) => {
  await post('/magiclink', { email: 'ann@example.com' })
  const link = (await stack.inbox.next('ann@example.com')).links[0] as string
  const followed = await fetch(link, { redirect: 'manual', headers: { 'x-forwarded-host': evil } })
  t.match(followed.headers.get('location'), /^https:\/\/app\.example\.com#access_token/)
})
