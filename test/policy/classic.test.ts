// The three policies that nearly every application begins with, tried the two ways in: over HTTP,
// and by hand in SQL with auth.act_as().

import t from 'tap'
import { ask, signUp } from '../support/notes.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { sql } = stack
await sql.unsafe(`
  create table news (id integer);
  create table mine (id integer, user_id uuid default auth.uid());
  create table office (id integer);
  insert into news values (1);
  insert into office values (1);
  alter table news enable row level security;
  alter table mine enable row level security;
  alter table office enable row level security;
  create policy members on news for select to authenticated using (true);
  create policy own on mine using ((select auth.uid()) = user_id);
  create policy colleagues on office using ((select auth.email_domain()) = 'example.com');
  grant select, insert on news, mine, office to anon, authenticated;
`)
const ann = await signUp(sql, 'Ann@Example.com')
const bob = await signUp(sql, 'bob@example.org')
await sql`insert into mine values (1, ${ann.id}), (2, ${bob.id})`
const people = { anon: undefined, ann: ann.token, bob: bob.token }

/** Which rows of a table each person sees over HTTP. */
async function seenOverHttp(table: string) {
  const seen: Record<string, unknown> = {}
  for (const [person, token] of Object.entries(people)) {
    const { body } = await ask(stack, `${table}?select=id&order=id`, token)
    seen[person] = (body as { id: number }[]).map(({ id }) => id)
  }
  return seen
}

/** The same by hand, as someone does who tries a policy in psql. */
async function seenInSql(table: string) {
  const seen: Record<string, unknown> = {}
  for (const [person, who] of [
    ['anon', null],
    ['ann', 'ann@example.com'],
    ['bob', bob.id],
  ] as const) {
    seen[person] = await sql.begin(async (sql) => {
      await (who === null ? sql`select auth.act_as_anon()` : sql`select auth.act_as(${who})`)
      const rows = await sql<{ id: number }[]>`select id from ${sql(table)} order by id`
      return rows.map(({ id }) => id)
    })
  }
  return seen
}

const policies: [table: string, claim: string, seen: Record<string, number[]>][] = [
  ['news', 'signed-in users see all', { anon: [], ann: [1], bob: [1] }],
  ['mine', 'a user sees her own rows', { anon: [], ann: [1], bob: [2] }],
  ['office', 'people of an e-mail domain see all', { anon: [], ann: [1], bob: [] }],
]

for (const [table, claim, seen] of policies) {
  t.test(claim, async (t) => {
    t.same(await seenOverHttp(table), seen, 'over HTTP')
    t.same(await seenInSql(table), seen, 'in SQL')
  })
}

t.test('nobody writes what the policy does not let her see', async (t) => {
  const attempts: [who: keyof typeof people, table: string, body: object, status: number][] = [
    ['ann', 'mine', { id: 3 }, 201],
    ['ann', 'mine', { id: 4, user_id: bob.id }, 403],
    ['anon', 'mine', { id: 4, user_id: ann.id }, 401],
    ['anon', 'mine', { id: 4 }, 401],
    ['ann', 'office', { id: 2 }, 201],
    ['bob', 'office', { id: 3 }, 403],
    ['ann', 'news', { id: 2 }, 403],
  ]
  for (const [who, table, body, status] of attempts) {
    const answer = await ask(stack, table, people[who], { body })
    t.equal(answer.status, status, `${who} ${table}`)
    if (status !== 201) {
      const message = `new row violates row-level security policy for table "${table}"`
      t.match(answer.body, { code: '42501', message, details: null })
    }
  }
  t.same(await sql`select id from mine order by id`, [{ id: 1 }, { id: 2 }, { id: 3 }])
})

t.test('one connection serves one person after another', async (t) => {
  const asked = Array.from({ length: 60 }, (_, n) => (['anon', 'ann', 'bob'] as const)[n % 3]!)
  const answers = await Promise.all(
    asked.map((who) => ask(stack, 'mine?select=id&limit=1&order=id', people[who])),
  )
  const own = { anon: [], ann: [{ id: 1 }], bob: [{ id: 2 }] }
  t.same(
    answers.map(({ body }) => body),
    asked.map((who) => own[who]),
  )
})

t.test(
  'a token sees nothing from the moment its session, its user or its right ends',
  async (t) => {
    const ends: [
      what: string,
      code: string,
      message: string,
      end: (id: string) => Promise<unknown>,
    ][] = [
      [
        'sign-out',
        'session_not_found',
        'Session from session_id claim in JWT does not exist',
        (id) =>
          sql.begin(async (sql) => {
            await sql`select auth.act_as(${id})`
            await sql`select auth.signout()`
          }),
      ],
      [
        'ban',
        'user_banned',
        'User is banned',
        (id) => sql`update auth.users set banned_until = now() + interval '1 day' where id = ${id}`,
      ],
      [
        'deletion',
        'user_not_found',
        'User from sub claim in JWT does not exist',
        (id) => sql`delete from auth.users where id = ${id}`,
      ],
    ]
    for (const [what, details, message, end] of ends) {
      const { id, token } = await signUp(sql, `${what}@example.com`)
      t.match(await ask(stack, 'news', token), { status: 200, body: [{ id: 1 }] }, `before ${what}`)
      await end(id)
      t.same(
        await ask(stack, 'news', token),
        {
          status: 403,
          headers: { 'content-type': 'application/json; charset=utf-8' },
          body: { code: 'PT403', details, hint: null, message },
        },
        `after ${what}`,
      )
      const written = await ask(stack, 'office', token, { body: { id: 9 } })
      t.match(written, { status: 403, body: { details } }, `writing after ${what}`)
    }
    t.same(await sql`select from office where id = 9`, [])
  },
)

t.test('a new role counts for the token that is out already', async (t) => {
  const { id, token } = await signUp(sql, 'demoted@example.com')
  await sql`update auth.users set role = 'anon' where id = ${id}`
  t.match(await ask(stack, 'news', token), { status: 200, body: [] })
})
