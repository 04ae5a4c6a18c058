// S-23: a token is believed if a key of ours signed it, by the algorithm that the key is for, and
// only while it is good. The table is open at its end: whoever adds a kind of key adds its lines.

import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import t from 'tap'
import { createVerifier } from '../../gateway/token.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { sql, until } = stack
const [key] = await sql<{ secret: string; kid: string | null }[]>`
  select secret, kid from auth_private.signing_keys where status = 'in_use'
`
const { secret, kid } = key!
const standby = { kid: 'standby', secret: 'a second key, which is not in use yet' }
await sql`
  insert into auth_private.signing_keys (kid, secret, status)
  values (${standby.kid}, ${standby.secret}, 'standby')
`
const [session] = await sql<{ token: string }[]>`
  select auth.signup('ann@example.com', 'correct horse battery') ->> 'access_token' as token
`
const token = session!.token
const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString())
const now = Math.floor(Date.now() / 1000)
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')

const text = (part: unknown) => (typeof part === 'string' ? part : JSON.stringify(part))
const encode = (part: unknown) => Buffer.from(text(part)).toString('base64url')
/** Header and claims as objects, or as JSON text where that matters. */
function hmac(header: unknown, payload: unknown, by: string | Buffer = secret, hash = 'sha256') {
  const input = `${encode(header)}.${encode(payload)}`
  return `${input}.${createHmac(hash, by).update(input).digest('base64url')}`
}
function asymmetric(alg: string, by: KeyObject, more: object = {}) {
  const input = `${encode({ alg, typ: 'JWT', ...more })}.${encode(claims)}`
  const signature = sign(alg.startsWith('Ed') ? null : 'sha256', Buffer.from(input), {
    key: by,
    ...(alg === 'ES256' && { dsaEncoding: 'ieee-p1363' as const }),
  })
  return `${input}.${signature.toString('base64url')}`
}
const hs256 = { alg: 'HS256', typ: 'JWT', ...(kid && { kid }) }
const [head, body, signature] = token.split('.') as [string, string, string]
const pem = rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
const jwk = ec.publicKey.export({ format: 'jwk' })

/** RFC 7519, section 6.1, and RFC 7515, appendices A.1, A.2, A.3 (headers) and A.5. */
const joe =
  'eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ'
const a1 = `eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.${joe}.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk`

const refusedTokens: [string, string][] = [
  ...['none', 'None', 'NONE', 'nOnE', ' none', ''].flatMap((alg): [string, string][] => [
    [`alg "${alg}" without a signature`, `${encode({ alg })}.${body}.`],
    [`alg "${alg}" with a signature`, `${encode({ alg })}.${body}.${signature}`],
  ]),
  ['RFC 7515 A.5 and RFC 7519 6.1: unsecured', `eyJhbGciOiJub25lIn0.${joe}.`],
  ['RFC 7515 A.1: HS256 by its own key', a1],
  ['RFC 7515 A.2: header of RS256', `eyJhbGciOiJSUzI1NiJ9.${joe}.${signature}`],
  ['RFC 7515 A.3: header of ES256', `eyJhbGciOiJFUzI1NiJ9.${joe}.${signature}`],
  ['no alg', `${encode({ typ: 'JWT' })}.${body}.${signature}`],
  ['alg is no text', `${encode({ alg: ['HS256'] })}.${body}.${signature}`],
  ['alg in other letters', hmac({ ...hs256, alg: 'hs256' }, claims)],
  ['alg in wide letters', hmac({ ...hs256, alg: 'ＨＳ２５６' }, claims)],
  ['alg with a NUL', hmac({ ...hs256, alg: 'HS256\0' }, claims)],
  ['HS384 by our key', hmac({ ...hs256, alg: 'HS384' }, claims, secret, 'sha384')],
  ['HS512 by our key', hmac({ ...hs256, alg: 'HS512' }, claims, secret, 'sha512')],
  ['HS256 that says RS256', hmac({ ...hs256, alg: 'RS256' }, claims)],
  ['HS256 by a public key', hmac(hs256, claims, pem)],
  ['RS256 by a foreign key', asymmetric('RS256', rsa.privateKey)],
  ['ES256 by a foreign key', asymmetric('ES256', ec.privateKey)],
  ['EdDSA by a foreign key', asymmetric('EdDSA', ed.privateKey)],
  ['a foreign key that comes along as jwk', asymmetric('ES256', ec.privateKey, { jwk })],
  [
    'a foreign key that is somewhere else',
    asymmetric('RS256', rsa.privateKey, { jku: stack.api, x5u: stack.api }),
  ],
  ['another secret', hmac(hs256, claims, 'x'.repeat(40))],
  ['an empty secret', hmac(hs256, claims, '')],
  ['the secret, read as base64', hmac(hs256, claims, Buffer.from(secret, 'base64'))],
  ['a kid of ours, signed by another key of ours', hmac({ ...hs256, kid: standby.kid }, claims)],
  ...[
    '../../../../dev/null',
    'file:///dev/null',
    "' or 1=1 --",
    "x' union select 'x",
    '\0',
    'standby\0',
    'x'.repeat(3000),
    '{"$ne": null}',
    '__proto__',
    'constructor',
  ].map((kid): [string, string] => [
    `kid ${kid.slice(0, 25)}`,
    hmac({ alg: 'HS256', kid }, claims, ''),
  ]),
  ['kid is an object', hmac({ alg: 'HS256', kid: { $ne: null } }, claims, 'x')],
  ['crit names what we do not know', hmac({ ...hs256, crit: ['exp2'], exp2: 1 }, claims)],
  ['crit with an unencoded body', hmac({ ...hs256, crit: ['b64'], b64: false }, claims)],
  ['expired', hmac(hs256, { ...claims, exp: now - 1 })],
  ['expired long ago', hmac(hs256, { ...claims, exp: 0 })],
  ['expired before time began', hmac(hs256, { ...claims, exp: -1 })],
  ['exp is no number', hmac(hs256, { ...claims, exp: '9999999999' })],
  ['exp is true', hmac(hs256, { ...claims, exp: true })],
  ['exp is a list', hmac(hs256, { ...claims, exp: [now + 60] })],
  ['of two exp the last counts', hmac(hs256, text(claims).replace(/}$/, ',"exp":1}'))],
  ['not yet valid', hmac(hs256, { ...claims, nbf: now + 60 })],
  ['nbf is no number', hmac(hs256, { ...claims, nbf: 'yesterday' })],
  ['cut off', token.slice(0, -1)],
  ['without a signature', `${head}.${body}.`],
  ['without a body', `${head}..${signature}`],
  ['in two parts', `${head}.${body}`],
  ['in five parts', `${token}.${body}.${signature}`],
  ['with another body', `${head}.${encode({ ...claims, role: 'service_role' })}.${signature}`],
  ['with a letter more', `${token}A`],
  ['with another letter', `${head}.${body.slice(0, -2)}AA.${signature}`],
  ['a body that is no JSON', hmac(hs256, 'x')],
  ['a body that is a list', hmac(hs256, [claims])],
  ['a body that is null', hmac(hs256, 'null')],
  ['a header that is a list', hmac([hs256], claims)],
  ['a body in JSON with a tail', hmac(hs256, `${text(claims)}{}`)],
  ['a body with half a surrogate as its sub', hmac(hs256, text({ ...claims, sub: '\ud800' }))],
  ['another user', hmac(hs256, { ...claims, sub: '00000000-0000-4000-8000-000000000000' })],
  [
    'another session',
    hmac(hs256, { ...claims, session_id: '00000000-0000-4000-8000-000000000000' }),
  ],
  ['a sub that is SQL', hmac(hs256, { ...claims, sub: "' or true --" })],
  ['a sub that is a number', hmac(hs256, { ...claims, sub: 1 })],
  ['a sub that is an object', hmac(hs256, { ...claims, sub: { id: claims.sub } })],
  ['a session_id that is an object', hmac(hs256, { ...claims, session_id: {} })],
  ['no sub', hmac(hs256, { ...claims, sub: undefined })],
  ['an API key', stack.anonKey],
  ['the service key', stack.serviceKey],
  ['a refresh token', 'refresh-token'],
]

async function whoami(bearer: string) {
  const response = await fetch(`${stack.api}/user`, {
    headers: { authorization: `Bearer ${bearer}` },
  })
  return { status: response.status, body: await response.json() }
}
const ann = { status: 200, body: { email: 'ann@example.com', role: 'authenticated' } }

t.test('no such token is anybody’s', async (t) => {
  t.match(await whoami(token), ann, 'while this one is')
  for (const [title, bad] of refusedTokens) {
    const { status, body } = await whoami(bad)
    const codes = ['bad_jwt', 'user_not_found', 'session_not_found', 'no_authorization', 'bad_json']
    t.ok(
      status >= 400 && status < 500 && codes.includes(body.error_code),
      `${title}: ${status} ${body.msg}`,
    )
  }
})

t.test('RFC 7515 A.1: our HMAC is the one of the standard', async (t) => {
  const [input, expected] = [a1.slice(0, a1.lastIndexOf('.')), a1.slice(a1.lastIndexOf('.') + 1)]
  const k = 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'
  const [signed] = await sql`
    select auth_private.base64url(auth_private.hmac_sha256(
      convert_to(${input}, 'UTF8'), auth_private.from_base64url(${k}))) as signature
  `
  t.equal(signed?.signature, expected)
})

t.test('what may differ: a token of ours in other words', async (t) => {
  await until(
    async () =>
      (await whoami(hmac({ alg: 'HS256', kid: standby.kid }, claims, standby.secret))).status ===
      200,
  )
  const good: [string, string][] = [
    ['without kid', hmac({ alg: 'HS256' }, claims)],
    [
      'with a kid that nobody knows, signed by a key of ours',
      hmac({ alg: 'HS256', kid: 'x' }, claims),
    ],
    [
      'by a key that will be in use',
      hmac({ alg: 'HS256', kid: standby.kid }, claims, standby.secret),
    ],
    ['without exp', hmac(hs256, { ...claims, exp: undefined })],
    [
      'with another issuer: the session in it is ours, and decides',
      hmac(hs256, { ...claims, iss: 'https://evil.com' }),
    ],
    ['with another audience: likewise', hmac(hs256, { ...claims, aud: 'elsewhere' })],
    [
      'with a role that is not the user’s, which counts for nothing',
      hmac(hs256, { ...claims, role: 'service_role' }),
    ],
    [
      'of two subs the last counts, here and in SQL',
      hmac(hs256, text(claims).replace('{', '{"sub":"00000000-0000-4000-8000-000000000000",')),
    ],
  ]
  for (const [title, other] of good) t.match(await whoami(other), ann, title)
})

t.test(
  'a token that is as long as a header may be is read, and a longer one ends there',
  async (t) => {
    t.match(await whoami(hmac(hs256, { ...claims, pad: 'x'.repeat(8000) })), ann)
    const response = await fetch(`${stack.api}/user`, {
      headers: { authorization: `Bearer ${hmac(hs256, { ...claims, pad: 'x'.repeat(40_000) })}` },
    })
    t.equal(response.status, 431)
  },
)

t.test('what HTTP can not carry the verifier refuses by itself', async (t) => {
  const verify = createVerifier([{ kid, alg: 'HS256', secret }])
  t.match(await verify(token), { email: 'ann@example.com' })
  const odd = ['', '.', '..', '...', '\0.\0.\0', '💥.💥.💥', `${head}.${body}.${signature}\0`, ' ']
  for (const bad of [...odd, 'x'.repeat(1_000_000), '.'.repeat(100_000)]) {
    await t.rejects(
      verify(bad),
      { refusal: { status: 403, code: 'bad_jwt' } } as never,
      bad.slice(0, 20),
    )
  }
})

t.test('keys overlap while they change, and one that is revoked is dead', async (t) => {
  const bySecond = hmac({ alg: 'HS256', kid: standby.kid }, claims, standby.secret)
  await sql.begin(async (sql) => {
    await sql`update auth_private.signing_keys set status = 'previous' where status = 'in_use'`
    await sql`update auth_private.signing_keys set status = 'in_use' where kid = ${standby.kid}`
  })
  const [fresh] = await sql`
    select auth.signin('ann@example.com', 'correct horse battery') ->> 'access_token' as token
  `
  const header = JSON.parse(Buffer.from(fresh?.token.split('.')[0], 'base64url').toString())
  t.match(header, { alg: 'HS256', kid: standby.kid }, 'the new key signs')
  for (const each of [fresh?.token, bySecond, token]) t.match(await whoami(each), ann)

  await sql`update auth_private.signing_keys set status = 'revoked' where status = 'previous'`
  await until(async () => (await whoami(token)).status === 403)
  t.match(await whoami(token), { body: { error_code: 'bad_jwt' } })
  t.match(await whoami(hmac({ alg: 'HS256' }, claims)), { status: 403 })
  t.match(await whoami(fresh?.token), ann)
})
