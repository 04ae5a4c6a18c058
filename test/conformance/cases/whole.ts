// What holds everywhere: access tokens, CORS, the audit log, mails, settings.

import { ask, askOnce, type Group, mail, refused, row, session, sql, user } from '../case.ts'

const part = (name: string, n: number) =>
  `convert_from(auth_private.from_base64url(split_part('{${name}.access_token}', '.', ${n})), 'UTF8')::jsonb`
const claims = (name: string, gives: object) => sql(`select ${part(name, 2)}`, [gives as never])
const preflight = (headers: Record<string, string>, gets: Record<string, string>) =>
  ask(
    'OPTIONS /signup',
    {
      headers: {
        origin: 'https://app.example',
        'access-control-request-method': 'POST',
        ...headers,
      },
    },
    { status: 204, body: '', headers: gets },
  )

// prettier-ignore
export const whole: Group[] = [{ settings: { jwt_issuer: 'https://auth.example', jwt_exp: 600 }, cases: [
  row('an access token has exactly these claims', 'token.header token.claims token.issuer token.expiry token.amr token.aal',
    user('ann', { app_metadata: { plan: 'free' }, user_metadata: { name: 'Ann' } }), session('in', 'ann'),
    sql(`select ${part('in', 1)}`, [{ '...': true, alg: 'HS256', typ: 'JWT' }]),
    claims('in', { iss: 'https://auth.example', sub: '{ann.id}', aud: 'authenticated', exp: '<number>', iat: '<number>', email: '{ann.email}', phone: '',
      app_metadata: { provider: 'email', providers: ['email'], plan: 'free' }, user_metadata: { '...': true, name: 'Ann' }, role: 'authenticated', aal: 'aal1',
      amr: [{ method: 'password', timestamp: '<number>' }], session_id: '<uuid>', is_anonymous: false }),
    sql(`select (c ->> 'exp')::bigint - (c ->> 'iat')::bigint as life, (c ->> 'exp')::bigint = {in.expires_at} as told, {in.expires_in} as "in" from (select ${part('in', 2)}) t (c)`, [{ life: '<number>', told: true, in: 600 }]),
    sql(`update auth.sessions set aal = 'aal2' where user_id = '{ann.id}'`),
    sql(`insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at) select gen_random_uuid(), id, 'totp', now(), now() + interval '1 minute' from auth.sessions where user_id = '{ann.id}'`),
    ask('POST /token?grant_type=refresh_token', { refresh_token: '{in.refresh_token}' }, 200, 'next'),
    claims('next', { '...': true, aal: 'aal2', amr: [{ method: 'totp', timestamp: '<number>' }, { method: 'password', timestamp: '<number>' }], sub: '{ann.id}' })),
] }, { cases: [
  row('without an issuer iss is left out', 'token.issuer',
    user('ann'), session('in', 'ann'), claims('in', { '...': true, iss: '<absent>', jti: '<absent>', nbf: '<absent>', sub: '{ann.id}' })),
  row('every answer allows every origin', 'cors.origin cors.exposed cors.json cors.cookies',
    ...['GET /health', 'GET /user', 'GET /nowhere'].map((send) => ask(send, { headers: { origin: 'https://app.example' } }, { status: send === 'GET /health' ? 200 : send === 'GET /user' ? 401 : 404, headers: {
      'access-control-allow-origin': '*', 'access-control-allow-credentials': 'true', vary: 'Origin', 'set-cookie': '<absent>',
      'access-control-expose-headers': 'X-Total-Count, Link, X-Supabase-Api-Version<any>',
      'content-type': send === 'GET /nowhere' ? 'text/plain<any>' : 'application/json' } }))),
  row('a preflight echoes method and headers', 'cors.preflight cors.apikey',
    preflight({ 'access-control-request-headers': 'authorization,content-type,x-client-info,x-jwt-aud,x-use-cookie,x-supabase-api-version,apikey' }, {
      'access-control-allow-methods': 'POST', 'access-control-allow-headers': 'authorization,content-type,x-client-info,x-jwt-aud,x-use-cookie,x-supabase-api-version,apikey',
      'access-control-allow-origin': '*', 'access-control-max-age': '<absent>' })),
  row('a preflight for an unknown header allows nothing', 'cors.denied',
    preflight({ 'access-control-request-headers': 'x-own' }, { 'access-control-allow-methods': '<absent>', 'access-control-allow-headers': '<absent>' })),
  row('mails come from the sender, with every part of the link', 'mail.from mail.link mail.variables',
    user('ann', { email: '{email}' }), ask('POST /recover', { body: { email: '{email}' }, headers: { redirect_to: 'http://localhost:3000/a?b=1&c=2' } }, 200),
    mail('{email}', { '...': true, from: '"pgtrue" <auth@example.com>', to: '{email}', links: ['{api}/verify?token=<token>&type=recovery&redirect_to=http%3A%2F%2Flocalhost%3A3000%2Fa%3Fb%3D1%26c%3D2'] })),
  row('a dead mail server fails no request', 'mail.failure',
    ask('POST /signup', { email: '{email}', password: '{password}' }, 200), mail('{email}')),
  row('what is rolled back is not in the log', 'audit.rollback',
    user('ann', { email: '{email}' }), ask('POST /recover', { email: '{email}' }, 200),
    ask('POST /recover', { email: '{email}' }, { status: 429 }),
    sql(`select count(*)::integer from auth.audit_log_entries where payload ->> 'actor_username' = '{email}'`, [1])),
  row('settings have GoTrue\'s defaults', 'config.defaults config.names',
    sql(`select column_name || '=' || coalesce(column_default, '') as d from information_schema.columns
         where table_schema = 'auth_private' and table_name = 'settings' and column_name in ('disable_signup', 'mailer_autoconfirm', 'mailer_otp_exp', 'mailer_otp_length',
           'external_email_enabled', 'external_phone_enabled', 'external_anonymous_users_enabled', 'jwt_exp', 'password_min_length', 'mailer_secure_email_change_enabled',
           'security_refresh_token_reuse_interval', 'security_refresh_token_rotation_enabled', 'sms_otp_exp', 'sms_otp_length', 'sms_autoconfirm') order by column_name`,
      ['disable_signup=false', 'external_anonymous_users_enabled=false', 'external_email_enabled=true', 'external_phone_enabled=false', 'jwt_exp=3600', 'mailer_autoconfirm=false',
        'mailer_otp_exp=86400', 'mailer_otp_length=6', 'mailer_secure_email_change_enabled=true', 'password_min_length=6', 'security_refresh_token_reuse_interval=0',
        'security_refresh_token_rotation_enabled=true', 'sms_autoconfirm=false', 'sms_otp_exp=60', 'sms_otp_length=6'])),
  row('admin roles are what the settings say', 'admin.default_roles',
    sql(`select jwt_admin_roles from auth_private.settings`, [['service_role']])),
  row('the hash of another kind than bcrypt is refused', 'password.imported',
    ask('POST /admin/users', { as: 'service', body: { email: '{email}', password_hash: '$argon2id$v=19$m=65536,t=3,p=4$c2FsdHNhbHQ$aGFzaGhhc2g' } }, refused(400, 'validation_failed', 'Password hash must be bcrypt')),
    user('ann', { email: '{email}' }), ask('POST /token?grant_type=password', { email: '{email}', password: '{password}' }, 200)),
  row('an admin\'s change of a user moves updated_at', 'safe.updated_at',
    user('ann'), ask('PUT /admin/users/{ann.id}', { as: 'service', body: { user_metadata: { a: 1 } } }, 200), sql(`select updated_at > '{ann.updated_at}' as later from auth.users where id = '{ann.id}'`, [true])),
] }, { settings: { audit_log_disable_postgres: true }, cases: [
  row('a setting turns the audit log off', 'audit.off',
    user('ann', { email: '{email}' }), session('in', 'ann'), sql(`select count(*)::integer from auth.audit_log_entries where payload::text like '%{email}%'`, [0])),
] }, { settings: { smtp_max_frequency: '0s', mailer_subjects_recovery: 'Hello {{ .Email }}', mailer_urlpaths_recovery: '/auth/v1/verify' }, cases: [
  row('subjects, paths and durations can be set', 'mail.templates mail.link config.duration',
    user('ann', { email: '{email}' }), ask('POST /recover', { email: '{email}' }, 200),
    mail('{email}', { '...': true, subject: 'Hello {email}', links: ['{api}/auth/v1/verify?token=<token>&type=recovery&redirect_to=http://localhost:3000'] }),
    askOnce('POST /recover', { email: '{email}' }, 200), mail('{email}')),
  row('a value that is not allowed is refused', 'config.refused',
    sql(`do $$ begin
           perform auth.configure('{"mailer_otp_exp": "soon", "no_such_setting": 1}');
           raise exception 'it was taken';
         exception when sqlstate 'PT400' then null;
         end $$`),
    sql('select mailer_otp_exp from auth_private.settings', [86400])),
] }, { settings: { external_phone_enabled: true, sms_provider: 'vonage' }, cases: [
  row('WhatsApp is for Twilio only', 'sms.channel',
    ask('POST /otp', { phone: '{phone}', channel: 'whatsapp' }, { status: 400 })),
] }]
