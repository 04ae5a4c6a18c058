// S-16: what is mailed can't be guessed or worked out, is kept only as a hash, works once, for what
// it was mailed for, and not for long.

import t from 'tap'
import { openUsers, refusal } from '../support/users.ts'

const users = await openUsers(t, { smtp_max_frequency: '0' })
const { ask, join, mailTo, signUp, sql, timePasses } = users
const expired = refusal(403, 'otp_expired', 'Email link is invalid or has expired')
const email = 'ann@example.com'
const link = async (routine: string, to = email) => {
  await ask(routine, { email: to })
  return (await mailTo(to)).TokenHash as string
}

t.test('a link has 128 random bits and more, of its own', async (t) => {
  await join(email)
  const links = new Set<string>()
  for (let n = 0; n < 20; n++) links.add(await link('recover'))
  t.equal(links.size, 20)
  for (const token of links) {
    t.match(token, /^[0-9a-f]{32,}$/)
    t.equal(token.slice(0, 8) === [...links][0]?.slice(0, 8), token === [...links][0])
  }
})

t.test('nothing in the tables of auth leads to it or to the code', async (t) => {
  await ask('recover', { email })
  const { Token, TokenHash } = await mailTo(email)
  const tables = await sql<{ name: string }[]>`
    select c.oid::regclass::text as name from pg_class c
    where c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace)
      and c.relkind = 'r' and c.relname <> 'outbox'
  `
  for (const { name } of tables) {
    const rows = await sql.unsafe(`select r::text as row from ${name} r`)
    t.notOk(
      rows.some(({ row }) => row.includes(TokenHash)),
      name,
    )
  }
  const derived = await sql`
    select from auth.one_time_tokens t, unnest(array[
      encode(sha224((${email + Token})::bytea), 'hex'), encode(sha256((${email + Token})::bytea), 'hex'),
      encode(sha256(${Token as string}::bytea), 'hex')
    ]) guess
    where t.token_hash = guess or ${TokenHash as string} = guess
  `
  t.same(derived, [], 'GoTrue’s link is a hash of address and code; ours is not')
  const codes = await sql`
    select from auth_private.one_time_codes c
    where c.code_hash in (sha256(${Token as string}::bytea), sha256((${email + Token})::bytea))
  `
  t.same(codes, [], 'six digits are kept under a pepper')
})

t.test('it works once, and then nothing else that was mailed does', async (t) => {
  const token_hash = await link('recover')
  const { Token } = await mailTo(email)
  t.match(await ask('verify', { type: 'recovery', token_hash }), { status: 200 })
  t.same(await ask('verify', { type: 'recovery', token_hash }), expired)
  t.match(await ask('verify', { type: 'recovery', email, token: Token }), { status: 403 })
})

t.test('it is good for what it was mailed for', async (t) => {
  const token_hash = await link('recover')
  for (const type of ['signup', 'invite', 'email_change']) {
    t.same(await ask('verify', { type, token_hash }), expired, type)
  }
  await signUp('bob@example.com')
  const { Token } = await mailTo('bob@example.com')
  t.match(await ask('verify', { type: 'signup', email, token: Token }), { status: 403 })
})

t.test('it gets old, as the settings say', async (t) => {
  await users.settings({ mailer_otp_exp: 600 })
  const token_hash = await link('recover')
  const { Token } = await mailTo(email)
  await timePasses('601 seconds')
  t.same(await ask('verify', { type: 'recovery', token_hash }), expired)
  t.match(await ask('verify', { type: 'recovery', email, token: Token }), { status: 403 })
})
