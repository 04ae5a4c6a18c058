// S-28: any password in any script will do, however its letters are written; its length is asked
// for and nothing else; a settings row makes more of it.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, join, settings, sql } = await openUsers(t, { mailer_autoconfirm: true })
const signUp = (email: string, other: string) => ask('signup', { email, password: other })
const signIn = (email: string, other: string) => ask('signin', { email, password: other })
const ok = { status: 200 }
const wrong = refusal(400, 'invalid_credentials', 'Invalid login credentials')

// The same words, in one character a letter and with accents of their own.
const composed = 'mot de passe très sûr åß'.normalize('NFC')
const decomposed = composed.normalize('NFD')

t.test('takes every script, spaces and emoji', async (t) => {
  const passwords = ['пароль на лошади', 'สวัสดีชาวโลก', '正しい馬の電池', '🐎🔋📎 ok', '      x']
  for (const [n, other] of passwords.entries()) {
    t.match(await signUp(`script${n}@example.com`, other), ok, other)
    t.match(await signIn(`script${n}@example.com`, other), ok, other)
  }
})

t.test('one password, whichever way its letters are written', async (t) => {
  t.not(composed, decomposed)
  for (const [n, [set, typed]] of [
    [composed, decomposed],
    [decomposed, composed],
    [decomposed, decomposed],
  ].entries()) {
    const email = `accent${n}@example.com`
    t.match(await signUp(email, set as string), ok)
    t.match(await signIn(email, typed as string), ok)
    t.same(await signIn(email, 'mot de passe tres sur ab'), wrong, 'but not without the accents')
  }
})

t.test('a hash of GoTrue’s, which hashes what was typed, goes on to work', async (t) => {
  const [made] = await sql`
    select auth_private.bcrypt(${decomposed}, s.salt) as as_typed,
      auth_private.bcrypt(${composed}, s.salt) as as_normal
    from (select left(auth_private.hash_password('x'), 29) as salt) s
  `
  for (const [n, hash] of [made?.as_typed, made?.as_normal].entries()) {
    const email = `import${n}@example.com`
    const user = { email, password_hash: hash, email_confirm: true }
    t.match(await ask('admin_create_user', user, { claims: { role: 'service_role' } }), ok)
    t.match(await signIn(email, decomposed), ok)
    t.same(await signIn(email, 'mot de passe tres sur ab'), wrong)
  }
})

t.test('asks for a length and for no kinds of characters', async (t) => {
  const short = await signUp('short@example.com', '12345')
  t.match(short, { status: 422, body: { error_code: 'weak_password' } })
  t.match(await signUp('plain@example.com', 'aaaaaaaa'), ok)
  t.match(await signUp('long@example.com', 'x'.repeat(72)), ok)

  await settings({ password_min_length: 15 })
  t.match(await signUp('nist@example.com', 'fourteen chars'), {
    status: 422,
    body: { msg: 'Password should be at least 15 characters.' },
  })
  t.match(await signUp('nist@example.com', 'fifteen chars !'), ok)
  await settings({ password_min_length: 6 })
})

t.test('a password that was taken before the rules goes on to work, and is told', async (t) => {
  await settings({ mailer_autoconfirm: false })
  await join('old@example.com')
  await settings({ password_min_length: 40 })
  t.match(await signIn('old@example.com', password), {
    status: 200,
    body: { weak_password: { reasons: ['length'] } },
  })
})
