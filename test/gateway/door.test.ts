// What every answer has in common, and what mailed links do when they are opened.

import { availableParallelism } from 'node:os'
import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { smtp_max_frequency: '0' })

t.test('says that it is well', async (t) => {
  for (const prefix of ['', '/auth/v1']) {
    const response = await fetch(`${stack.api}${prefix}/health`)
    t.equal(response.headers.get('content-type'), 'application/json')
    t.match([response.status, await response.json()], [200, { name: 'GoTrue', version: String }])
  }
})

t.test('shows the settings that clients may know', async (t) => {
  const settings = await (await fetch(`${stack.api}/settings`)).json()
  t.match(settings, {
    external: { email: true, phone: false, google: false },
    disable_signup: false,
    mailer_autoconfirm: false,
  })
  t.equal(Object.keys(settings.external).length, 26)
})

t.test('lets every origin in, with the headers that clients send', async (t) => {
  const preflight = await fetch(`${stack.api}/auth/v1/signup`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'apikey,authorization,content-type,x-client-info',
    },
  })
  t.equal(preflight.status, 204)
  t.match(Object.fromEntries(preflight.headers), {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': 'apikey,authorization,content-type,x-client-info',
  })

  const other = await fetch(`${stack.api}/auth/v1/signup`, {
    method: 'OPTIONS',
    headers: {
      origin: 'https://app.example.com',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'x-unheard-of',
    },
  })
  t.equal(other.status, 204)
  t.equal(other.headers.get('access-control-allow-headers'), null)

  const answer = await fetch(`${stack.api}/health`)
  t.match(answer.headers.get('access-control-expose-headers'), /X-Supabase-Api-Version/)
})

t.test('counts requests for Prometheus, without naming what was asked for', async (t) => {
  await fetch(`${stack.api}/verify?type=signup&token=canary-token`, { redirect: 'manual' })
  await fetch(`${stack.api}/canary-path`)
  const text = await (await fetch(`${stack.api}/metrics`)).text()
  t.match(
    text,
    /http_request_duration_seconds_count\{method="GET",route="\/verify",status="303"\} 1/,
  )
  t.match(text, /lane_waiting_requests\{lane="hash"\} 0/)
  t.notMatch(text, /canary/)
})

t.test('a HEAD request spends no link, whatever the mail program does', async (t) => {
  const link = await mailedLink('head@example.com')
  t.equal((await fetch(link, { method: 'HEAD', redirect: 'manual' })).status, 405)
  t.match(await location(link), /#access_token=/)
})

t.test(
  'with the confirmation page, opening changes nothing until the button is pressed',
  async (t) => {
    await stack.configure({ mailer_link_confirmation_page: 'true' })
    const link = await mailedLink('page@example.com')

    for (let opened = 0; opened < 2; opened++) {
      const page = await fetch(link)
      t.equal(page.status, 200)
      t.equal(page.headers.get('content-type'), 'text/html; charset=utf-8')
      t.match(await page.text(), /<button type="submit">Continue<\/button>/)
    }

    const html = await (await fetch(link)).text()
    const action = /action="([^"]+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    const target = new URL(action as string, link).href
    const pressed = await fetch(target, { method: 'POST', redirect: 'manual' })
    t.equal(pressed.status, 303)
    t.match(pressed.headers.get('location'), /#access_token=/)
    await stack.configure({ mailer_link_confirmation_page: 'false' })
  },
)

t.test('a storm of sign-ins is told to wait, and delays nobody else', async (t) => {
  await stack.configure({ mailer_autoconfirm: 'true' })
  await stack.sql`select auth.signup('storm@example.com', 'correct horse battery')`
  const body = JSON.stringify({ email: 'storm@example.com', password: 'wrong horse' })
  const storm = Array.from({ length: 70 * availableParallelism() }, () =>
    fetch(`${stack.api}/token?grant_type=password`, { method: 'POST', body }),
  )
  const health = await fetch(`${stack.api}/health`)
  t.equal(health.status, 200)

  const answers = await Promise.all(storm)
  const statuses = new Set(answers.map((answer) => answer.status))
  // On a slow machine some wait too long.
  statuses.delete(504)
  t.same([...statuses].sort(), [400, 429])
  const refused = answers.find((answer) => answer.status === 429)
  t.equal(refused?.headers.get('retry-after'), '1')
  t.match(await refused?.json(), { error_code: 'over_request_rate_limit' })
})

async function mailedLink(email: string): Promise<string> {
  await fetch(`${stack.api}/magiclink`, { method: 'POST', body: JSON.stringify({ email }) })
  return (await stack.inbox.next(email)).links[0] as string
}

async function location(link: string): Promise<string> {
  return (await fetch(link, { redirect: 'manual' })).headers.get('location') ?? ''
}
