// Captchas: a server of our own stands in for hCaptcha and Turnstile.

import t from 'tap'
import { routes } from '../../gateway/routes.ts'
import { openClient, openGateway } from '../support/gateway.ts'
import { openSite } from '../support/site.ts'
import { openUsers, password } from '../support/users.ts'

const provider = await openSite(t)
const settings = {
  security_captcha_enabled: true,
  security_captcha_secret: ' the secret ',
  security_captcha_timeout: '300ms',
}
const users = await openUsers(t, settings)
const { url } = await openGateway(t, users, { captchaUrl: `${provider.url}/siteverify` })
const client = openClient(url)

const solved = (captcha_token: unknown, more = {}) => ({
  email: 'ann@example.com',
  password,
  ...more,
  gotrue_meta_security: { captcha_token },
})
const failed = (codes: string) => ({
  status: 400,
  body: {
    code: 400,
    error_code: 'captcha_failed',
    msg: `captcha protection: request disallowed (${codes})`,
  },
})
const unverified = {
  status: 500,
  body: { error_code: 'unexpected_failure', msg: 'captcha verification process failed' },
}
const gated = routes.filter((route) => route.captcha)
const pathOf = ({ path, grant }: (typeof routes)[number]) =>
  path + (grant ? `?grant_type=${grant}` : '')

t.test(
  'who has solved it passes; the provider is sent secret, response and remoteip',
  async (t) => {
    provider.answers({ body: { success: true } })
    t.equal((await client('/signup', solved(' a token '))).status, 200)
    const [request, ...more] = provider.asked()
    t.same(more, [])
    t.match(request, {
      method: 'POST',
      path: '/siteverify',
      headers: { 'content-type': /^application\/x-www-form-urlencoded/ },
    })
    t.same(Object.fromEntries(new URLSearchParams(request?.body)), {
      secret: 'the secret',
      response: 'a token',
      remoteip: '127.0.0.1',
    })
  },
)

t.test('without a token nobody gets through, at each of these and no other', async (t) => {
  t.same(gated.map(pathOf), [
    '/signup',
    '/token?grant_type=password',
    '/otp',
    '/magiclink',
    '/recover',
    '/resend',
  ])
  for (const route of gated) {
    for (const body of [{}, solved(''), solved('  '), solved(null), solved(7), solved({})]) {
      const reply = await client(pathOf(route), body)
      t.match(reply, failed('no captcha_token found'), `${pathOf(route)} ${JSON.stringify(body)}`)
    }
    const text = { gotrue_meta_security: 'a token' }
    t.match(await client(pathOf(route), text), failed('no captcha_token found'))
  }
  t.same(provider.asked(), [], 'and the provider is not asked')
  const free: [string, object, string][] = [
    ['/token?grant_type=refresh_token', { refresh_token: 'x' }, 'validation_failed'],
    ['/token?grant_type=pkce', {}, 'validation_failed'],
    ['/verify', {}, 'validation_failed'],
  ]
  for (const [path, body, code] of free) {
    t.match(await client(path, body), { body: { error_code: code } }, path)
  }
})

t.test('the provider’s verdict is told', async (t) => {
  const cases: [string, object, object][] = [
    [
      'one code',
      { body: { success: false, 'error-codes': ['invalid-input-response'] } },
      failed('invalid-input-response'),
    ],
    [
      'two',
      { body: { success: false, 'error-codes': ['bad-request', 'timeout-or-duplicate'] } },
      failed('bad-request, timeout-or-duplicate'),
    ],
    ['none', { body: { success: false } }, failed('')],
    [
      'a refusal with a status',
      { status: 400, body: { success: false, 'error-codes': ['x'] } },
      failed('x'),
    ],
    ['no JSON', { body: 'Bad gateway', status: 502 }, unverified],
    ['another JSON', { body: { fault: 1 } }, unverified],
    ['null', { body: 'null' }, unverified],
    ['a redirect', { status: 307, headers: { location: '/elsewhere' }, body: '' }, unverified],
    ['silence', { silent: true }, unverified],
    ['a broken connection', { broken: true }, unverified],
  ]
  for (const [name, answer, expected] of cases) {
    provider.answers(answer)
    t.match(await client('/recover', solved('a token')), expected, name)
  }
  t.notOk(provider.asked().some(({ path }) => path === '/elsewhere'))
})

t.test('an admin needs none', async (t) => {
  provider.asked()
  const [keys] = await users.sql`
    select auth.api_key('anon') as anon, auth.api_key('service_role') as service
  `
  const reply = await client('/recover', { email: 'ann@example.com' }, { token: keys?.service })
  t.equal(reply.status, 200)
  for (const token of [keys?.anon, 'nonsense', `${keys?.service}x`]) {
    t.match(await client('/recover', {}, { token }), failed('no captcha_token found'))
  }
  t.same(provider.asked(), [])
})

t.test(
  'an address and a limit: counted after it at sign-up and sign-in, before it elsewhere',
  async (t) => {
    await users.settings({
      rate_limit_header: 'X-Forwarded-For',
      rate_limit_otp: 1,
      rate_limit_token_refresh: 1,
    })
    const other = openClient((await openGateway(t, users, { captchaUrl: provider.url })).url)
    for (const route of gated) {
      for (let n = 1; n <= 30; n++) await other(pathOf(route), {})
      const expected = /signup|token/.test(route.path)
        ? failed('no captcha_token found')
        : { status: 429 }
      t.match(await other(pathOf(route), {}), expected, pathOf(route))
    }
  },
)

t.test('both providers have their address; what is off asks for nothing', async (t) => {
  await users.settings({ rate_limit_header: '', security_captcha_enabled: false })
  const off = openClient((await openGateway(t, users, { captchaUrl: provider.url })).url)
  t.equal((await off('/recover', { email: 'ben@example.com' })).status, 200)
  await t.rejects(
    users.settings({ security_captcha_provider: 'recaptcha' }),
    /hcaptcha or turnstile/,
  )
  await t.rejects(users.settings({ security_captcha_timeout: '0s' }), /above 0/)
})
