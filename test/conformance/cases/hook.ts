// Hooks that are functions of the application's database.

import { ask, askOnce, type Group, nothingSent, refused, row, session, sql, user } from '../case.ts'

const uri = (name: string) => ({
  [`hook_${name}_enabled`]: true,
  [`hook_${name}_uri`]: `pg-functions://postgres/hooked/${name}`,
})
const signUp = (prefix = '') => ({ email: `${prefix}{email}`, password: '{password}' })
const failed = (message: string) => refused(500, 'unexpected_failure', message)
const teapot = refused(418, 'unknown', 'no tea')
const heard = (hook: string, who: string, gives: object) =>
  sql(`select event from hooked.heard where hook = '${hook}' and event::text like '%${who}%'`, [
    gives as never,
  ])
const metadata = (name: string) => ({
  uuid: '<uuid>',
  time: '<time>',
  name,
  ip_address: '127.0.0.1',
})
const refresh = 'POST /token?grant_type=refresh_token'
const signIn = (name: string, password = '{password}') => ({ email: `{${name}.email}`, password })
const rejects = (name: string, has: object) => user(name, { user_metadata: { hook: has as never } })
/** What a hook answers for somebody whose address begins with a word. */
const answers = `
  if who like 'teapot.%' then return '{"error": {"http_code": 418, "message": "no tea"}}'; end if;
  if who like 'plain.%' then return '{"error": {"message": "just no"}}'; end if;
  if who like 'silent.%' then return '{"error": {"http_code": 418, "message": ""}}'; end if;
  if who like 'raise.%' then raise exception 'boom'; end if;
  if who like 'divide.%' then perform 1 / 0; end if;
  if who like 'text.%' then return '"text"'; end if;`
const hook = (name: string, who: string, body: string) =>
  sql(`
  create function hooked.${name}(event jsonb) returns jsonb language plpgsql as $$
  declare who text := ${who};
  begin insert into hooked.heard values ('${name}', event); ${body} end $$`)
const owner = `(select u.raw_user_meta_data -> 'hook' from auth.users u where u.id::text = event ->> 'user_id')`

// prettier-ignore
export const hooks: Group[] = [{ cases: [
  row('an application has hooks', 'hook.error',
    sql(`create schema hooked; create table hooked.heard (hook text, event jsonb);
         grant usage on schema hooked to auth_owner; grant all on hooked.heard to auth_owner`),
    hook('before_user_created', `event -> 'user' ->> 'email'`, `${answers} return '{}';`),
    hook('after_user_created', `event -> 'user' ->> 'email'`, `${answers} return '{}';`),
    hook('send_email', `event -> 'user' ->> 'email'`, `${answers} return '{}';`),
    hook('send_sms', `event -> 'user' ->> 'phone'`, `return '{}';`),
    hook('password_verification_attempt', owner, `return who::jsonb;`),
    hook('custom_access_token', `event -> 'claims' -> 'user_metadata' ->> 'hook'`, `
      if who = 'missing' then return '{}'; end if;
      if who = 'bad' then return jsonb_build_object('claims', (event -> 'claims') - 'sub'); end if;
      return jsonb_build_object('claims', (event -> 'claims') || '{"plan": "pro"}');`),
    ask('GET /health', {}, 200)),
] }, { settings: { ...uri('before_user_created'), external_anonymous_users_enabled: true }, cases: [
  row('before-user-created is told of metadata and user', 'hook.before',
    ask('POST /signup', { ...signUp(), data: { name: 'Ann' } }, 200, 'ann'),
    heard('before_user_created', '{email}', { metadata: metadata('before-user-created'), user: { '...': true, id: '{ann.id}', role: '', email: '{email}', created_at: '0001-01-01T00:00:00Z' } })),
  row('its error is the answer, with the status that it names', 'hook.error error.uncoded hook.before',
    ask('POST /signup', signUp('teapot.'), teapot), ask('POST /signup', signUp('plain.'), failed('just no')),
    sql(`select count(*)::integer from auth.users where email like '%.{email}'`, [0])),
  row('an error without words is none', 'hook.error', ask('POST /signup', signUp('silent.'), 200)),
  row('a function that fails is named', 'hook.sql_error',
    ask('POST /signup', signUp('divide.'), failed('Error running hook URI: pg-functions://postgres/hooked/before_user_created'))),
  row('what it raises is shown in the older form', 'hook.sql_error error.application',
    askOnce('POST /signup', signUp('raise.'), { status: 500, body: { code: 'P0001', message: 'boom' } })),
  row('output that is no object can not be read', 'hook.output', ask('POST /signup', signUp('text.'), failed('Error unmarshaling JSON output.'))),
  row('it does not run for users that admins make', 'hook.before_not_admin',
    user('ann', { email: '{email}' }), sql(`select count(*)::integer from hooked.heard where event::text like '%{email}%'`, [0])),
  row('it runs for anonymous users', 'anonymous.hooks',
    ask('POST /signup', { data: { who: '{email}' } }, 200), heard('before_user_created', '{email}', { '...': true, user: { '...': true, is_anonymous: true, email: '' } })),
] }, { settings: { ...uri('after_user_created'), external_anonymous_users_enabled: true }, cases: [
  row('after-user-created is told of the user', 'hook.after',
    ask('POST /signup', signUp(), 200, 'ann'), heard('after_user_created', '{email}', { metadata: metadata('after-user-created'), user: { '...': true, id: '{ann.id}', email: '{email}' } })),
  row('its error answers, and the user stays', 'hook.after hook.after_error error.uncoded',
    askOnce('POST /signup', signUp('teapot.'), failed('Error invoking hook')), sql(`select count(*)::integer from auth.users where email = 'teapot.{email}'`, [1]),
    askOnce('POST /invite', { as: 'service', body: { email: 'teapot.i.{email}' } }, teapot), sql(`select count(*)::integer from auth.users where email = 'teapot.i.{email}'`, [1])),
  row('after-user-created runs for anonymous users', 'anonymous.hooks',
    ask('POST /signup', { data: { who: '{email}' } }, 200), heard('after_user_created', '{email}', { '...': true, user: { '...': true, is_anonymous: true } })),
] }, { settings: uri('custom_access_token'), cases: [
  row('custom-access-token replaces the claims', 'hook.claims token.expiry',
    user('ann'), session('in', 'ann'),
    sql(`select auth_private.from_base64url(split_part('{in.access_token}', '.', 2)) is not null`, [true]),
    sql(`select convert_from(auth_private.from_base64url(split_part('{in.access_token}', '.', 2)), 'UTF8')::jsonb ->> 'plan'`, ['pro']),
    heard('custom_access_token', '{ann.id}', { metadata: { '...': true, uuid: '<uuid>', name: 'customize-access-token' }, user_id: '{ann.id}', authentication_method: 'password',
      claims: { '...': true, sub: '{ann.id}', aud: 'authenticated', role: 'authenticated' } }),
    ask(refresh, { refresh_token: '{in.refresh_token}' }, 200),
    sql(`select event ->> 'authentication_method', jsonb_typeof(event -> 'claims' -> 'aud') as aud from hooked.heard where event ->> 'user_id' = '{ann.id}' and event ->> 'authentication_method' = 'token_refresh'`,
      [{ '?column?': 'token_refresh', aud: 'string' }])),
  row('the hook always sees aud as text', 'quirk.hook_aud',
    user('ann'), session('in', 'ann'), sql(`select distinct jsonb_typeof(event -> 'claims' -> 'aud') from hooked.heard where hook = 'custom_access_token'`, ['string'])),
  row('output without claims is a failure', 'hook.claims_missing error.uncoded',
    user('ann', { user_metadata: { hook: 'missing' } }), ask('POST /token?grant_type=password', signIn('ann'), failed('output claims field is missing'))),
  row('claims that break the schema are a failure that lists the faults', 'hook.claims_schema error.uncoded',
    user('ann', { user_metadata: { hook: 'bad' } }), ask('POST /token?grant_type=password', signIn('ann'), failed('output claims do not conform to the expected schema: \n- <any>sub<any>'))),
] }, { settings: uri('password_verification_attempt'), cases: [
  row('password-verification is told whether it was right, and may reject', 'hook.password hook.password_message signin.hook',
    rejects('ann', { decision: 'reject', message: 'not today' }), rejects('bob', { decision: 'reject' }), rejects('eve', { decision: 'continue' }),
    askOnce('POST /token?grant_type=password', signIn('ann'), refused(400, 'invalid_credentials', 'not today')),
    heard('password_verification_attempt', '{ann.id}', { metadata: { '...': true, name: 'password-verification' }, user_id: '{ann.id}', valid: true }),
    askOnce('POST /token?grant_type=password', signIn('bob', 'wrong'), refused(400, 'invalid_credentials', 'Further password verification attempts will be rejected.')),
    heard('password_verification_attempt', '{bob.id}', { '...': true, valid: false }),
    ask('POST /token?grant_type=password', signIn('eve'), 200)),
  row('a rejection may end all sessions', 'hook.password_logout',
    rejects('ann', {}), session('in', 'ann'),
    sql(`update auth.users set raw_user_meta_data = '{"hook": {"decision": "reject", "should_logout_user": true}}' where id = '{ann.id}'`),
    askOnce('POST /token?grant_type=password', signIn('ann'), refused(400, 'invalid_credentials', 'Further password verification attempts will be rejected.')),
    sql(`select count(*)::integer from auth.sessions where user_id = '{ann.id}'`, [0])),
] }, { settings: uri('send_email'), cases: [
  row('send-email is told user and email_data, and nothing is mailed', 'hook.mail',
    ask('POST /signup', signUp(), 200, 'ann'), nothingSent('{email}'),
    heard('send_email', '{email}', { metadata: { '...': true, name: 'send-email' }, user: { '...': true, id: '{ann.id}' },
      email_data: { token: '<code>', token_hash: '<token>', redirect_to: 'http://localhost:3000', email_action_type: 'signup', site_url: '{api}',
        token_new: '', token_hash_new: '', old_email: '', old_phone: '', provider: '', factor_type: '' } })),
  row('one call has both codes of a change of address, crossed', 'hook.mail_change',
    user('ann', { email: '{email}' }), session('in', 'ann'), askOnce('PUT /user', { as: 'in', body: { email: '{email2}' } }, 200),
    sql(`select c.code_hash = auth_private.code_hash('{email}', h.d ->> 'token') as now, n.token_hash = auth_private.sha256_hex(h.d ->> 'token_hash') as new
         from (select event -> 'email_data' as d from hooked.heard where hook = 'send_email' and event::text like '%{email2}%') h
         join auth_private.one_time_codes c on c.user_id = '{ann.id}' and c.token_type = 'email_change_token_current'
         join auth.one_time_tokens n on n.user_id = '{ann.id}' and n.token_type = 'email_change_token_new'`, [{ now: true, new: true }])),
  row('its error undoes the request', 'hook.mail hook.error error.uncoded',
    ask('POST /signup', signUp('teapot.'), teapot), sql(`select count(*)::integer from auth.users where email = 'teapot.{email}'`, [0])),
] }, { settings: { ...uri('send_sms'), external_phone_enabled: true }, cases: [
  row('send-sms is told user and code', 'hook.sms sms.channel',
    ask('POST /signup', { phone: '{phone}', password: '{password}', channel: 'carrier pigeon' }, 200), nothingSent('{phone}'),
    heard('send_sms', '{phone}', { metadata: { '...': true, name: 'send-sms' }, user: { '...': true, phone: '{phone}' }, sms: { otp: '<code>', phone: '{phone}' } })),
] }]
