// Requests as no client would send them, and a few as one would.
//
// Exports `anyRequest`, `anyText`, `anyJson`, `wellFormed`, `runs`, `reportOf`, `Probe`.

import * as fc from 'fast-check'
import { type Route, routes } from '../../gateway/routes.ts'

/** A request to be sent; as names whose token it bears. */
export type Probe = {
  method: string
  path: string
  query: [string, string][]
  headers: [string, string][]
  as: 'nobody' | 'user' | 'admin' | 'nonsense'
  body: string | undefined
}

/** How many requests: a few in `npm test`, and as many as FUZZ_REQUESTS says in `npm run fuzz`. */
export const runs = Number(process.env.FUZZ_REQUESTS ?? 1_000)

/** What was found, with the smallest example and its error; undefined where all went well. */
export function reportOf<T>(found: fc.RunDetails<T>): string | undefined {
  if (!found.failed) return undefined
  return `${fc.defaultReportMessage(found)}\n${String(found.errorInstance)}`
}

/** What people and programs get wrong about text, beside any text there is. */
const oddTexts = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\ud800',
  '\udc00\ud800',
  '\ufeff',
  '\u202e',
  'İ@example.com',
  'ann@example.com',
  'ANN@EXAMPLE.COM',
  'ann@example.com\r\nBcc: x@example.com',
  '+15551234567',
  'correct horse battery',
  'x'.repeat(80),
  'é'.repeat(5_000),
  '%00',
  '%s %n %1$s',
  "'; drop table auth.users; --",
  '$1',
  '\\',
  '{}',
  'null',
  '-1',
  '1e309',
  '99999999999999999999',
  'signup',
  'recovery',
  'magiclink',
  'email_change',
  'sms',
  'phone_change',
  'email',
  'invite',
  'global',
  'local',
  'http://127.0.0.1:3000/',
  'javascript:alert(1)',
  '//evil.example.com',
  'http://[::1',
  '00000000-0000-0000-0000-000000000000',
  'pkce_0000',
  'infinity',
  '2024-01-01',
]
export const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(...oddTexts) },
  fc.string({ maxLength: 60 }),
  fc.string({ unit: 'binary', maxLength: 60 }),
)

export const anyJson = fc.oneof(
  { weight: 5, arbitrary: anyText },
  fc.constantFrom(null, true, false, 0, -1, 1.5, 1e308, 2 ** 53, {}, []),
  fc.jsonValue({ maxDepth: 4 }),
)

/** Without halves of surrogate pairs, which no URL and no Postgres can hold. */
export function wellFormed(text: string): string {
  return Buffer.from(text).toString()
}

/** Names that some function or GoTrue has for an argument, in the case of somebody's choice. */
const argumentNames = [
  ...['email', 'phone', 'password', 'data', 'channel', 'code_challenge', 'code_challenge_method'],
  ...['type', 'token', 'token_hash', 'redirect_to', 'create_user', 'refresh_token', 'nonce'],
  ...['current_password', 'app_metadata', 'user_metadata', 'role', 'aud', 'id', 'ban_duration'],
  ...['email_confirm', 'phone_confirm', 'password_hash', 'should_soft_delete', 'new_email'],
  ...['auth_code', 'code_verifier', 'id_token', 'provider', 'access_token', 'user_id', '__proto__'],
  ...['gotrue_meta_security', 'page', 'per_page', 'sort', 'filter', 'query', 'scope', 'state'],
]
const anyName = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(...argumentNames) },
  fc.constantFrom('EMAIL', 'Password', 'constructor', ''),
  anyText,
)

/** Written by hand, since only so can a member come twice. */
const anyObject = fc
  .array(fc.tuple(anyName, anyJson), { maxLength: 6 })
  .map((members) =>
    members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`),
  )
  .map((members) => `{${members.join(',')}}`)

const anyBody = fc.oneof(
  { weight: 10, arbitrary: anyObject },
  { weight: 2, arbitrary: anyJson.map((value) => JSON.stringify(value)) },
  fc.constantFrom(
    undefined,
    '',
    '{',
    '{"a":1e999}',
    '{"a":NaN}',
    '\ufeff{}',
    '"',
    '[[]',
    'a=1&b=2',
  ),
  fc.integer({ min: 1, max: 20_000 }).map((depth) => '['.repeat(depth)),
  fc
    .integer({ min: 1, max: 3_000 })
    .map((depth) => `{"data":${'{"a":'.repeat(depth)}1${'}'.repeat(depth + 1)}`),
  anyText,
)

/** Header values that an HTTP client lets through. */
const anyHeaderText = anyText.map((text) => text.replace(/[^\x20-\x7e]/g, '?').trim())

const anyHeaders = fc.array(
  fc.tuple(
    fc.constantFrom(
      ...[
        'content-type',
        'accept',
        'x-supabase-api-version',
        'x-jwt-aud',
        'redirect_to',
        'referer',
      ],
      ...['x-forwarded-for', 'sb-forwarded-for', 'x-client-info', 'user-agent', 'origin', 'apikey'],
      ...['prefer', 'range', 'accept-profile'],
    ),
    fc.oneof(
      fc.constantFrom('2024-01-01', '9999-99-99', 'application/json', 'text/html', '*/*'),
      anyHeaderText,
    ),
  ),
  { maxLength: 4 },
)

const anyQuery = fc.array(
  fc.tuple(fc.oneof(fc.constantFrom(...argumentNames, 'grant_type'), anyText), anyText),
  { maxLength: 4 },
)

/** Passwords cost a core 50 ms each, so endpoints that hash them come up less often. */
const weighted = routes.map((route) => ({
  weight: route.hashes ? 1 : 6,
  arbitrary: fc.constant(route),
}))
const rows = { weight: 8, arbitrary: fc.constant(undefined) }

export const anyRequest: fc.Arbitrary<Probe> = fc.oneof(...weighted, rows).chain((route) =>
  fc.record({
    method: fc.oneof(
      { weight: 12, arbitrary: fc.constant(route?.method ?? 'GET') },
      fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'),
    ),
    path: route ? pathOf(route) : rowsPath,
    query: anyQuery.map((query) => [...grantOf(route), ...query]),
    headers: anyHeaders,
    as: fc.constantFrom<Probe['as'][]>('nobody', 'user', 'admin', 'nonsense'),
    body: anyBody,
  }),
)

const grantOf = (route?: Route): [string, string][] =>
  route?.grant ? [['grant_type', route.grant]] : []

function pathOf(route: Route): fc.Arbitrary<string> {
  if (!route.path.includes(':')) return fc.constant(route.path)
  return anyText.map((text) => {
    const part = encodeURIComponent(wellFormed(text)).replace(/^\.+$/, '') || 'x'
    return route.path.replace(/:\w+/, () => part)
  })
}

const rowsPath = fc.oneof(
  fc.constant('/rest/v1/notes'),
  anyText.map((text) => `/rest/v1/${encodeURIComponent(wellFormed(text))}`),
)
