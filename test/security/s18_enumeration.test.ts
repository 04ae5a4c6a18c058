// S-18: an answer does not tell who has an account. How long it takes is compared by
// npm run enumeration; here: status, headers, body, and how many rows of which table are written.

import type { Row } from 'postgres'
import t from 'tap'
import { openStack } from '../support/stack.ts'
import { openUsers } from '../support/users.ts'

const stack = await openStack(t, { smtp_max_frequency: '0', security_reveal_accounts: false })
const { sql } = stack
const password = 'correct horse battery'

/** Who may be asked about: the first has no account, the others each have one of a kind. */
const people = ['nobody', 'confirmed', 'unconfirmed', 'passwordless', 'banned', 'imported']
for (const person of people.slice(1)) {
  await sql`select auth.signup(${`${person}@example.com`}, ${password})`
  await stack.inbox.next(`${person}@example.com`)
}
await sql`
  update auth.users set email_confirmed_at = now() where email not like 'unconfirmed%'
`
await sql`update auth.users set encrypted_password = '' where email like 'passwordless%'`
await sql`update auth.users set banned_until = now() + interval '1 day' where email like 'banned%'`
await sql`
  update auth.users set encrypted_password = replace(encrypted_password, '$2a$', '$2y$')
  where email like 'imported%'
`

const tables = await sql<{ name: string }[]>`
  select c.oid::regclass::text as name from pg_class c
  where c.relnamespace in ('auth'::regnamespace, 'auth_private'::regnamespace) and c.relkind = 'r'
`
const counts = async () => {
  const counted: Row = {}
  for (const { name } of tables) {
    counted[name] = (await sql.unsafe(`select count(*)::integer as n from ${name}`))[0]?.n
  }
  return counted
}

/** What an answer and what is written afterwards, without what is different in every answer. */
async function attempt(path: string, body: object) {
  const before = await counts()
  const response = await fetch(stack.api + path, { method: 'POST', body: JSON.stringify(body) })
  const text = await response.text()
  const after = await counts()
  const written = Object.fromEntries(
    tables.map(({ name }) => [name, after[name] - before[name]]).filter(([, n]) => n !== 0),
  )
  const headers = Object.fromEntries(
    [...response.headers].filter(([name]) => !/^(date|content-length)$/.test(name)),
  )
  return { status: response.status, headers, text, written }
}

const cases: [string, string, object, string[]][] = [
  ['signing in', '/token?grant_type=password', { password: 'wrong horse' }, ['banned']],
  ['recovering', '/recover', {}, []],
  ['resending a confirmation', '/resend', { type: 'signup' }, []],
  ['resending a change', '/resend', { type: 'email_change' }, []],
  ['typing a code', '/verify', { type: 'email', token: 'no code' }, []],
]
for (const [title, path, body, known] of cases) {
  t.test(`${title} does not tell`, async (t) => {
    const [nobody, ...others] = people.filter((person) => !known.includes(person))
    const expected = await attempt(path, { email: `${nobody}@example.com`, ...body })
    for (const person of others) {
      const actual = await attempt(path, { email: `${person}@example.com`, ...body })
      // What is queued is the worker's to take away, at any moment; what is audited is no answer.
      t.same({ ...actual, written: undefined }, { ...expected, written: undefined }, person)
    }
  })
}

const faceless = (text: string) =>
  text
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'id')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time')
    .replace(/[\w.]+@[\w.]+/g, 'address')

t.test('magic links and codes are answered alike', async (t) => {
  for (const [n, path] of ['/magiclink', '/otp'].entries()) {
    const expected = { ...(await attempt(path, { email: `new${n}@example.com` })), written: null }
    t.match(expected, { status: 200, text: '{}' })
    for (const person of people.slice(1)) {
      const actual = await attempt(path, { email: `${person}@example.com` })
      t.same({ ...actual, written: null }, expected, person)
    }
  }
})

t.test('signing up is answered alike, but for the identities that clients read', async (t) => {
  const fresh = await attempt('/signup', { email: 'fresh@example.com', password })
  for (const person of ['confirmed', 'passwordless', 'imported']) {
    const known = await attempt('/signup', { email: `${person}@example.com`, password })
    t.same([known.status, known.headers], [fresh.status, fresh.headers], person)
    const shape = (text: string) => Object.keys(JSON.parse(faceless(text))).sort()
    t.same(shape(known.text), shape(fresh.text), person)
  }
})

t.test('what is written is of the same kind and number, where nobody is made', async (t) => {
  // Without a worker, which would take mail away.
  const quiet = await openUsers(t, { smtp_max_frequency: '0' })
  await quiet.join('confirmed@example.com')
  await quiet.signUp('unconfirmed@example.com')
  const written = async (routine: string, args: Record<string, string>) => {
    const before = await quiet.rows()
    await quiet.ask(routine, args)
    const after = await quiet.rows()
    return { waits: after.waits! >= before.waits!, mails: after.mails! - before.mails! }
  }
  for (const routine of ['recover', 'otp', 'magiclink']) {
    const expected = await written(routine, { email: `${routine}@example.com` })
    t.same(expected, { waits: true, mails: 1 }, routine)
    for (const person of ['confirmed', 'unconfirmed']) {
      t.same(await written(routine, { email: `${person}@example.com` }), expected, person)
    }
  }
  const wrong = { password: 'wrong', email: 'nobody@example.com' }
  t.same(await written('signin', wrong), { waits: true, mails: 0 })
})
