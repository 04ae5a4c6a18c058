// The functions that psql and PostgREST can call, with any arguments: they answer, or refuse in a
// way that is listed, and change nothing beyond what they are for.

import * as fc from 'fast-check'
import postgres, { type JSONValue } from 'postgres'
import t from 'tap'
import { openUsers } from '../support/users.ts'
import { anyJson, anyText, reportOf, runs, wellFormed } from './requests.ts'

t.setTimeout(0)
const { sql, join } = await openUsers(t, { external_phone_enabled: true, sms_provider: 'twilio' })
await join('ann@example.com')

type Callable = {
  name: string
  variadic: boolean
  args: { name: string; type: string }[]
  roles: string[]
}
const callables = await sql<Callable[]>`
  select p.proname as name, p.provariadic <> 0 as variadic,
    array_to_json(array(
      select json_build_object('name', a.name, 'type', a.type::regtype::text)
      from unnest(p.proargnames[:p.pronargs], p.proargtypes::oid[]) a (name, type)
    )) as args,
    array(
      select role from unnest('{anon,authenticated,service_role}'::text[]) role
      where has_function_privilege(role, p.oid, 'execute')
    ) as roles
  from pg_proc p
  where p.pronamespace = 'auth'::regnamespace and p.prorettype <> 'trigger'::regtype
`
const granted = callables.filter(({ roles }) => roles.length > 0)

/** Values that a caller can hand over at all: Postgres itself refuses a NUL or half a character. */
const text = anyText.map((value) => wellFormed(value.replaceAll('\u0000', '')))
const values: Record<string, fc.Arbitrary<JSONValue>> = {
  text,
  jsonb: anyJson.map((value) => JSON.parse(clean(JSON.stringify(value)))),
  boolean: fc.boolean(),
  uuid: fc.oneof(fc.uuid(), fc.constant('00000000-0000-0000-0000-000000000000')),
  integer: fc.integer(),
  bigint: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(String),
  interval: fc.constantFrom('0', '-1 day', '1 month', '99999999 years', '1 microsecond'),
  regclass: fc.constantFrom('auth.users', 'pg_catalog.pg_class'),
  name: text.map((value) => value.slice(0, 15)),
  'text[]': fc.constantFrom('{}', '{a}', '{a,b,NULL}'),
}

t.test('every type of an argument has values to try', async (t) => {
  const types = new Set(granted.flatMap(({ args }) => args.map(({ type }) => type)))
  t.same(
    [...types].filter((type) => !values[type]),
    [],
  )
})

t.test('no call ends in anything but an answer or a refusal that is listed', async (t) => {
  const anyCall = fc.constantFrom(...granted).chain(({ name, variadic, args, roles }) =>
    fc.record({
      name: fc.constant(name),
      variadic: fc.constant(variadic),
      role: fc.constantFrom(...roles),
      args: fc.tuple(
        ...args.map((arg) =>
          fc.record({
            ...{ name: fc.constant(arg.name), type: fc.constant(arg.type) },
            value: fc.option(values[arg.type] ?? text, { freq: 6 }),
          }),
        ),
      ),
    }),
  )
  const listed = new Set(
    (await sql<{ code: string }[]>`select distinct code from auth_private.errors()`).map(
      ({ code }) => code,
    ),
  )
  const call = fc.asyncProperty(anyCall, async ({ name, variadic, role, args }) => {
    const given = args.map(({ name, type }, at) => {
      const last = variadic && at === args.length - 1
      return `${last ? 'variadic ' : ''}${name} => $${at + 1}::text::${type}`
    })
    await sql
      .begin(async (sql) => {
        if (role === 'authenticated') await sql`select auth.act_as('ann@example.com')`
        else await sql.unsafe(`set local role ${role}`)
        await sql.unsafe(
          `select auth.${name}(${given.join(', ')})`,
          args.map(({ type, value }) => asText(type, value)),
        )
        throw undone
      })
      .catch((error: unknown) => {
        if (error !== undone) throwUnlessListed(error, listed)
      })
  })
  const found = await fc.check(call, { numRuns: Math.ceil(runs / 3), endOnFailure: false })
  t.notOk(found.failed, reportOf(found) ?? `${found.numRuns} calls`)
})

const undone = new Error('answered; undo it')

function throwUnlessListed(error: unknown, listed: Set<string>): void {
  const own = error instanceof postgres.PostgresError && /^PT[2-5]\d\d$/.test(error.code)
  if (own && error.schema_name === 'auth' && listed.has(error.detail ?? '')) return
  throw error
}

function asText(type: string, value: JSONValue): string | null {
  if (value === null || (typeof value === 'string' && type !== 'jsonb')) return value
  return JSON.stringify(value)
}

/** JSON without what jsonb can't hold. */
function clean(json: string): string {
  return json.replace(/\\u0000|\\u[dD][89a-fA-F][0-9a-fA-F]{2}/g, '')
}
