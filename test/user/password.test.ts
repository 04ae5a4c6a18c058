// How passwords are kept and compared.

import t from 'tap'
import { countHashing } from '../support/hashing.ts'
import { openUsers, password } from '../support/users.ts'

const { ask, settings, signIn, sql } = await openUsers(t, { mailer_autoconfirm: true })

async function matches(guess: string | null, hash: string | null): Promise<boolean> {
  const [row] = await sql`select auth_private.password_matches(${guess}, ${hash}) as matches`
  return row?.matches
}

async function hashOf(text: string): Promise<string> {
  const [row] = await sql`select auth_private.hash_password(${text}) as hash`
  return row?.hash
}

t.test('a password matches its own hash and no other', async (t) => {
  const hash = await hashOf(password)
  t.match(hash, /^\$2a\$10\$[./A-Za-z0-9]{53}$/)
  t.equal(await matches(password, hash), true)
  t.equal(await matches(`${password} `, hash), false)
  t.not(await hashOf(password), hash, 'salted')
})

t.test('hashes of other programs count', async (t) => {
  // Published test vectors of bcrypt: https://www.openwall.com/crypt (crypt_blowfish).
  const vectors: [string, string][] = [
    ['U*U', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW'],
    ['U*U*', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK'],
    ['', '$2a$05$CCCCCCCCCCCCCCCCCCCCC.7uG0VCzI2bS7j6ymqJi9CdcdxiRTWNy'],
  ]
  for (const [text, hash] of vectors) {
    for (const prefix of ['$2a$', '$2b$', '$2y$']) {
      const variant = hash.replace('$2a$', prefix)
      t.equal(await matches(text, variant), true, variant)
      t.equal(await matches(`${text}x`, variant), false, variant)
    }
  }
})

t.test('what is no bcrypt hash matches nothing, and breaks nothing', async (t) => {
  const hash = await hashOf(password)
  const cases: [string | null, string | null][] = [
    [password, null],
    [password, ''],
    ['', ''],
    [null, hash],
    ['', hash],
    [null, null],
    [password, password],
    [password, hash.slice(0, -1)],
    [password, `${hash}x`],
    [password, hash.replace('$2a$', '$2x$')],
    [password, '$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA'],
    [hash, hash],
    ['x'.repeat(5000), ''],
  ]
  for (const [guess, stored] of cases) {
    t.equal(await matches(guess, stored), false, `${guess} ${stored}`)
  }
})

t.test('nothing is cut off at 72 bytes', async (t) => {
  const longest = 'ü'.repeat(36)
  await ask('signup', { email: 'long@example.com', password: longest })
  t.match(await signIn('long@example.com', longest), { token_type: 'bearer' })
  for (const tail of ['x', 'ü', 'x'.repeat(1000)]) {
    const answer = await ask('signin', { email: 'long@example.com', password: longest + tail })
    t.match(answer, { status: 400, body: { error_code: 'invalid_credentials' } }, tail)
  }
})

t.test('a new cost is for new hashes, and old ones stay good', async (t) => {
  await ask('signup', { email: 'old@example.com', password })
  await settings({ password_hash_cost: 11 })
  t.match(await hashOf(password), /^\$2a\$11\$/)
  t.match(await signIn('old@example.com'), { token_type: 'bearer' })
  await settings({ password_hash_cost: 10 })
})

t.test('a user without a password costs as much as one with another', async (t) => {
  const hash = await hashOf(password)
  const hashed = await countHashing(sql)
  const kinds: [string, string, string | null][] = [
    ['wrong', 'another password', hash],
    ['missing', 'another password', null],
    ['empty', 'another password', ''],
    ['unreadable', 'another password', '$argon2id$'],
    ['long', 'x'.repeat(73), hash],
    ['long and missing', 'x'.repeat(73), null],
  ]
  for (const [kind, guess, stored] of kinds) {
    t.equal(await hashed(() => matches(guess, stored)), 1, kind)
  }
  t.equal(await hashed(() => matches(null, null)), 1, 'no password at all')
})
