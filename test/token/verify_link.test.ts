// Opening a mailed link in a browser.

import t from 'tap'
import { claimsOf, openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, ban, mailTo, signUp, sql, timePasses } = await openUsers(t, {
  smtp_max_frequency: '0',
  site_url: 'https://app.example.com',
  uri_allow_list: 'https://app.example.com/**,myapp://**',
})
const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 's256' }

/** Signs up and returns the token in the mailed link. */
async function mailedToken(email: string, more: Record<string, string> = {}): Promise<string> {
  await ask('signup', { email, password, ...more })
  return (await mailTo(email)).TokenHash
}

/** Opens a link: where it leads, apart from query and fragment. */
async function open(args: Record<string, string | undefined>, headers = {}) {
  const { status, headers: told, body } = await ask('verify_link', args, { headers })
  const { Location = '', ...others } = told
  const [before = '', fragment] = Location.split('#')
  const [target, query] = before.split('?')
  const pairs = (text?: string) => text && Object.fromEntries(new URLSearchParams(text))
  return {
    status,
    body,
    others,
    target,
    query: pairs(query),
    fragment: pairs(fragment),
    Location,
  }
}

t.test('leads to the application, with a session in the fragment', async (t) => {
  const token = await mailedToken('ann@example.com')
  const redirect_to = 'https://app.example.com/welcome?from=mail&x=1#top'
  const opened = await open({ type: 'signup', token, redirect_to })
  t.match(opened, {
    status: 303,
    body: null,
    others: {},
    target: 'https://app.example.com/welcome',
    query: { from: 'mail', x: '1' },
    fragment: {
      access_token: String,
      expires_at: /^\d+$/,
      expires_in: '3600',
      refresh_token: String,
      sb: '',
      token_type: 'bearer',
      type: 'signup',
    },
  })
  t.same(
    opened.Location.split('#')[1]
      ?.split('&')
      .map((pair) => pair.split('=')[0]),
    ['access_token', 'expires_at', 'expires_in', 'refresh_token', 'sb', 'token_type', 'type'],
    'sorted',
  )
  const session = opened.fragment as unknown as Session
  t.match(await ask('get_user', {}, { as: session }), { body: { email: 'ann@example.com' } })
  t.match(claimsOf(session), { amr: [{ method: 'otp' }] })
})

t.test('is good once, and the second time says so in the fragment', async (t) => {
  const token = await mailedToken('bob@example.com')
  t.match(await open({ type: 'signup', token }), { fragment: { access_token: String } })
  const { Location } = await open({ type: 'signup', token })
  t.equal(
    Location,
    'https://app.example.com#error=access_denied&error_code=otp_expired' +
      '&error_description=Email+link+is+invalid+or+has+expired&sb=',
  )
})

t.test('every type of link is told by its type', async (t) => {
  const email = 'cid@example.com'
  await open({ type: 'signup', token: await mailedToken(email) })
  const cases: [string, string, string][] = [
    ['recover', 'recovery', 'recovery'],
    ['otp', 'magiclink', 'magiclink'],
    ['otp', 'email', 'magiclink'],
  ]
  for (const [routine, type, told] of cases) {
    await ask(routine, { email })
    const token = (await mailTo(email)).TokenHash
    t.match(await open({ type, token }), { fragment: { type: told } })
  }
})

t.test('ends a PKCE flow with a code in the query', async (t) => {
  const token = await mailedToken('dan@example.com', challenge)
  t.match(token, /^pkce_/)
  const opened = await open({ type: 'signup', token, redirect_to: 'myapp://in?b=2&a=1' })
  t.match(opened, {
    status: 303,
    target: 'myapp://in',
    query: { a: '1', b: '2', code: /^[0-9a-f-]{36}$/ },
    fragment: undefined,
  })
  const again = await open({ type: 'signup', token, redirect_to: 'myapp://in?a=1' })
  const error = {
    error: 'access_denied',
    error_code: 'otp_expired',
    error_description: 'Email link is invalid or has expired',
  }
  t.match(again, { query: { a: '1', ...error }, fragment: { ...error, sb: '' } })
})

t.test('what goes wrong is undone and told to the application', async (t) => {
  const token = await mailedToken('eve@example.com', challenge)
  await sql`delete from auth.flow_state`
  const lost = {
    error: 'invalid_request',
    error_code: 'flow_state_not_found',
    error_description: 'No associated flow state found. 422: No valid flow state found for user.',
  }
  // In the fragment it is encoded twice.
  const twice = { ...lost, error_description: lost.error_description.replace(':', '%3A') }
  t.match(await open({ type: 'signup', token }), { status: 303, query: lost, fragment: twice })

  await ban('eve@example.com')
  const banned = {
    error: 'access_denied',
    error_code: 'user_banned',
    error_description: 'User is banned',
  }
  t.match(await open({ type: 'signup', token }), { query: banned, fragment: banned })
  await sql`update auth.users set banned_until = null`

  const unknown = { error_code: 'validation_failed', error: 'invalid_request' }
  t.match(await open({ type: 'sms', token }), { fragment: unknown })
  t.match(await ask('verify', { type: 'signup', token_hash: token }), { status: 200 })
})

t.test('a code does not work in a link, nor what is kept of a link', async (t) => {
  await signUp('fay@example.com')
  const { Token } = await mailTo('fay@example.com')
  const [kept] = await sql`
    select token_hash from auth.one_time_tokens where relates_to = 'fay@example.com'
  `
  for (const token of [Token, kept?.token_hash]) {
    t.match(await open({ type: 'signup', token }), { fragment: { error_code: 'otp_expired' } })
  }
})

t.test('only a link that is none at all is answered directly', async (t) => {
  const cases: [Record<string, string>, string][] = [
    [{}, 'Verify requires a verification type'],
    [{ token: 'x' }, 'Verify requires a verification type'],
    [{ type: 'signup' }, 'Verify requires a token or a token hash'],
    [{ type: 'signup', token: '' }, 'Verify requires a token or a token hash'],
  ]
  for (const [args, message] of cases) {
    t.same(await ask('verify_link', args), refusal(400, 'validation_failed', message))
  }
})

t.test('leads nowhere that is not allowed', async (t) => {
  for (const [redirect_to, referer, target] of [
    ['https://evil.example', undefined, 'https://app.example.com'],
    ['https://evil.example', 'https://evil.example/x', 'https://app.example.com'],
    ['https://evil.example', 'https://app.example.com/x', 'https://app.example.com/x'],
    ['', 'https://app.example.com/x', 'https://app.example.com/x'],
    [undefined, undefined, 'https://app.example.com'],
  ]) {
    const opened = await open(
      { type: 'signup', token: 'x', redirect_to },
      referer ? { referer } : {},
    )
    t.match(opened, { status: 303, target }, `${redirect_to} ${referer}`)
  }
})

t.test('the Location is made of letters that a header may have', async (t) => {
  const cases: [string, string][] = [
    [
      'https://app.example.com/straße?q=日本&r=%C3%9F',
      '/stra%C3%9Fe?q=%E6%97%A5%E6%9C%AC&r=%C3%9F',
    ],
    ['https://app.example.com/a%20b+c?d=e%26f', '/a%20b+c?d=e%26f'],
  ]
  for (const [redirect_to, path] of cases) {
    const { Location } = await open({ type: 'signup', token: 'x', redirect_to })
    t.equal(Location.split('#')[0], `https://app.example.com${path}`)
    t.match(Location, /^[\x21-\x7e]+$/)
  }
})

t.test('a mailed link leads exactly where the request wanted to go', async (t) => {
  for (const redirect_to of [
    'https://app.example.com/a%20b+c?d=e%26f&g=h#frag',
    'https://app.example.com/straße',
    'https://app.example.com/100%25',
    'myapp://open/it',
  ]) {
    await ask('recover', { email: 'ann@example.com', redirect_to })
    const link = new URL((await mailTo('ann@example.com')).ConfirmationURL)
    t.equal(link.searchParams.get('redirect_to'), redirect_to)
  }
})

t.test('an old link says that it has expired', async (t) => {
  const token = await mailedToken('old@example.com')
  await timePasses('25 hours')
  t.match(await open({ type: 'signup', token }), { fragment: { error_code: 'otp_expired' } })
})
