// The application hears of right and wrong passwords, and may refuse both.

import t from 'tap'
import { openHooks } from '../support/hooks.ts'
import { faceless, openUsers, password, refusal } from '../support/users.ts'

const users = await openUsers(t)
const { ask, ban, join, signIn, signUp, sql, timePasses } = users
const hooks = await openHooks(users)
const name = 'password_verification_attempt'
const email = 'ann@example.com'
const { user } = await join(email)
await signUp('unconfirmed@example.com')
const wrong = refusal(400, 'invalid_credentials', 'Invalid login credentials')
const sessions = async () =>
  (await sql`select from auth.sessions where user_id = ${user.id}`).length

t.test('hears of a right password, and the session is opened', async (t) => {
  await hooks.on(name, `return '{"decision": "continue"}';`)
  t.match(await signIn(email), { token_type: 'bearer' })
  const [{ metadata, ...event } = {}, ...others] = await hooks.heard(name)
  t.same(event, { user_id: user.id, valid: true })
  t.match(metadata, { name: 'password-verification' })
  t.same(others, [])
})

t.test('what it notes of a wrong password outlives the refusal', async (t) => {
  for (const answer of ['null', `'{}'`, `'{"decision": "continue"}'`, `'{"decision": "what"}'`]) {
    await hooks.on(name, `return ${answer};`)
    t.same(await ask('signin', { email, password: 'wrong password' }), wrong)
    t.match(await hooks.heard(name), [{ user_id: user.id, valid: false }], answer)
  }
})

t.test('a count of failures locks, as in the manual', async (t) => {
  await sql.unsafe(`
    create table app.failures (user_id uuid primary key, count integer not null);
    grant all on app.failures to auth_owner;
  `)
  await hooks.on(
    name,
    `if (event ->> 'valid')::boolean then
       if (select f.count >= 3 from app.failures f where f.user_id = (event ->> 'user_id')::uuid) then
         return '{"decision": "reject", "message": "locked"}';
       end if;
       return '{"decision": "continue"}';
     end if;
     insert into app.failures as f values ((event ->> 'user_id')::uuid, 1)
     on conflict (user_id) do update set count = f.count + 1;
     return '{"decision": "continue"}';`,
  )
  for (let failure = 1; failure <= 3; failure++) {
    t.match(await signIn(email), { token_type: 'bearer' }, `before failure ${failure}`)
    t.same(await ask('signin', { email, password: 'wrong password' }), wrong)
  }
  t.same(await ask('signin', { email, password }), refusal(400, 'invalid_credentials', 'locked'))
})

t.test('refuses a right and a wrong password, and signs out everywhere if told to', async (t) => {
  const usual = 'Further password verification attempts will be rejected.'
  for (const guess of [password, 'wrong password']) {
    for (const [output, message] of [
      ['{"decision": "reject"}', usual],
      ['{"decision": "reject", "message": "", "should_logout_user": false}', usual],
      ['{"decision": "reject", "message": "100%s no"}', '100%s no'],
    ] as const) {
      await hooks.on(name, `return '${output}';`)
      const before = await sessions()
      t.same(
        await ask('signin', { email, password: guess }),
        refusal(400, 'invalid_credentials', message),
        output,
      )
      t.equal(await sessions(), before)
    }
    await hooks.off(name)
    await signIn(email)
    await hooks.on(name, `return '{"decision": "reject", "should_logout_user": true}';`)
    t.same(
      await ask('signin', { email, password: guess }),
      refusal(400, 'invalid_credentials', usual),
    )
    t.equal(await sessions(), 0)
  }
  await hooks.on(name, `return '{"decision": "continue", "should_logout_user": true}';`)
  await signIn(email)
  t.equal(await sessions(), 1, 'only a rejection signs out')
})

t.test('an error of the hook answers, and what it noted stays', async (t) => {
  await hooks.on(name, `return '{"error": {"http_code": 429, "message": "slow down"}}';`)
  await hooks.heard(name)
  t.same(await ask('signin', { email, password }), refusal(429, 'unknown', 'slow down'))
  t.equal((await hooks.heard(name)).length, 1)
})

t.test('an answer that can not be meant is refused', async (t) => {
  for (const output of [
    '{"decision": true}',
    '{"decision": "reject", "message": 1}',
    '{"decision": "reject", "should_logout_user": "yes"}',
  ]) {
    await hooks.on(name, `return '${output}';`)
    t.same(
      await ask('signin', { email, password }),
      refusal(500, 'unexpected_failure', 'Error unmarshaling JSON output.'),
      output,
    )
  }
})

t.test('is told of a right password before the address is judged', async (t) => {
  await hooks.on(name)
  await hooks.heard(name)
  t.same(
    await ask('signin', { email: 'unconfirmed@example.com', password }),
    refusal(400, 'email_not_confirmed', 'Email not confirmed'),
  )
  t.match(await hooks.heard(name), [{ valid: true }])
})

t.test('hears nothing of nobody, of users without a password and of banned ones', async (t) => {
  await hooks.on(name)
  await sql`
    insert into auth.users (id, aud, role, email, encrypted_password, email_confirmed_at)
    values (gen_random_uuid(), 'authenticated', 'authenticated', 'oauth@example.com', '', now())
  `
  const known = await ask('signin', { email, password: 'wrong password' })
  t.equal((await hooks.heard(name)).length, 1)
  for (const other of ['nobody@example.com', 'oauth@example.com']) {
    t.same(faceless(await ask('signin', { email: other, password })), faceless(known))
  }
  await ban(email)
  t.same(await ask('signin', { email, password }), refusal(400, 'user_banned', 'User is banned'))
  t.same(await hooks.heard(name), [])
  await timePasses('25 hours')
})

t.test('without the hook a refusal is raised, as ever', async (t) => {
  await hooks.off(name)
  await t.rejects(sql`select auth.signin(${email}, 'wrong password')`, { code: 'PT400' })
})
