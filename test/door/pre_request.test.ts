// What PostgREST asks before every request, in the role that it has switched to.

import t from 'tap'
import { claimsOf, openUsers } from '../support/users.ts'

const { join, sql } = await openUsers(t)
const ann = await join('ann@example.com')

async function preRequest(claims: object | null, role: string): Promise<string> {
  return sql
    .begin(async (sql) => {
      const text = claims === null ? null : JSON.stringify(claims)
      await sql`select set_config('request.jwt.claims', ${text}, true)`
      await sql`set local role ${sql(role)}`
      await sql`select auth.pre_request()`
      return 'passed'
    })
    .catch(({ code, detail, message }) => `${code} ${detail}: ${message}`)
}

t.test('lets a living session pass, and whoever has none', async (t) => {
  const claims = claimsOf(ann)
  t.equal(await preRequest(claims, 'authenticated'), 'passed')
  t.equal(await preRequest(null, 'anon'), 'passed')
  t.equal(await preRequest({}, 'anon'), 'passed')
  t.equal(await preRequest({ role: 'anon' }, 'anon'), 'passed')
  t.equal(await preRequest({ role: 'service_role' }, 'service_role'), 'passed')
})

t.test('refuses a token whose role is no longer the user’s', async (t) => {
  const raised = { ...claimsOf(ann), role: 'service_role' }
  t.equal(
    await preRequest(raised, 'service_role'),
    'PT403 bad_jwt: invalid claim: role claim is no longer the role of the user',
  )
})

t.test('refuses a session that is none', async (t) => {
  const cases: [string, string][] = [
    ['x', 'PT403 bad_jwt: invalid claim: session_id claim must be a UUID'],
    [
      '6b1f6f3e-7a5b-4c27-9c7e-0f7f0d4a1c11',
      'PT403 session_not_found: Session from session_id claim in JWT does not exist',
    ],
  ]
  for (const [session_id, expected] of cases) {
    t.equal(await preRequest({ ...claimsOf(ann), session_id }, 'authenticated'), expected)
  }
})

t.test('the helpers read the claims that PostgREST sets, old and new', async (t) => {
  await sql.begin(async (sql) => {
    await sql`select set_config('request.jwt.claim.sub', ${ann.user.id}, true),
      set_config('request.jwt.claim.role', 'authenticated', true),
      set_config('request.jwt.claim.email', 'ann@example.com', true)`
    const [row] = await sql`select auth.uid(), auth.role(), auth.email()`
    t.same(row, { uid: ann.user.id, role: 'authenticated', email: 'ann@example.com' })
  })
  const [nobody] = await sql`select auth.uid(), auth.role(), auth.email(), auth.session_id()`
  t.same(nobody, { uid: null, role: null, email: null, session_id: null })
})
