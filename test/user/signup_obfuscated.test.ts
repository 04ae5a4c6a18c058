// What signing up tells of who is known.

import t from 'tap'
import { faceless, openUsers, password } from '../support/users.ts'

const { ask, join, rows, sql, timePasses } = await openUsers(t)

t.test('does not tell whether a confirmed address is known, but by the identities', async (t) => {
  await join('known@example.com', { data: { secret: 'hers' } })
  const attempt = async (email: string) => {
    const before = (await rows()).mails!
    const first = await ask('signup', { email, password, data: { name: 'x' } })
    const second = await ask('signup', { email, password, data: { name: 'x' } })
    return { first, second: faceless(second), mails: (await rows()).mails! - before }
  }
  const known = await attempt('known@example.com')
  const unknown = await attempt('unknown@example.com')

  t.equal(unknown.first.body.identities.length, 1)
  const { status, headers, body } = faceless(unknown.first)
  t.same(faceless(known.first), {
    status,
    headers,
    body: { ...body, role: '', identities: [], user_metadata: { name: 'x' } },
  })
  t.same(known.second, unknown.second)
  t.match(known.second, { status: 429 })
  t.equal(known.mails, unknown.mails)
  const [user] = await sql`select from auth.users where id = ${known.first.body.id}`
  t.equal(user, undefined, 'the id is nobody’s')
})

t.test('an address of another audience is answered like a known one', async (t) => {
  await timePasses('61 seconds')
  const here = await ask('signup', { email: 'known@example.com', password })
  await timePasses('61 seconds')
  const there = await ask(
    'signup',
    { email: 'known@example.com', password },
    { headers: { 'x-jwt-aud': 'elsewhere' } },
  )
  t.match(there, { status: 200, body: { aud: 'elsewhere', email: 'known@example.com' } })
  t.same(Object.keys(there.body), Object.keys(here.body))
  t.same(await sql`select from auth.users where aud = 'elsewhere'`, [])
})
