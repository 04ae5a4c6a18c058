// A user together with the application's own rows, in one transaction.

import t from 'tap'
import { openPlayer } from '../support/player.ts'
import { until } from '../support/until.ts'
import { openDoor, openUsers, password } from '../support/users.ts'

const { ask, connect, gatewayUrl, join, rows, sql } = await openUsers(t)
await sql.unsafe(`
  create table profiles (
    user_id uuid primary key references auth.users on delete cascade,
    nickname text not null unique
  )
`)

/** Signs up and makes a profile, in one transaction; `end` decides how it ends. */
async function register(email: string, nickname: string, end: () => unknown = () => undefined) {
  return sql.begin(async (sql) => {
    const [row] = await sql`select auth.signup(${email}, ${password}) as user`
    await sql`insert into profiles values (${row?.user.id}, ${nickname})`
    await end()
    return row?.user
  })
}

async function whatThereIs() {
  const profiles = await sql`select nickname from profiles order by nickname`
  const mails = await sql`select recipient from auth_private.outbox order by recipient`
  const users = await sql`select email from auth.users order by email`
  return {
    profiles: profiles.map(({ nickname }) => nickname),
    users: users.map(({ email }) => email),
    mails: mails.map(({ recipient }) => recipient),
  }
}

t.test('commit shows the user and the row, and the mail is queued', async (t) => {
  const user = await register('ann@example.com', 'ann')
  t.match(user, { email: 'ann@example.com' })
  t.same(await whatThereIs(), {
    profiles: ['ann'],
    users: ['ann@example.com'],
    mails: ['ann@example.com'],
  })
})

t.test('rollback leaves neither user, row, mail, wait nor audit', async (t) => {
  const before = [await rows(), await whatThereIs()]
  const undo = new Error('undo')
  await t.rejects(
    register('bob@example.com', 'bob', () => {
      throw undo
    }),
    undo,
  )
  await t.rejects(register('bob@example.com', 'ann'), { code: '23505' }, 'the nickname is taken')
  t.same([await rows(), await whatThereIs()], before)
  t.match(await register('bob@example.com', 'bob'), { email: 'bob@example.com' })
})

t.test('nobody sees any of it before the commit, and the worker is woken only then', async (t) => {
  const heard: string[] = []
  await sql.listen('pgtrue_outbox', (payload) => heard.push(payload))
  const player = await openPlayer(connect(), sql)
  await player.begin()
  await player.sql`select auth.signup('cid@example.com', ${password})`
  const { users, mails } = await whatThereIs()
  t.notOk(users.includes('cid@example.com') || mails.includes('cid@example.com'))

  // Notifications come in the order of the commits.
  await sql`select pg_notify('pgtrue_outbox', 'before the commit')`
  await player.commit()
  await sql`select pg_notify('pgtrue_outbox', 'after the commit')`
  await until(() => heard.includes('after the commit'))
  t.same(heard, ['before the commit', '', 'after the commit'])
  t.ok((await whatThereIs()).mails.includes('cid@example.com'))
})

t.test('a refusal inside a savepoint leaves the rest of the transaction', async (t) => {
  await sql.begin(async (sql) => {
    await sql`insert into profiles select id, 'cid' from auth.users where email = 'cid@example.com'`
    await sql
      .savepoint((sql) => sql`select auth.signin('cid@example.com', 'wrong password')`)
      .catch((error) => t.equal(error.message, 'Invalid login credentials'))
  })
  t.ok((await whatThereIs()).profiles.includes('cid'))
})

t.test('an application’s trigger speaks with its own words, and undoes all', async (t) => {
  await sql.unsafe(`
    create function only_ours() returns trigger language plpgsql as $$
    begin
      if new.email not like '%@example.com' then
        raise exception 'Only for people of example.com' using hint = 'Ask Ann', detail = 'D';
      end if;
      if new.email like 'payment%' then
        raise sqlstate 'PT402' using message = 'Pay first';
      end if;
      return new;
    end $$;
    create trigger only_ours before insert on auth.users
      for each row execute function only_ours();
  `)
  const before = await rows()
  for (const routine of ['signup', 'otp']) {
    await t.rejects(
      openDoor(connect(gatewayUrl))(routine, { email: 'eve@example.org', password }),
      { code: 'P0001', message: 'Only for people of example.com', hint: 'Ask Ann' },
      routine,
    )
    t.match(await ask(routine, { email: 'payment@example.com', password }), {
      status: 402,
      body: { msg: 'Pay first' },
    })
  }
  t.same(await rows(), before)
  await sql`drop trigger only_ours on auth.users`
})

t.test('a trigger can make the profile, and change the newcomer', async (t) => {
  await sql.unsafe(`
    create function welcome() returns trigger language plpgsql security definer as $$
    begin
      insert into public.profiles values (new.id, new.raw_user_meta_data ->> 'nickname');
      return new;
    end $$;
    create trigger welcome after insert on auth.users
      for each row execute function welcome();
  `)
  const session = await join('fay@example.com', { data: { nickname: 'fay' } })
  t.same(await sql`select user_id from profiles where nickname = 'fay'`, [
    { user_id: session.user.id },
  ])
  const before = await rows()
  await t.rejects(
    ask('signup', { email: 'gil@example.com', password, data: { nickname: 'fay' } }),
    { code: '23505', constraint_name: 'profiles_nickname_key' },
  )
  t.same(await rows(), before)
})

t.test('deleting the user deletes the row', async (t) => {
  await sql`delete from auth.users where email = 'fay@example.com'`
  t.notOk((await whatThereIs()).profiles.includes('fay'))
})
