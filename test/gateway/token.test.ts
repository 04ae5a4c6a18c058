// Bearer tokens that must not be believed.

import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import t from 'tap'
import { openStack } from '../support/stack.ts'
import { until } from '../support/until.ts'

const stack = await openStack(t, { mailer_autoconfirm: 'true' })
const { secret, kid } = (
  await stack.sql`
  select secret, kid from auth_private.signing_keys where status = 'in_use'
`
)[0] as { secret: string; kid: string }
const { session } = (
  await stack.sql`
  select auth.signup('ann@example.com', 'correct horse battery') as session
`
)[0] as { session: { access_token: string } }
const claims = JSON.parse(
  Buffer.from(session.access_token.split('.')[1] as string, 'base64url').toString(),
)

// Before any request: it takes long enough for an idle connection to end meanwhile.
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
function forge(header: object, payload: object, key: string = secret): string {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac('sha256', key).update(input).digest('base64url')}`
}

async function whoami(token: string) {
  const response = await fetch(`${stack.api}/user`, {
    headers: { authorization: `Bearer ${token}` },
  })
  return [response.status, await response.json()]
}
const badJwt = (reason: string, code = 403) => [
  code,
  {
    code,
    error_code: 'bad_jwt',
    msg: reason.startsWith('invalid claim')
      ? reason
      : `invalid JWT: unable to parse or verify signature, ${reason}`,
  },
]
const hs256 = { alg: 'HS256', typ: 'JWT', kid }

t.test(
  'a token that Postgres signed is believed, and so is one signed with its secret',
  async (t) => {
    t.match(await whoami(session.access_token), [200, { email: 'ann@example.com' }])
    t.match(await whoami(forge(hs256, claims)), [200, { email: 'ann@example.com' }])
    t.match(await whoami(forge({ alg: 'HS256' }, claims)), [200, { email: 'ann@example.com' }])
  },
)

t.test('a token that was believed ends in time all the same', async (t) => {
  const token = forge(hs256, { ...claims, exp: Math.floor(Date.now() / 1000) + 5 })
  t.match(await whoami(token), [200, { email: 'ann@example.com' }])
  await until(async () => (await whoami(token))[0] !== 200)
  t.match(await whoami(token), badJwt('token has invalid claims: token is expired'))
})

t.test('everything else is refused by reason', async (t) => {
  const rsaInput = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims)}`
  const rsa = `${rsaInput}.${sign('sha256', Buffer.from(rsaInput), privateKey).toString('base64url')}`
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const [, body, signature] = forge(hs256, claims).split('.')

  // prettier-ignore
  const cases: [string, string, unknown][] = [
    ['no token', 'x', badJwt('token is malformed: token contains an invalid number of segments')],
    ['two parts', 'a.b', badJwt('token is malformed: token contains an invalid number of segments')],
    ['garbage', 'a.b.c', badJwt('token is malformed: could not JSON decode header')],
    ['alg none', `${encode({ alg: 'none' })}.${body}.`, badJwt('token signature is invalid: signing method none is invalid')],
    ['alg HS512', forge({ ...hs256, alg: 'HS512' }, claims), badJwt('token signature is invalid: signing method HS512 is invalid')],
    ['a foreign RSA key', rsa, badJwt('token signature is invalid: signing method RS256 is invalid')],
    ['a public key as secret', forge(hs256, claims, pem), badJwt('token signature is invalid: signature is invalid')],
    ['another secret', forge(hs256, claims, 'x'.repeat(64)), badJwt('token signature is invalid: signature is invalid')],
    ['another body', `${encode(hs256)}.${encode({ ...claims, role: 'service_role' })}.${signature}`, badJwt('token signature is invalid: signature is invalid')],
    ['expired', forge(hs256, { ...claims, exp: 1 }), badJwt('token has invalid claims: token is expired')],
    ['not yet valid', forge(hs256, { ...claims, nbf: claims.exp }), badJwt('token has invalid claims: token is not valid yet')],
    ['no sub', forge(hs256, { role: 'authenticated' }), badJwt('invalid claim: missing sub claim')],
    ['the anon key', stack.anonKey, badJwt('invalid claim: missing sub claim')],
    ['the service_role key', stack.serviceKey, badJwt('invalid claim: missing sub claim')],
    ['sub no uuid', forge(hs256, { ...claims, sub: "x' or true" }), badJwt('invalid claim: sub claim must be a UUID', 400)],
    ['session_id no uuid', forge(hs256, { ...claims, session_id: 'x' }), badJwt('invalid claim: session_id claim must be a UUID')],
    [
      'an unknown user',
      forge(hs256, { ...claims, sub: '00000000-0000-4000-8000-000000000000' }),
      [403, { code: 403, error_code: 'user_not_found', msg: 'User from sub claim in JWT does not exist' }],
    ],
    [
      'an unknown session',
      forge(hs256, { ...claims, session_id: '00000000-0000-4000-8000-000000000000' }),
      [403, { code: 403, error_code: 'session_not_found', msg: 'Session from session_id claim in JWT does not exist' }],
    ],
  ]
  for (const [title, token, expected] of cases) {
    t.same(await whoami(token), expected, title)
  }
})

t.test('the role of a token can not be raised above that of the user', async (t) => {
  const raised = forge(hs256, { ...claims, role: 'service_role' })
  t.match(await whoami(raised), [200, { role: 'authenticated' }])
})

t.test('after a new secret tokens of the old one still verify, until it is revoked', async (t) => {
  await stack.sql`select auth_private.use_jwt_secret(${'n'.repeat(40)})`
  const { token } = (
    await stack.sql`
    select auth.signin('ann@example.com', 'correct horse battery') ->> 'access_token' as token
  `
  )[0] as { token: string }
  await until(async () => (await whoami(token))[0] === 200)
  t.match(await whoami(session.access_token), [200, {}])

  await stack.sql`update auth_private.signing_keys set status = 'revoked' where status = 'previous'`
  await until(async () => (await whoami(session.access_token))[0] === 403)
  t.match(await whoami(session.access_token), [403, { error_code: 'bad_jwt' }])
  t.match(await whoami(token), [200, {}])
})
