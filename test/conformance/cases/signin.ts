// Sign-in with a password, sign-out, sessions and their refresh.

import {
  ask,
  askOnce,
  audit,
  type Group,
  hold,
  passes,
  refused,
  row,
  session,
  sessionBody,
  sql,
  token,
  user,
} from '../case.ts'

const invalid = (message: string) => refused(400, 'validation_failed', message)
const wrong = refused(400, 'invalid_credentials', 'Invalid login credentials')
const signIn = 'POST /token?grant_type=password'
const refresh = 'POST /token?grant_type=refresh_token'
const expired = (why = '') =>
  refused(400, 'session_expired', `Invalid Refresh Token: Session Expired${why}`)
const used = refused(400, 'refresh_token_already_used', 'Invalid Refresh Token: Already Used')
const notFound = refused(
  400,
  'refresh_token_not_found',
  'Invalid Refresh Token: Refresh Token Not Found',
)
const gone = refused(
  403,
  'session_not_found',
  'Session from session_id claim in JWT does not exist',
)
const isRefused = (token: string, gets: ReturnType<typeof refused>) =>
  ask(refresh, { refresh_token: token }, gets)
const ann = [user('ann'), session('in', 'ann')]
const shift = (column: string, by = '1 hour', name = 'in') =>
  sql(
    `update auth.sessions set ${column} = ${column} - interval '${by}' where user_id = '{${name}.user.id}'`,
  )
const factor =
  sql(`insert into auth.mfa_factors (id, user_id, friendly_name, secret, factor_type, status, created_at, updated_at)
  values (gen_random_uuid(), '{in.user.id}', '', '', 'totp', 'verified', now(), now())`)
const sessions = (n: number) =>
  sql(`select count(*)::integer from auth.sessions where user_id = '{in.user.id}'`, [n])
/** Two tokens of GoTrue's older kind, of which the first has been answered with the second. */
const older = (name: string) =>
  sql(`
  with s as (select id, user_id from auth.sessions where user_id = '{in.user.id}' limit 1),
  moved as (update auth.sessions s set refresh_token_hmac_key = null, refresh_token_counter = null from s x where s.id = x.id)
  insert into auth.refresh_tokens (instance_id, token, user_id, revoked, session_id, parent, created_at, updated_at)
  select '00000000-0000-0000-0000-000000000000', t.token, s.user_id::text, t.revoked, s.id, t.parent, now(), now()
  from s, (values ('${name}00000000', true, null), ('${name}00000001', true, '${name}00000000'), ('${name}00000002', false, '${name}00000001')) t (token, revoked, parent)`)
const reuse = {
  'sb-auth-refresh-token-reuse': '<absent>',
  'sb-auth-refresh-token-rotated': '<absent>',
}

// prettier-ignore
export const signin: Group[] = [{ settings: { external_phone_enabled: true, sms_provider: 'twilio' }, cases: [
  row('an unknown or missing grant_type is refused', 'signin.grant',
    ask('POST /token', { email: '{email}' }, refused(400, 'invalid_credentials', 'unsupported_grant_type')),
    ask('POST /token?grant_type=magic', { email: '{email}' }, refused(400, 'invalid_credentials', 'unsupported_grant_type'))),
  row('exactly one of address and number signs in', 'signin.both signin.neither',
    ask(signIn, { email: '{email}', phone: '{phone}', password: 'x' }, invalid('Only an email address or phone number should be provided on login.')),
    ask(signIn, { password: 'x' }, invalid('missing email or phone'))),
  row('a malformed address is just wrong', 'signin.form signin.unknown',
    ask(signIn, { email: 'no', password: '{password}' }, wrong),
    ask(signIn, { email: '{email}', password: '{password}' }, wrong),
    ask(signIn, { phone: 'no', password: '{password}' }, wrong)),
  row('a number may have its plus and spaces', 'signin.case',
    user('ann', { phone: '{phone}' }),
    ask(signIn, { phone: '+{phone} ', password: '{password}' }, { status: 200 })),
  row('a user without a password is just wrong', 'signin.no_password',
    user('ann', { password: null, password_hash: null }),
    ask(signIn, { email: '{ann.email}', password: '' }, wrong),
    ask(signIn, { email: '{ann.email}', password: '{password}' }, wrong)),
  row('a wrong password is refused', 'signin.wrong',
    user('ann'), ask(signIn, { email: '{ann.email}', password: 'Correct horse battery' }, wrong)),
  row('a banned user is told so, whatever the password', 'signin.banned safe.ban',
    user('ann', { ban_duration: '1h' }),
    ask(signIn, { email: '{ann.email}', password: 'wrong' }, refused(400, 'user_banned', 'User is banned'))),
  row('a ban is lifted', 'safe.ban_lift',
    user('ann', { ban_duration: '1h' }),
    ask('PUT /admin/users/{ann.id}', { as: 'service', body: { ban_duration: 'none' } }, { status: 200, body: { '...': true, banned_until: '<absent>' } }),
    ask(signIn, { email: '{ann.email}', password: '{password}' }, 200)),
  row('unconfirmed users are told so if the password is right', 'signin.unconfirmed_email signin.unconfirmed_phone',
    user('ann', { email: '{email}', email_confirm: false }), user('bob', { phone: '{phone}', phone_confirm: false }),
    ask(signIn, { email: '{email}', password: '{password}' }, refused(400, 'email_not_confirmed', 'Email not confirmed')),
    ask(signIn, { phone: '{phone}', password: '{password}' }, refused(400, 'phone_not_confirmed', 'Phone not confirmed')),
    ask(signIn, { email: '{email}', password: 'wrong' }, wrong)),
  row('each sign-in opens a session of its own, and is in the log', 'signin.last signin.audit signin.amr session.row',
    user('ann'),
    ask(signIn, { body: { email: '{ann.email}', password: '{password}' }, headers: { 'user-agent': 'first' } }, 200, 'in'),
    ask(signIn, { body: { email: '{ann.email}', password: '{password}' }, headers: { 'user-agent': 'second' } }, 200, 'again'),
    sql(`select s.aal::text, s.user_agent, host(s.ip) as ip, s.refreshed_at, s.not_after, m.authentication_method as method
         from auth.sessions s join auth.mfa_amr_claims m on m.session_id = s.id where s.user_id = '{ann.id}' order by s.created_at`,
      ['first', 'second'].map((user_agent) => ({ aal: 'aal1', user_agent, ip: '127.0.0.1', refreshed_at: null, not_after: null, method: 'password' }))),
    ask('GET /user', { as: 'in' }, { status: 200, body: { '...': true, last_sign_in_at: '{again.user.last_sign_in_at}' } }),
    audit('{ann.email}', 'login account {"provider": "email"}', 'login account {"provider": "email"}')),
  row('the log names the phone as provider', 'signin.audit audit.phone_name audit.row',
    user('ann', { phone: '{phone}', email: '{email}', user_metadata: { full_name: 'Ann Example' } }),
    ask(signIn, { phone: '{phone}', password: '{password}' }, 200),
    sql(`select payload::jsonb as payload, ip_address from auth.audit_log_entries where payload ->> 'actor_id' = '{ann.id}'`,
      [{ payload: { actor_id: '{ann.id}', actor_via_sso: false, actor_username: '{phone}', actor_name: 'Ann Example', action: 'login', log_type: 'account', traits: { provider: 'phone' } }, ip_address: '' }])),

  // sign-out
  row('sign-out ends all sessions', 'logout.global logout.answer',
    ...ann, session('other', 'ann'),
    ask('POST /logout', { as: 'in' }, { status: 204, body: '' }), sessions(0),
    ask('GET /user', { as: 'other' }, gone), isRefused('{other.refresh_token}', notFound),
    audit('{ann.id}', 'login account {"provider": "email"}', 'login account {"provider": "email"}', 'logout account')),
  row('local sign-out ends this session', 'logout.local',
    ...ann, session('other', 'ann'),
    askOnce('POST /logout?scope=local', { as: 'in' }, 204),
    ask('GET /user', { as: 'in' }, gone), ask('GET /user', { as: 'other' }, 200)),
  row('sign-out of others leaves this session', 'logout.others',
    ...ann, session('other', 'ann'),
    askOnce('POST /logout?scope=others', { as: 'in' }, 204),
    ask('GET /user', { as: 'in' }, 200), ask('GET /user', { as: 'other' }, gone)),
  row('an unknown scope is refused', 'logout.scope',
    ...ann, ask('POST /logout?scope=here', { as: 'in' }, invalid('Unsupported logout scope "here"'))),
  row('a token without a session signs out everywhere', 'logout.sessionless',
    ...ann, token('bare', { sub: '{ann.id}', role: 'authenticated', aud: 'authenticated' }),
    askOnce('POST /logout?scope=local', { as: 'bare' }, 204), sessions(0)),

  // refresh
  row('a token of a wrong form is refused', 'refresh.form v2.form',
    ...['', 'short', 'UPPERCASE123', 'waytoolongtobeone', 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'].map((it) =>
      isRefused(it, invalid('Refresh token is not valid'))),
    ...ann,
    sql(`select '{in.refresh_token}' ~ '^[A-Za-z0-9_-]{51}$' as plain`, [true])),
  row('a token of nobody, or signed by nobody, is not found', 'refresh.unknown',
    isRefused('abcdefghijk2', notFound),
    ...ann,
    sql(`update auth.sessions set refresh_token_hmac_key = auth_private.base64url(sha256('x')) where user_id = '{ann.id}'`),
    isRefused('{in.refresh_token}', notFound)),
  row('a banned user can not refresh', 'refresh.banned safe.ban',
    ...ann, sql(`update auth.users set banned_until = now() + interval '1 hour' where id = '{ann.id}'`),
    isRefused('{in.refresh_token}', refused(400, 'user_banned', 'Invalid Refresh Token: User Banned')),
    sessions(1)),
  row('an older token without a session is refused', 'refresh.no_session',
    ...ann, older('a1b2'),
    sql(`update auth.refresh_tokens set session_id = null where token = 'a1b200000002'`),
    isRefused('a1b200000002', refused(400, 'session_not_found', 'Invalid Refresh Token: No Valid Session Found'))),
  row('a counter ahead of the database is none of ours', 'refresh.ahead',
    ...ann, ask(refresh, { refresh_token: '{in.refresh_token}' }, 200, 'next'),
    sql(`update auth.sessions set refresh_token_counter = 0 where user_id = '{ann.id}'`),
    isRefused('{next.refresh_token}', invalid('Invalid Refresh Token: Not Issued By This Server'))),
  row('a session past its not_after can not be refreshed, and stays', 'refresh.not_after session.kept session.order',
    ...ann, sql(`update auth.sessions set not_after = now() - interval '1 second' where user_id = '{ann.id}'`),
    isRefused('{in.refresh_token}', expired()), sessions(1)),
  row('a refresh moves the counter on and notes when, and by whom', 'v2.rotate session.row',
    ...ann,
    ask(refresh, { body: { refresh_token: '{in.refresh_token}' }, headers: { 'user-agent': 'later' } }, { status: 200, headers: { 'sb-auth-refresh-token-counter': '1' } }, 'next'),
    sql(`select user_agent, refresh_token_counter::integer as counter, refreshed_at is not null as refreshed, '{next.refresh_token}' <> '{in.refresh_token}' as other
         from auth.sessions where user_id = '{ann.id}'`, [{ user_agent: 'later', counter: 1, refreshed: true, other: true }]),
    ask(refresh, { refresh_token: '{next.refresh_token}' }, { status: 200, headers: { 'sb-auth-refresh-token-counter': '2' } })),
  row('a token one behind is answered with the current one', 'v2.lost_answer v2.parallel quirk.parallel_tokens',
    ...ann, ask(refresh, { refresh_token: '{in.refresh_token}' }, 200, 'next'),
    passes('1 day', '{ann.id}'),
    ask(refresh, { refresh_token: '{in.refresh_token}' }, { status: 200, headers: { ...reuse, 'sb-auth-refresh-token-reuse-cause': 'fail-to-save', 'sb-auth-refresh-token-counter': '1' },
      body: sessionBody({ '...': true }, { refresh_token: '{next.refresh_token}' }) })),
  row('a token two behind ends the session', 'v2.reused refresh.reused',
    ...ann, ask(refresh, { refresh_token: '{in.refresh_token}' }, 200, 'next'), ask(refresh, { refresh_token: '{next.refresh_token}' }, 200, 'last'),
    askOnce(refresh, { refresh_token: '{in.refresh_token}' }, { ...used, headers: { 'sb-auth-refresh-token-rotated': 'true', 'x-sb-error-code': 'refresh_token_already_used' } }),
    sessions(0), isRefused('{last.refresh_token}', notFound), ask('GET /user', { as: 'last' }, gone)),
  row('a refresh waits 5 s for a session that another holds', 'refresh.conflict',
    ...ann, hold(`select from auth.sessions where user_id = '{ann.id}' for update`),
    askOnce(refresh, { refresh_token: '{in.refresh_token}' }, refused(409, 'conflict', 'Too many concurrent token refresh requests on the same session or refresh token'))),
  row('a refresh tells what has changed', 'token.fresh',
    ...ann,
    ask('PUT /admin/users/{ann.id}', { as: 'service', body: { user_metadata: { name: 'Ann' }, app_metadata: { plan: 'free' } } }, 200),
    ask(refresh, { refresh_token: '{in.refresh_token}' }, 200, 'next'),
    ask('GET /user', { as: 'next' }, { status: 200, body: { '...': true, user_metadata: { '...': true, name: 'Ann' }, app_metadata: { '...': true, plan: 'free' } } })),
  row('an older token is answered with a newer one, and revoked', 'v1.rotate v1.issued',
    ...ann, older('c1d2'),
    ask(refresh, { refresh_token: 'c1d200000002' }, { status: 200, body: sessionBody() }, 'next'),
    sql(`select token from auth.refresh_tokens where token like 'c1d2%' and not revoked`, []),
    sql(`select length('{next.refresh_token}')`, [51]),
    audit('{ann.id}', 'login account {"provider": "email"}', 'token_revoked token', 'token_refreshed token')),
  row('the parent of the active older token is answered with that one, at any time', 'v1.lost_answer',
    ...ann, older('e1f2'), passes('30 days', '{ann.id}'),
    ask(refresh, { refresh_token: 'e1f200000001' }, { status: 200, body: sessionBody({ '...': true }, { refresh_token: 'e1f200000002' }) })),
  row('an older token that was revoked long ago ends the session', 'v1.reused',
    ...ann, older('g1h2'), passes('1 minute', '{ann.id}'),
    askOnce(refresh, { refresh_token: 'g1h200000000' }, used), sessions(0)),
  row('a new sign-in ends no older session', 'session.single_login',
    ...ann, session('other', 'ann'), ask(refresh, { refresh_token: '{in.refresh_token}' }, 200)),
] }, { settings: { security_refresh_token_reuse_interval: 10 }, cases: [
  row('within the interval any older token is answered with the current one', 'v2.interval',
    ...ann, ask(refresh, { refresh_token: '{in.refresh_token}' }, 200, 'next'), ask(refresh, { refresh_token: '{next.refresh_token}' }, 200, 'last'),
    ask(refresh, { refresh_token: '{in.refresh_token}' }, { status: 200, headers: { ...reuse, 'sb-auth-refresh-token-reuse-cause': 'concurrent-refresh' },
      body: sessionBody({ '...': true }, { refresh_token: '{last.refresh_token}' }) }),
    ask(refresh, { refresh_token: '{next.refresh_token}' }, { status: 200, headers: { ...reuse, 'sb-auth-refresh-token-reuse-cause': 'concurrent-refresh,fail-to-save' } }),
    passes('11 seconds', '{ann.id}'),
    askOnce(refresh, { refresh_token: '{in.refresh_token}' }, used), sessions(0)),
  row('within the interval a revoked older token is taken', 'v1.interval',
    ...ann, older('i1j2'), ask(refresh, { refresh_token: 'i1j200000000' }, 200)),
] }, { settings: { security_refresh_token_allow_reuse: true }, cases: [
  row('with reuse allowed any older token is taken', 'v2.allow',
    ...ann, ask(refresh, { refresh_token: '{in.refresh_token}' }, 200, 'next'), ask(refresh, { refresh_token: '{next.refresh_token}' }, 200), passes('1 day', '{ann.id}'),
    ask(refresh, { refresh_token: '{in.refresh_token}' }, { status: 200, headers: { ...reuse, 'sb-auth-refresh-token-reuse-cause': 'always-allow' } })),
] }, { settings: { security_refresh_token_rotation_enabled: false }, cases: [
  row('without rotation a reused token is refused and ends nothing', 'v2.no_rotation',
    ...ann, ask(refresh, { refresh_token: '{in.refresh_token}' }, 200, 'next'), ask(refresh, { refresh_token: '{next.refresh_token}' }, 200), passes('1 day', '{ann.id}'),
    isRefused('{in.refresh_token}', { ...used, headers: { 'sb-auth-refresh-token-rotated': '<absent>' } }), sessions(1)),
] }, { settings: { sessions_timebox: '1h', sessions_inactivity_timeout: '10m', sessions_allow_low_aal: '5m' }, cases: [
  row('a session over its time can not be refreshed', 'refresh.timebox session.order',
    ...ann, factor, shift('created_at', '61 minutes'), isRefused('{in.refresh_token}', expired()), sessions(1)),
  row('an idle session can not be refreshed', 'refresh.inactive session.order',
    ...ann, factor, shift('created_at', '11 minutes'), isRefused('{in.refresh_token}', expired(' (Inactivity)'))),
  row('a session that was refreshed is not idle', 'refresh.inactive',
    ...ann, shift('created_at', '9 minutes'), ask(refresh, { refresh_token: '{in.refresh_token}' }, 200, 'next'), shift('created_at', '9 minutes'),
    ask(refresh, { refresh_token: '{next.refresh_token}' }, 200)),
  row('a session that lacks the factor too long can not be refreshed', 'refresh.low_aal',
    ...ann, factor, shift('created_at', '6 minutes'), isRefused('{in.refresh_token}', expired(' (Low AAL: User Needs MFA Verification)'))),
  row('its token ends with that time', 'token.expiry',
    ...ann, factor, shift('created_at', '2 minutes'),
    ask(refresh, { refresh_token: '{in.refresh_token}' }, { status: 200, body: { '...': true, expires_in: '<number>' } }, 'next'),
    sql(`select {next.expires_in} between 175 and 180 as early`, [true])),
] }, { settings: { sessions_single_per_user: true }, cases: [
  row('with one session per user an older one can not be refreshed', 'refresh.single',
    ...ann, session('other', 'ann'),
    isRefused('{in.refresh_token}', expired(' (Revoked by Newer Login)')), ask('GET /user', { as: 'in' }, 200),
    ask(refresh, { refresh_token: '{other.refresh_token}' }, 200)),
] }, { settings: { sessions_single_per_user: true, sessions_tags: 'web,mobile' }, cases: [
  row('with tags there may be one session of each', 'session.single_tags',
    ...ann, sql(`update auth.sessions set tag = 'mobile' where user_id = '{ann.id}'`), session('web', 'ann'),
    ask(refresh, { refresh_token: '{in.refresh_token}' }, 200),
    sql(`update auth.sessions set tag = 'unknown' where user_id = '{ann.id}' and tag is null`), session('newer', 'ann'),
    isRefused('{web.refresh_token}', expired(' (Revoked by Newer Login)'))),
] }]
