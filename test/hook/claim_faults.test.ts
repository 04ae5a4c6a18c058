// Which claims an access token may have, in the words of GoTrue's JSON schema.

import t from 'tap'
import type { JSONValue } from 'postgres'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)
const good = {
  aud: 'authenticated',
  exp: 2,
  iat: 1,
  sub: 'x',
  email: '',
  phone: '',
  role: '',
  aal: 'aal1',
  session_id: 'x',
  is_anonymous: false,
}

async function faults(claims: JSONValue): Promise<string[]> {
  const [row] = await sql<{ faults: string[] }[]>`
    select auth_private.claim_faults(${sql.json(claims)}) as faults
  `
  return row?.faults ?? []
}

t.test('the claims of every token, and any others, are good', async (t) => {
  t.same(await faults(good), [])
  t.same(
    await faults({
      ...good,
      aud: ['a', 'b'],
      exp: 2.0,
      jti: '',
      iss: '',
      nbf: 1,
      client_id: '',
      app_metadata: {},
      user_metadata: { a: 1 },
      amr: ['password', { method: 'otp', timestamp: 1 }],
      is_anonymous: 'any type',
      level: 7,
    }),
    [],
  )
})

t.test('a missing one is named, all of them in the order of the schema', async (t) => {
  t.same(
    await faults({}),
    Object.keys(good).map((name) => `(root): ${name} is required`),
  )
})

t.test('one of another type is named with both types', async (t) => {
  const cases: [JSONValue, string[]][] = [
    [{ aud: 1 }, ['aud: Invalid type. Expected: [string,array], given: integer']],
    [{ aud: null }, ['aud: Invalid type. Expected: [string,array], given: null']],
    [{ exp: '2' }, ['exp: Invalid type. Expected: integer, given: string']],
    [{ exp: 1.5 }, ['exp: Invalid type. Expected: integer, given: number']],
    [{ iat: true }, ['iat: Invalid type. Expected: integer, given: boolean']],
    [{ nbf: [] }, ['nbf: Invalid type. Expected: integer, given: array']],
    [{ app_metadata: [] }, ['app_metadata: Invalid type. Expected: object, given: array']],
    [{ user_metadata: null }, ['user_metadata: Invalid type. Expected: object, given: null']],
    [{ amr: {} }, ['amr: Invalid type. Expected: array, given: object']],
    [
      { amr: ['otp', 1, null] },
      [
        'amr.1: Must validate at least one schema (anyOf)',
        'amr.1: Invalid type. Expected: string, given: integer',
        'amr.2: Must validate at least one schema (anyOf)',
        'amr.2: Invalid type. Expected: string, given: null',
      ],
    ],
    ...['jti', 'iss', 'sub', 'email', 'phone', 'role', 'aal', 'session_id', 'client_id'].map(
      (name): [JSONValue, string[]] => [
        { [name]: {} },
        [`${name}: Invalid type. Expected: string, given: object`],
      ],
    ),
  ]
  for (const [change, expected] of cases) {
    t.same(await faults({ ...good, ...(change as object) }), expected, JSON.stringify(change))
  }
})

t.test('what is no object is one fault', async (t) => {
  t.same(await faults(null), ['(root): Invalid type. Expected: object, given: null'])
  t.same(await faults([]), ['(root): Invalid type. Expected: object, given: array'])
})
