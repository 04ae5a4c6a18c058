// GOTRUE_JWT_KEYS as people write it: what is wrong is told, all together, and never shows a key.

import { spawnSync } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import * as fs from 'node:fs'
import { pino } from 'pino'
import postgres from 'postgres'
import t from 'tap'
import { jwtKeys } from '../../start/jwt_keys.ts'
import { applySettings } from '../../start/settings.ts'
import { openDatabase } from '../support/database.ts'
import { keysOf, makeJwk } from '../support/jwk.ts'

const log = pino({ level: 'silent' })
const algorithms = ['RS256', 'RS512', 'ES256', 'ES512', 'EdDSA', 'HS256']
const made = Object.fromEntries(algorithms.map((alg) => [alg, makeJwk(alg, alg)]))
const ec = makeJwk('ES256', 'ec')
const rsa = made.RS256 as typeof ec
const oct = made.HS256 as typeof ec
const sign = { key_ops: ['sign'] }
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey.export({
  format: 'jwk',
})

const told = (value: unknown, more = {}) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  try {
    jwtKeys({ GOTRUE_JWT_KEYS: text, ...more })
    return []
  } catch (error) {
    return (error as Error).message.split('\n').map((line) => line.replace('GOTRUE_JWT_KEYS: ', ''))
  }
}

t.test('each kind of key is read; nothing that is private is for the database', async (t) => {
  for (const alg of algorithms) {
    const [key] = jwtKeys(keysOf(made[alg] as typeof ec)) ?? []
    t.match(key, { kid: alg, alg, signs: true })
    t.equal(key?.privateKey === undefined, alg === 'HS256')
    t.strictSame(
      Object.keys(key?.jwk ?? {}).filter((name) => /^(d|p|q|dp|dq|qi|oth)$/.test(name)),
      [],
    )
  }
  t.equal(jwtKeys({}), undefined)
  t.equal(jwtKeys({ GOTRUE_JWT_KEYS: '' }), undefined)
  t.same(jwtKeys({ GOTRUE_JWT_KEYS: '[]' }), [])
})

t.test('what is wrong is told', async (t) => {
  // prettier-ignore
  const cases: [string, unknown, string[]][] = [
    ['no JSON', '{canary', ['GOTRUE_JWT_KEYS is to be a JSON array of JWKs']],
    ['one key alone', ec, ['GOTRUE_JWT_KEYS is to be a JSON array of JWKs']],
    ['no objects', ['canary', null, 1], [1, 2, 3].map((n) => `key number ${n} needs a kid, to be told from others by`)],
    ['no kid', [{ ...ec, kid: undefined, ...sign }], ['key number 1 needs a kid, to be told from others by']],
    ['nobody signs', [ec, rsa], ['just one key is to sign, with "sign" in its key_ops; here it is none']],
    ['two sign', [{ ...ec, ...sign }, { ...rsa, ...sign }], ['just one key is to sign, with "sign" in its key_ops; here it is "ec" and "RS256"']],
    ['two of a name', [{ ...ec, ...sign }, makeJwk('ES256', 'ec')], ['two keys have the kid "ec"']],
    ['no alg', [{ ...ec, ...sign, alg: undefined }], ['the key "ec" needs an alg, one of HS256, RS256, RS512, ES256, ES512, EdDSA']],
    ['an alg that is none', [{ ...ec, ...sign, alg: 'none' }], ['the key "ec" needs an alg, one of HS256, RS256, RS512, ES256, ES512, EdDSA']],
    ['an alg of inherited name', [{ ...ec, ...sign, alg: 'constructor' }], ['the key "ec" needs an alg, one of HS256, RS256, RS512, ES256, ES512, EdDSA']],
    ['an alg of other keys', [{ ...ec, ...sign, alg: 'RS256' }], ['the key "ec" is for RS256, so it has the kty RSA']],
    ['a public key as a secret', [{ ...rsa, ...sign, alg: 'HS256' }], ['the key "RS256" is for HS256, so it has the kty oct']],
    ['another curve', [{ ...ec, ...sign, alg: 'ES512' }], ['the key "ec" is for ES512, so it has the kty EC and the crv P-521']],
    ['half a point', [{ ...ec, ...sign, y: undefined }], ['the key "ec" lacks one of crv, x, y']],
    ['no point of the curve', [{ ...ec, ...sign, x: ec.y }], ['the key "ec" can not be read']],
    ['another’s private part', [{ ...ec, ...sign, d: makeJwk('ES256', 'x').d }], ['the key "ec" has a private part that is not that of its public one']],
    ['a weak key', [{ ...weak, kid: 'weak', alg: 'RS256', ...sign }], ['the key "weak" has 1024 bits, and needs at least 2048']],
    ['a short secret', [{ ...oct, k: Buffer.from('canary').toString('base64url'), ...sign }], ['the key "HS256" is to be at least 32 bytes in base64url']],
    ['a secret that is no base64url', [{ ...oct, k: 'canary '.repeat(20), ...sign }], ['the key "HS256" is to be at least 32 bytes in base64url']],
    ['AWS KMS', [{ kid: 'kms', kty: 'RSA', alg: 'RS256', 'aws:kms:arn': 'arn:…', ...sign }], ['the key "kms" is in AWS KMS: signing there is not built']],
    ['several', [{ ...ec, alg: 'x' }, { ...rsa, n: 1 }], ['the key "ec" needs an alg, one of HS256, RS256, RS512, ES256, ES512, EdDSA', 'the key "RS256" lacks one of n, e']],
  ]
  for (const [title, value, faults] of cases) t.strictSame(told(value), faults, title)
  t.strictSame(told([{ ...ec, ...sign }], { GOTRUE_JWT_KEY_ID: 'ec' }), [
    'the kid "ec" is that of the secret, GOTRUE_JWT_KEY_ID',
  ])
})

t.test('the gateway and the migration tell it with all else, and change nothing', async (t) => {
  const bad = { GOTRUE_JWT_KEYS: JSON.stringify([{ ...ec, alg: 'RS256', ...sign }]) }
  const fault = 'GOTRUE_JWT_KEYS: the key "ec" is for RS256, so it has the kty RSA'
  const run = spawnSync(process.execPath, ['--import=tsx', 'gateway/main.ts'], {
    env: { PATH: process.env.PATH, PORT: 'x', ...bad },
    encoding: 'utf8',
  })
  t.same(run.stderr.trimEnd().split('\n').slice(1), [
    'PORT is "x": a port is a number from 1 to 65535',
    fault,
  ])

  const { sql } = await openDatabase(t)
  const before = await sql`select * from auth_private.signing_keys`
  const faulty = { GOTRUE_JWT_SECRET: 'short', GOTRUE_JWT_EXP: 'x', ...bad }
  const error = await applySettings(sql, faulty, log).catch((error: Error) => error)
  t.same((error as Error).message.split('\n'), [
    'Settings not changed: jwt_exp may not be "x". Life of an access token in seconds, above 0.',
    'GOTRUE_JWT_SECRET needs at least 32 bytes',
    fault,
  ])
  t.same(await sql`select * from auth_private.signing_keys`, before)
})

t.test('another key under a known kid is refused', async (t) => {
  const { sql } = await openDatabase(t)
  await applySettings(sql, keysOf(ec), log)
  await applySettings(sql, keysOf(ec), log)
  await t.rejects(applySettings(sql, keysOf(makeJwk('ES256', 'ec')), log), {
    message:
      'GOTRUE_JWT_KEYS: the key "ec" is another one in the database: a new key needs a new kid',
  })
})

t.test('of a private key nothing is sent to the database, and it would not be taken', async (t) => {
  const { sql, url } = await openDatabase(t)
  const sent: string[] = []
  const watched = postgres(url, {
    onnotice: () => undefined,
    debug: (_, query, parameters) => void sent.push(query, JSON.stringify(parameters)),
  })
  t.teardown(() => watched.end())
  const logged: string[] = []
  const heard = pino({ level: 'trace' }, { write: (line) => void logged.push(line) })
  const [first, ...others] = algorithms.map((alg) => made[alg] as typeof ec)
  await applySettings(watched, keysOf(first as typeof ec, ...others), heard)

  const parts = [first, ...others].flatMap((key) =>
    ['d', 'p', 'q', 'dp', 'dq', 'qi'].flatMap((name) => (key as never)[name] ?? []),
  ) as string[]
  t.equal(parts.length, 2 * 6 + 3)
  const [kept] = await sql`
    select jsonb_agg(to_jsonb(k))::text as all from auth_private.signing_keys k
  `
  for (const [place, text] of Object.entries({
    sent: sent.join(),
    log: logged.join(),
    kept: kept?.all,
  })) {
    if (place !== 'log') t.ok(text.includes(first?.n ?? ''), `the public key is ${place}`)
    t.same(
      parts.filter((part) => text.includes(part)),
      [],
      place,
    )
  }

  const key = { kid: 'x', alg: 'ES256', jwk: ec, signs: true }
  const error = await sql`select auth_private.use_jwt_keys(${sql.json([key] as never)})`.catch(
    (error: unknown) => error,
  )
  t.match(error, {
    code: 'PT400',
    detail: 'validation_failed',
    message: 'GOTRUE_JWT_KEYS: the key "x" is private, and the database is given public keys only',
  })
  const { detail, hint, where } = error as Record<string, unknown>
  t.notOk(JSON.stringify([detail, hint, where]).includes(ec.d as string))
  await t.rejects(
    sql`
      insert into auth_private.signing_keys (kid, alg, jwk, status)
      values ('x', 'ES256', ${sql.json(ec as never)}, 'standby')
    `,
    { code: '23514', constraint_name: 'signing_keys_jwk_public_check' },
  )
})

t.test('the docs’ command makes a key that is good', async (t) => {
  const page = fs.readFileSync('docs/keys.md', 'utf8')
  const script = /node --input-type=module -e "([^"]*)"/.exec(page)?.[1] ?? ''
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
  })
  const [, value = ''] = /^GOTRUE_JWT_KEYS=(.*)\n$/.exec(stdout) ?? []
  t.match(jwtKeys({ GOTRUE_JWT_KEYS: value }), [{ alg: 'ES256', signs: true }])
})
