// What a limited request is answered: the same as an unlimited one, whatever was raised.

import t from 'tap'
import { openClient, openGateway, type Reply } from '../support/gateway.ts'
import { faceless, openUsers, password, type Users } from '../support/users.ts'

// What an application may do to whoever signs up, by the first part of the address.
const application = `
  create schema shop;
  create table shop.customers (
    email text constraint one_customer unique deferrable initially deferred, name text not null);
  insert into shop.customers values ('twice@example.com', 'x');
  create function shop.look() returns trigger language plpgsql security definer as $$
  begin
    case split_part(new.email, '@', 1)
      when 'raised' then
        raise exception 'We are closed' using hint = 'Come at nine', detail = 'It is eight';
      when 'teapot' then
        raise exception 'I am a teapot' using errcode = 'PT418', hint = 'Pour';
      when 'null' then
        insert into shop.customers values (new.email, null);
      when 'twice' then
        insert into shop.customers values (new.email, 'x');
      when 'bug' then
        perform 1 / 0;
      when 'slow' then
        raise exception using errcode = 'query_canceled', message = 'canceled';
      when 'forbidden' then
        raise exception using errcode = 'insufficient_privilege', message = 'no';
      when 'assert' then
        assert false, 'never';
      else
        null;
    end case;
    return new;
  end $$;
  create trigger look before insert on auth.users for each row execute function shop.look();
`
const signUp = (email: string, more = {}) => ({ email, password, ...more })
const asked: [string, string, object | string, object?][] = [
  ['a weak password', '/signup', signUp('a@example.com', { password: 'abc' })],
  [
    'a weak password, in the newer form',
    '/signup',
    signUp('a@example.com', { password: 'abc' }),
    { headers: { 'x-supabase-api-version': '2024-01-01' } },
  ],
  ['no address', '/signup', signUp('nobody')],
  ['a value of another type', '/signup', { email: 5 }],
  ['no JSON', '/signup', '{'],
  ['half a surrogate pair', '/signup', '{"email":"a@example.com","password":"\\ud800aaaaaaa"}'],
  ['a character U+0000', '/signup', '{"email":"a\\u0000@example.com"}'],
  ['what a trigger raises', '/signup', signUp('raised@example.com')],
  ['a status that a trigger raises', '/signup', signUp('teapot@example.com')],
  ['a broken constraint', '/signup', signUp('null@example.com')],
  ['a constraint broken at the commit', '/signup', signUp('twice@example.com')],
  ['a fault of the application', '/signup', signUp('bug@example.com')],
  ['a statement that took too long', '/signup', signUp('slow@example.com')],
  ['a missing right', '/signup', signUp('forbidden@example.com')],
  ['a failed assertion', '/signup', signUp('assert@example.com')],
  ['a wrong password', '/token?grant_type=password', signUp('ann@example.com', { password: 'x' })],
  ['an unconfirmed address', '/token?grant_type=password', signUp('unconfirmed@example.com')],
  ['a refresh token that is none', '/token?grant_type=refresh_token', { refresh_token: 'x' }],
  [
    'an unknown refresh token',
    '/token?grant_type=refresh_token',
    { refresh_token: 'abcdefabcdef' },
  ],
  [
    'a wrong code, which is remembered',
    '/verify',
    { type: 'email', email: 'ann@example.com', token: '000000' },
  ],
  ['an address that asks too often', '/recover', { email: 'unconfirmed@example.com' }],
  ['the same once more', '/recover', { email: 'unconfirmed@example.com' }],
  ['what nothing speaks against', '/recover', { email: 'ann@example.com' }],
  ['a link that is none', '/verify?type=signup&token=x', ''],
]

/** Everything that is answered, as two lists of one length can be compared. */
async function answers(users: Users): Promise<[string, Reply][]> {
  await users.sql.unsafe(application)
  await users.join('ann@example.com')
  await users.signUp('unconfirmed@example.com')
  const { access_token: token } = await users.signIn('ann@example.com')
  const client = openClient((await openGateway(t, users)).url)

  const all: [string, Reply][] = []
  for (const [name, path, body, more] of asked) {
    const method = path.startsWith('/verify?') ? { method: 'GET' } : {}
    const sent = path.startsWith('/verify?') ? undefined : body
    all.push([name, faceless(await client(path, sent, { ...more, ...method }))])
  }
  const put = { method: 'PUT', token }
  all.push(['a weak new password', faceless(await client('/user', { password: 'x' }, put))])
  all.push(['the same password', faceless(await client('/user', { password }, put))])
  all.push(['no token', faceless(await client('/user', {}, { method: 'PUT' }))])
  return all
}

const off = await openUsers(t)
const on = await openUsers(t, { rate_limit_header: 'X-Forwarded-For' })

t.test('a limited request is answered like one that is not', async (t) => {
  const [expected, found] = [await answers(off), await answers(on)]
  for (const [index, [name, reply]] of expected.entries()) t.same(found[index], [name, reply], name)

  const codes = new Set(expected.map(([, { status }]) => status))
  t.same([...codes].sort(), [200, 303, 400, 401, 403, 418, 422, 429, 500, 504])
  t.match(Object.fromEntries(found), {
    'what a trigger raises': {
      status: 500,
      body: {
        code: 'P0001',
        message: 'We are closed',
        hint: 'Come at nine',
        detail: 'It is eight',
      },
    },
    'a status that a trigger raises': { status: 418, body: { message: 'I am a teapot' } },
    'a constraint broken at the commit': { status: 500, body: { code: '23505' } },
    'a weak password': { status: 422, body: { weak_password: { reasons: ['length'] } } },
  })
})

t.test('and leaves the same behind', async (t) => {
  t.same(await on.rows(), await off.rows())
  const attempts = ({ sql }: Users) => sql`
    select c.attempts from auth_private.one_time_codes c order by c.attempts
  `
  t.same(await attempts(on), await attempts(off))
  t.same(await off.sql`select * from auth_private.rate_limits where client <> ''`, [])
  const taken = await on.sql`
    select distinct bucket from auth_private.rate_limits where client <> '' order by bucket
  `
  t.same(
    taken.map(({ bucket }) => bucket),
    ['recover', 'signup', 'token', 'user', 'verify'],
  )
})
