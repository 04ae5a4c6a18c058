// The example of docs/hooks.md does what the page says.

import * as fs from 'node:fs'
import t from 'tap'
import { claimsOf, openUsers, password, refusal } from '../support/users.ts'

const { ask, join, signIn, sql } = await openUsers(t)
const page = fs.readFileSync(new URL('../../docs/hooks.md', import.meta.url), 'utf8')
const [, example = ''] = /```sql\n(.*?)```/s.exec(page) ?? []
await sql.unsafe(example)

t.test('lets in people of one domain, and puts what a table says into their tokens', async (t) => {
  t.same(
    await ask('signup', { email: 'eve@evil.example', password }),
    refusal(403, 'unknown', 'Only for people of example.com.'),
  )
  const session = await join('ann@example.com')
  t.equal(claimsOf(session).app_role, 'reader')
  await sql`insert into hooks.roles values (${session.user.id}, 'editor')`
  t.equal(claimsOf(await signIn('ann@example.com')).app_role, 'editor')
})

t.test('its functions are nobody else’s to call', async (t) => {
  for (const role of ['anon', 'authenticated', 'service_role']) {
    const attempt = sql.begin(async (sql) => {
      await sql`set local role ${sql(role)}`
      await sql`select hooks.before_user_created('{}')`
    })
    await t.rejects(attempt, { code: '42501' }, role)
  }
})

t.test('a hook that decides can not be at a URL, and the refusal names the way', async (t) => {
  for (const name of [
    'before_user_created',
    'after_user_created',
    'custom_access_token',
    'password_verification_attempt',
    'mfa_verification_attempt',
  ]) {
    const attempt = sql`
      select auth.configure(${sql.json({ [`hook_${name}_uri`]: 'https://example.com/hook' })})
    `
    await t.rejects(attempt, {
      code: 'PT400',
      message:
        /^Settings not changed: hook_\w+_uri may not be "https:.* pg-functions:.* Not an https URL, as a transaction does not wait/,
    })
  }
})
