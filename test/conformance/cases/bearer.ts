// Who asks: bearer tokens on routes for users and for admins.

import {
  ask,
  auditOfAdmins,
  type Group,
  passes,
  refused,
  row,
  session,
  sql,
  token,
  user,
} from '../case.ts'

const badJwt = (why: string, status = 403) => refused(status, 'bad_jwt', why)
const unread = (why: string) => badJwt(`invalid JWT: unable to parse or verify signature, ${why}`)
const noBearer = refused(401, 'no_authorization', 'This endpoint requires a valid Bearer token')
const notAdmin = refused(403, 'not_admin', 'User not allowed')
const over = refused(403, 'session_expired', 'Session is no longer valid')
const gone = refused(
  403,
  'session_not_found',
  'Session from session_id claim in JWT does not exist',
)
const nobody = '6f1c0000-0000-4000-8000-000000000000'
const nil = '00000000-0000-0000-0000-000000000000'
const claims = { sub: '{ann.id}', aud: 'authenticated', role: 'authenticated' }
const header = (authorization: string) => ask('GET /user', { headers: { authorization } }, noBearer)
const made = (head: object, body: object) =>
  [head, body, 'signature']
    .map((part) =>
      Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url'),
    )
    .join('.')

// prettier-ignore
export const bearer: Group[] = [{ cases: [
  row('the word bearer may be written in any case', 'user.bearer_form',
    user('ann'), session('ann'),
    ask('GET /user', { headers: { authorization: 'bEaReR {ann.access_token}' } }, 200)),
  row('what is no bearer token is none', 'user.bearer_form user.bearer',
    ...['Basic YTpi', 'Bearer', 'Bearer a b', 'token'].map(header)),
  row('an expired token is refused', 'jwt.expired',
    token('old', { ...claims, sub: nobody, exp: 1700000000 }),
    ask('GET /user', { as: 'old' }, unread('token has invalid claims: token is expired'))),
  row('a token that is not good yet is refused', 'jwt.early',
    token('early', { ...claims, sub: nobody, nbf: 4000000000 }),
    ask('GET /user', { as: 'early' }, unread('token has invalid claims: token is not valid yet'))),
  row('a token signed by another is refused', 'jwt.signature',
    ask('GET /user', { headers: { authorization: `Bearer ${made({ alg: 'HS256' }, { sub: nobody })}` } },
      unread('token signature is invalid: signature is invalid'))),
  row('a token of another algorithm is refused', 'jwt.algorithm',
    ...['none', 'HS512', 'ES384'].map((alg) => ask('GET /user', { headers: { authorization: `Bearer ${made({ alg }, { sub: nobody })}` } },
      unread(`token signature is invalid: signing method ${alg} is invalid`)))),
  row('a token of a key that nobody knows is refused, and of HS256 tried with the secret', 'jwt.kid',
    ...['unheard of', undefined].map((kid) => ask('GET /user', { headers: { authorization: `Bearer ${made({ alg: 'ES256', kid }, { sub: nobody })}` } },
      unread(`token is unverifiable: error while executing keyfunc: unrecognized JWT kid ${kid ?? '<nil>'} for algorithm ES256`))),
    ask('GET /user', { headers: { authorization: `Bearer ${made({ alg: 'HS256', kid: 'unheard of' }, { sub: nobody })}` } },
      unread('token signature is invalid: signature is invalid'))),
  row('a token without three parts is refused', 'jwt.segments',
    ask('GET /user', { headers: { authorization: 'Bearer nonsense' } }, unread('token is malformed: token contains an invalid number of segments'))),
  row('an API key is no user', 'jwt.no_sub',
    ask('GET /user', { as: 'anon' }, badJwt('invalid claim: missing sub claim')),
    ask('GET /user', { as: 'service' }, badJwt('invalid claim: missing sub claim'))),
  row('sub is a UUID', 'jwt.sub_form',
    token('odd', { ...claims, sub: 'ann' }),
    ask('GET /user', { as: 'odd' }, badJwt('invalid claim: sub claim must be a UUID', 400))),
  row('a user who is gone is refused', 'jwt.no_user',
    token('ghost', { ...claims, sub: nobody }),
    ask('GET /user', { as: 'ghost' }, refused(403, 'user_not_found', 'User from sub claim in JWT does not exist'))),
  row('session_id is a UUID', 'jwt.session_form',
    user('ann'), token('odd', { ...claims, session_id: 'one' }),
    ask('GET /user', { as: 'odd' }, badJwt('invalid claim: session_id claim must be a UUID'))),
  row('a session that is gone is refused', 'jwt.no_session logout.dead',
    user('ann'), session('ann'),
    ask('POST /logout', { as: 'ann' }, 204),
    ask('GET /user', { as: 'ann' }, gone)),
  row('a banned user is refused on every user route', 'jwt.banned safe.ban',
    user('ann'), session('ann'),
    ask('PUT /admin/users/{ann.user.id}', { as: 'service', body: { ban_duration: '1h' } }, 200),
    ...['GET /user', 'PUT /user', 'GET /reauthenticate', 'POST /logout'].map((send) =>
      ask(send, { as: 'ann', ...(send === 'PUT /user' && { body: {} }) }, refused(403, 'user_banned', 'User is banned')))),
  row('a token without exp is good', 'jwt.no_exp jwt.issuer_unchecked',
    user('ann'), token('lasting', { ...claims, iss: 'https://elsewhere.example' }),
    ask('GET /user', { as: 'lasting' }, 200)),
  row('a token may have no session', 'jwt.sessionless',
    user('ann'), token('bare', claims), token('nil', { ...claims, session_id: nil }),
    ask('GET /user', { as: 'bare' }, 200),
    ask('GET /user', { as: 'nil' }, 200)),
  row('the session has to be the user\'s own', 'jwt.owner_unchecked',
    user('ann'), user('bob'), session('bob'),
    sql(`select id from auth.sessions where user_id = '{bob.user.id}'`, ['<uuid>']),
    token('mixed', { ...claims, session_id: nobody }),
    ask('GET /user', { as: 'mixed' }, gone)),
  row('admin routes want a bearer token that can be believed', 'admin.bearer',
    ask('GET /admin/users', {}, noBearer),
    ask('GET /admin/users', { headers: { authorization: 'Bearer nonsense' } }, unread('token is malformed: token contains an invalid number of segments'))),
  row('admin routes are for admins', 'admin.role',
    user('ann'), session('ann'),
    ...['GET /admin/users', 'POST /invite', 'POST /admin/generate_link', 'GET /admin/audit'].flatMap((send) => [
      ask(send, { as: 'ann' }, notAdmin), ask(send, { as: 'anon' }, notAdmin)])),
  row('a session of an admin has to live', 'admin.session',
    user('ann', { role: 'service_role' }), session('ann'),
    ask('GET /admin/users?per_page=1', { as: 'ann' }, 200),
    ask('POST /logout', { as: 'ann' }, 204),
    ask('GET /admin/users', { as: 'ann' }, over)),
  row('in the audit log an admin has the nil id and the role as name', 'admin.actor invite.audit',
    ask('POST /invite', { as: 'service', body: { email: '{email}' } }, { status: 200, body: { id: '<uuid>', '...': true } }, 'ann'),
    sql(`select payload::jsonb - 'traits' from auth.audit_log_entries where payload -> 'traits' ->> 'user_email' = '{email}'`,
      [{ action: 'user_invited', actor_id: nil, actor_username: 'service_role', actor_via_sso: false, log_type: 'team' }]),
    auditOfAdmins('{email}', 'user_invited team {"user_id": "{ann.id}", "user_email": "{email}"}')),
] }, { settings: { sessions_timebox: '1h' }, cases: [
  row('an access token outlives the limits of its session, an admin\'s does not', 'jwt.limits_unchecked admin.session',
    user('ann'), session('ann'), passes('61 minutes', '{ann.user.id}'),
    ask('GET /user', { as: 'ann' }, 200),
    user('bob', { role: 'service_role' }), session('bob'), passes('61 minutes', '{bob.user.id}'),
    ask('GET /admin/users', { as: 'bob' }, over)),
] }]
