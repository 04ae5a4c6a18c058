// The end of a PKCE flow: a session for the code that a link gave and the browser's own verifier.

import { createHash, randomBytes } from 'node:crypto'
import t from 'tap'
import { claimsOf, openUsers, password, refusal, type Session } from '../support/users.ts'

const { ask, ban, join, mailTo, sql, timePasses } = await openUsers(t, { smtp_max_frequency: '0' })
const email = 'ann@example.com'
await join(email)

const notFound = refusal(
  404,
  'flow_state_not_found',
  'invalid flow state, no valid flow state found',
)
const expired = refusal(422, 'flow_state_expired', 'invalid flow state, flow state has expired')
const wrongVerifier = refusal(
  400,
  'bad_code_verifier',
  'code challenge does not match previously saved code verifier',
)

/** What a browser keeps, and what it sends along. */
function createVerifier(method = 's256') {
  const verifier = randomBytes(32).toString('base64url')
  const hashed = createHash('sha256').update(verifier).digest('base64url')
  const code_challenge = method.toLowerCase() === 'plain' ? verifier : hashed
  return { verifier, pair: { code_challenge, code_challenge_method: method } }
}

/** Follows the newest link in the mail to an address: the code that the application gets. */
async function followedCode(to: string, type: string): Promise<string> {
  const { TokenHash } = await mailTo(to)
  const { headers } = await ask('verify_link', { type, token: TokenHash })
  return new URL(headers.Location ?? '').searchParams.get('code') ?? ''
}

async function magicCode(pair: Record<string, string>): Promise<string> {
  await ask('otp', { email, ...pair })
  return followedCode(email, 'magiclink')
}

const exchange = (auth_code?: string, code_verifier?: string) =>
  ask('exchange_code', { auth_code, code_verifier })

t.test('gives a session for the code and the verifier', async (t) => {
  const { verifier, pair } = createVerifier()
  const { status, headers, body } = await exchange(await magicCode(pair), verifier)
  t.match(
    [status, headers, body],
    [
      200,
      { 'sb-auth-user-id': body.user.id, 'sb-auth-refresh-token-counter': '0' },
      { token_type: 'bearer', refresh_token: String, user: { email } },
    ],
  )
  t.match(claimsOf(body as Session), { amr: [{ method: 'magiclink' }] })
  t.same(await sql`select from auth.flow_state`, [])
})

t.test('works with every way that a challenge may be made', async (t) => {
  for (const method of ['s256', 'S256', 'plain', 'Plain']) {
    const { verifier, pair } = createVerifier(method)
    t.match(await exchange(await magicCode(pair), verifier), { status: 200 }, method)
  }
})

t.test('the session is proven by what began the flow', async (t) => {
  const cases: [string, Record<string, string>, string, string][] = [
    ['signup', { email: 'new@example.com', password }, 'signup', 'email/signup'],
    ['recover', { email: 'new@example.com' }, 'recovery', 'recovery'],
    ['magiclink', { email: 'new@example.com' }, 'magiclink', 'magiclink'],
  ]
  for (const [routine, args, type, method] of cases) {
    const { verifier, pair } = createVerifier()
    await ask(routine, { ...args, ...pair })
    const { body } = await exchange(await followedCode('new@example.com', type), verifier)
    t.match(claimsOf(body as Session), { amr: [{ method }] }, method)
  }
})

t.test('a code is good once', async (t) => {
  const { verifier, pair } = createVerifier()
  const code = await magicCode(pair)
  t.match(await exchange(code, verifier), { status: 200 })
  t.same(await exchange(code, verifier), notFound)
})

t.test('is of no use without the verifier, and a wrong one does not spend it', async (t) => {
  const { verifier, pair } = createVerifier()
  const code = await magicCode(pair)
  for (const wrong of [createVerifier().verifier, pair.code_challenge, `${verifier} `, 'x']) {
    t.same(await exchange(code, wrong), wrongVerifier)
  }
  t.match(await exchange(code, verifier), { status: 200 })
})

t.test('a flow without a challenge is ended by no verifier', async (t) => {
  const code = await magicCode(createVerifier().pair)
  await sql`update auth.flow_state set code_challenge = null, code_challenge_method = null`
  for (const verifier of ['x', 'null']) t.same(await exchange(code, verifier), wrongVerifier)
  await sql`delete from auth.flow_state`
})

t.test('refuses what is no code', async (t) => {
  const incomplete = refusal(
    400,
    'validation_failed',
    'invalid request: both auth code and code verifier should be non-empty',
  )
  for (const args of [[], ['x'], [undefined, 'x'], ['', 'x'], ['x', '']] as const) {
    t.same(await exchange(...(args as [])), incomplete, JSON.stringify(args))
  }
  for (const code of ['x', '00000000-0000-4000-8000-000000000000', "' or true --"]) {
    t.same(await exchange(code, 'x'), notFound, code)
  }
})

t.test('what is kept of a code is no code', async (t) => {
  const { verifier, pair } = createVerifier()
  const code = await magicCode(pair)
  const [kept] = await sql`select auth_code from auth.flow_state`
  t.not(kept?.auth_code, code)
  t.same(await exchange(kept?.auth_code, verifier), notFound)
})

t.test('a magic link’s time begins with the click, that of others with the request', async (t) => {
  const magic = createVerifier()
  await ask('otp', { email, ...magic.pair })
  const recovery = createVerifier()
  await timePasses('10 minutes')
  const code = await followedCode(email, 'magiclink')
  await timePasses('4 minutes 50 seconds')
  t.match(await exchange(code, magic.verifier), { status: 200 })

  await ask('otp', { email, ...magic.pair })
  const late = await followedCode(email, 'magiclink')
  await timePasses('5 minutes 10 seconds')
  t.same(await exchange(late, magic.verifier), expired)

  await ask('recover', { email, ...recovery.pair })
  await timePasses('5 minutes 10 seconds')
  t.same(await exchange(await followedCode(email, 'recovery'), recovery.verifier), expired)
})

t.test('a banned user gets no session, nor one that is gone', async (t) => {
  const { verifier, pair } = createVerifier()
  const code = await magicCode(pair)
  await ban(email)
  t.same(await exchange(code, verifier), refusal(403, 'user_banned', 'User is banned'))
  await sql`update auth.users set banned_until = null`
  await sql`delete from auth.users`
  t.same(await exchange(code, verifier), notFound)
})
