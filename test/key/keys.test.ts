// The signing key: API keys that follow from it, another secret in its place, who is told of it.

import { createSecretKey } from 'node:crypto'
import { jwtVerify } from 'jose'
import t from 'tap'
import { openDatabase } from '../support/database.ts'

const db = await openDatabase(t)
const { sql } = db

async function one<Value>(query: PromiseLike<readonly unknown[]>): Promise<Value> {
  const [row] = (await query) as Record<string, Value>[]
  return Object.values(row ?? {})[0] as Value
}
const apiKey = (role: string | null) => one<string>(sql`select auth.api_key(${role})`)
const secret = () => one<string>(sql`select auth_private.jwt_secret()`)

async function claims(token: string) {
  const { payload } = await jwtVerify(token, createSecretKey(await secret(), 'utf8'))
  return payload
}

t.test('each role has its API key, good for ten years', async (t) => {
  for (const role of ['anon', 'service_role']) {
    const { iat, exp, ...others } = await claims(await apiKey(role))
    t.same(others, { iss: 'pgtrue', role })
    const years = ((exp ?? 0) - (iat ?? 0)) / 86400 / 365.25
    t.ok(Math.abs(years - 10) < 0.01, `${years} years`)
  }
})

t.test('asking again gives the same key', async (t) => {
  t.equal(await apiKey('anon'), await apiKey('anon'))
  t.not(await apiKey('anon'), await apiKey('service_role'))
})

t.test('no other role has one', async (t) => {
  for (const role of ['authenticated', 'postgres', 'authenticator', '', 'ANON', null]) {
    await t.rejects(
      apiKey(role),
      {
        code: 'PT400',
        detail: 'validation_failed',
        message: `API keys are for anon and service_role, not for "${role ?? ''}"`,
      },
      String(role),
    )
  }
})

t.test('keys and secrets are for the owner', async (t) => {
  for (const role of ['anon', 'authenticated', 'service_role']) {
    for (const call of [
      "auth.api_key('anon')",
      'auth_private.jwt_secret()',
      "auth_private.use_jwt_secret('x')",
      "auth_private.sign_jwt('{}')",
      'auth_private.gateway_config()',
    ]) {
      const attempt = sql.begin(async (sql) => {
        await sql`set local role ${sql(role)}`
        await sql.unsafe(`select ${call}`)
      })
      await t.rejects(attempt, { code: '42501' }, `${role} ${call}`)
    }
  }
})

t.test('the install’s own secret is random and long', async (t) => {
  t.match(await secret(), /^[0-9a-f]{64}$/)
})

t.test('a secret from elsewhere takes over, and the one before still verifies', async (t) => {
  const before = await secret()
  const brought = 'a secret that was in use elsewhere ü'
  await sql`select auth_private.use_jwt_secret(${brought})`
  t.equal(await secret(), brought)
  t.match(await claims(await apiKey('anon')), { role: 'anon' })

  const gateway = db.connect(db.gatewayUrl)
  const config = await one<{ keys: { secret: string }[] }>(
    gateway`select auth_private.gateway_config()`,
  )
  t.same(
    config.keys.map((key) => key.secret),
    [brought, before],
  )
  await sql`update auth_private.signing_keys set status = 'revoked' where status = 'previous'`
  t.match(await one(gateway`select auth_private.gateway_config()`), {
    keys: [{ kid: null, alg: 'HS256', secret: brought }],
    corsAllowedHeaders: [],
    maxRequestMilliseconds: 10_000,
  })
  t.match((await one<{ keys: [] }>(gateway`select auth_private.gateway_config()`)).keys.length, 1)
})

t.test('the same secret again changes nothing', async (t) => {
  const keys = () => sql`select * from auth_private.signing_keys order by id`
  const before = await keys()
  await sql`select auth_private.use_jwt_secret(${await secret()})`
  t.same(await keys(), before)
})

t.test('a secret that is too short is refused, and repeated nowhere', async (t) => {
  const before = await secret()
  for (const short of ['', 'canary', 'canary'.padEnd(31, 'x'), 'ü'.repeat(15), null]) {
    const error = await sql`select auth_private.use_jwt_secret(${short})`.catch((error) => error)
    t.match(error, {
      code: 'PT400',
      detail: 'validation_failed',
      message: 'GOTRUE_JWT_SECRET needs at least 32 bytes',
    })
    t.notMatch([error.message, error.detail, error.hint, error.where].join(), 'canary')
  }
  t.equal(await secret(), before)
  await sql`select auth_private.use_jwt_secret(${'ü'.repeat(16)})`
  t.equal(await secret(), 'ü'.repeat(16))
})

t.test('gateways are told of a new key, but not which', async (t) => {
  const heard = new Promise<string>((resolve) => {
    void sql.listen('pgtrue_gateway', resolve).then(async () => {
      await sql`select auth_private.use_jwt_secret(${'n'.repeat(32)})`
    })
  })
  t.equal(await heard, '')
})
