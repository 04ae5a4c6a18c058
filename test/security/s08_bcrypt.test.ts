// S-08: every byte of a password counts, and a hash has its price.

import t from 'tap'
import { openUsers } from '../support/users.ts'

const { ask, settings, sql } = await openUsers(t, { mailer_autoconfirm: true })
const hashOf = async (email: string) =>
  (await sql`select encrypted_password as hash from auth.users where email = ${email}`)[0]?.hash

t.test('more than 72 bytes are refused, and not cut', async (t) => {
  t.match(await ask('signup', { email: 'long@example.com', password: 'x'.repeat(73) }), {
    status: 400,
    body: { msg: /72/ },
  })
  t.match(await ask('signup', { email: 'umlaut@example.com', password: 'ä'.repeat(37) }), {
    body: { msg: /72/ },
  })
  t.match(await ask('signup', { email: 'long@example.com', password: 'x'.repeat(72) }), {
    status: 200,
  })
  for (const password of ['x'.repeat(71), 'x'.repeat(73), `${'x'.repeat(72)} and a tail`]) {
    t.match(await ask('signin', { email: 'long@example.com', password }), { status: 400 })
  }
})

t.test('64 characters and more will do', async (t) => {
  const password = 'sixty-four characters of which each is looked at and none is cut'
  t.equal(password.length, 64)
  t.match(await ask('signup', { email: 'sixty@example.com', password }), { status: 200 })
  t.match(await ask('signin', { email: 'sixty@example.com', password }), { status: 200 })
})

t.test('the cost is 10 or what the settings say, and never less', async (t) => {
  t.match(await hashOf('long@example.com'), /^\$2a\$10\$/)
  await settings({ password_hash_cost: 11 })
  await ask('signup', { email: 'dear@example.com', password: 'correct horse battery' })
  t.match(await hashOf('dear@example.com'), /^\$2a\$11\$/)
  await t.rejects(settings({ password_hash_cost: 9 }), /password_hash_cost may not be/)
  await t.rejects(sql`update auth_private.settings set password_hash_cost = 6`, { code: '23514' })
})

t.test('a hash of another kind or of low cost opens nothing by accident', async (t) => {
  for (const hash of ['', 'x', 'plain password', '$1$abc$def', '*', '$2a$10$short']) {
    await sql`update auth.users set encrypted_password = ${hash} where email = 'sixty@example.com'`
    for (const password of ['', hash, 'plain password', '*']) {
      t.match(await ask('signin', { email: 'sixty@example.com', password }), { status: 400 })
    }
  }
})
