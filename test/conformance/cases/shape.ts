// What users, identities and sessions look like, and their metadata.

import {
  ask,
  type Group,
  mail,
  row,
  session,
  sessionBody,
  signedIn,
  sms,
  sql,
  user,
} from '../case.ts'

const identity = (more: object) => ({
  identity_id: '<uuid>',
  user_id: '<uuid>',
  last_sign_in_at: '<time>',
  created_at: '<time>',
  updated_at: '<time>',
  ...more,
})
const emailUser = (address: string, more: object) => ({
  id: '<uuid>',
  aud: 'authenticated',
  role: 'authenticated',
  email: address,
  phone: '',
  app_metadata: { provider: 'email', providers: ['email'] },
  is_anonymous: false,
  created_at: '<time>',
  updated_at: '<time>',
  ...more,
})
const code = { email: '{email}', token: '{mail.code}', type: 'email' }
const headers = {
  'sb-auth-user-id': '{ann.id}',
  'sb-auth-session-id': '<uuid>',
  'sb-auth-refresh-token-counter': '0',
  'sb-auth-refresh-token-prefix': '<absent>',
  'sb-auth-refresh-token-reuse': '<absent>',
}

// prettier-ignore
export const shape: Group[] = [{ settings: { external_phone_enabled: true, sms_provider: 'twilio' }, cases: [
  row('a sign-up answers the user with its identity, and metadata that nobody can overrule',
    'shape.user shape.empty shape.secret shape.time shape.identity meta.email_identity meta.user meta.app signup.new',
    ask('POST /signup', { email: '{email}', password: '{password}', data: { name: 'Ann', sub: 'me', email_verified: true } }, { status: 200,
      body: emailUser('{email}', { confirmation_sent_at: '<time>',
        user_metadata: { sub: '<uuid>', email: '{email}', email_verified: false, phone_verified: false, name: 'Ann' },
        identities: [identity({ id: '<uuid>', provider: 'email', email: '{email}',
          identity_data: { sub: '<uuid>', email: '{email}', email_verified: false, phone_verified: false, name: 'Ann' } })] }) }, 'ann'),
    sql(`select i.provider_id = u.id::text and i.identity_data = u.raw_user_meta_data and u.raw_user_meta_data ->> 'sub' = u.id::text as same
         from auth.users u join auth.identities i on i.user_id = u.id where u.id = '{ann.id}'`, [true])),
  row('a phone sign-up has metadata without an address', 'meta.phone_identity shape.empty signup.new_phone',
    ask('POST /signup', { phone: '{phone}', password: '{password}', data: { name: 'Ann' } }, { status: 200,
      body: { id: '<uuid>', aud: 'authenticated', role: 'authenticated', email: '', phone: '{phone}', confirmation_sent_at: '<time>',
        app_metadata: { provider: 'phone', providers: ['phone'] }, is_anonymous: false, created_at: '<time>', updated_at: '<time>',
        user_metadata: { sub: '<uuid>', email_verified: false, phone_verified: false, name: 'Ann' },
        identities: [identity({ id: '<uuid>', provider: 'phone', identity_data: { sub: '<uuid>', email_verified: false, phone_verified: false, name: 'Ann' } })] } }),
    sms('{phone}', { text: 'Your code is <code>', code: '<code>' })),
  row('confirming an address is told in both metadata', 'meta.confirmed effect.signup shape.session shape.session_headers verify.session',
    ask('POST /signup', { email: '{email}', password: '{password}' }, 200, 'ann'),
    mail('{email}'),
    ask('POST /verify', code, { status: 200, headers, body: sessionBody(emailUser('{email}', {
      confirmation_sent_at: '<time>', email_confirmed_at: '<time>', confirmed_at: '<time>', last_sign_in_at: '<time>',
      user_metadata: { sub: '{ann.id}', email: '{email}', email_verified: true, phone_verified: false },
      identities: [identity({ id: '{ann.id}', provider: 'email', email: '{email}',
        identity_data: { sub: '{ann.id}', email: '{email}', email_verified: true, phone_verified: false } })] })) })),
  row('weak_password is told at a password sign-in only', 'shape.weak_password shape.session_headers signin.weak',
    user('ann'),
    ask('POST /token?grant_type=password', { email: '{ann.email}', password: '{password}' }, { status: 200, headers, body: sessionBody({ '...': true }, { weak_password: null }) }, 'in'),
    ask('POST /token?grant_type=refresh_token', { refresh_token: '{in.refresh_token}' }, signedIn())),
  row('a refresh says that its token was not reused', 'shape.refresh_headers refresh.same refresh.audit',
    user('ann'), session('in', 'ann'),
    ask('POST /token?grant_type=refresh_token', { refresh_token: '{in.refresh_token}' }, { status: 200,
      headers: { ...headers, 'sb-auth-refresh-token-counter': '1', 'sb-auth-refresh-token-reuse': 'false', 'sb-auth-refresh-token-reuse-cause': '<absent>', 'sb-auth-refresh-token-rotated': '<absent>' },
      body: sessionBody({ '...': true, last_sign_in_at: '{in.user.last_sign_in_at}' }) }, 'next'),
    sql(`select count(*)::integer from auth.sessions where user_id = '{ann.id}'`, [1]),
    sql(`select payload ->> 'action' from auth.audit_log_entries where payload ->> 'actor_id' = '{ann.id}' order by created_at`, ['login', 'token_refreshed'])),
  row('an invited user has the data alone as metadata', 'meta.invited invite.new invite.sent_at',
    ask('POST /invite', { as: 'service', body: { email: '{email}', data: { name: 'Ann' } } }, { status: 200,
      body: emailUser('{email}', { invited_at: '<time>', confirmation_sent_at: '<time>', user_metadata: { name: 'Ann' },
        identities: [identity({ id: '<uuid>', provider: 'email', email: '{email}',
          identity_data: { sub: '<uuid>', email: '{email}', email_verified: false, phone_verified: false } })] }) }, 'ann'),
    sql(`select encrypted_password from auth.users where id = '{ann.id}'`, [''])),
  row('providers are those of the identities after a verification, the oldest first', 'meta.recomputed',
    user('ann', { email: '{email}' }),
    sql(`insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
         values ('g-{email}', '{ann.id}', '{}', 'google', now() - interval '1 day', now())`),
    ask('POST /otp', { email: '{email}' }, 200), mail('{email}'),
    ask('POST /verify', code, signedIn({ '...': true, app_metadata: { provider: 'google', providers: ['google', 'email'] } }))),
  row('a user without identities has an empty list of providers', 'meta.recomputed',
    user('ann', { email: '{email}' }), sql(`delete from auth.identities where user_id = '{ann.id}'`),
    ask('POST /otp', { email: '{email}' }, 200), mail('{email}'),
    ask('POST /verify', code, signedIn({ '...': true, app_metadata: { provider: 'email', providers: [] } }))),
  row('GET /health names the service', 'health.body',
    ask('GET /health', {}, { status: 200, body: { version: '<any>', name: 'GoTrue', description: 'GoTrue is a user registration and authentication API' } })),
  row('GET /settings has every provider that clients know', 'settings.body settings.live',
    ask('GET /settings', {}, { status: 200, body: {
      external: { ...Object.fromEntries(('anonymous_users,apple,azure,bitbucket,discord,facebook,snapchat,figma,fly,github,gitlab,google,' +
        'keycloak,kakao,linkedin,linkedin_oidc,notion,spotify,slack,slack_oidc,workos,twitch,twitter,zoom').split(',').map((name) => [name, false])),
        email: true, phone: true },
      disable_signup: false, mailer_autoconfirm: false, phone_autoconfirm: false, sms_provider: 'twilio',
      saml_enabled: false, saml_private_key_next_configured: false, passkeys_enabled: false } })),
] }, { settings: { external_anonymous_users_enabled: true, mailer_autoconfirm: true, sms_autoconfirm: true, disable_signup: true, external_email_enabled: false }, cases: [
  row('GET /settings tells what is set', 'settings.live',
    ask('GET /settings', {}, { status: 200, body: { '...': true, external: { '...': true, anonymous_users: true, email: false, phone: false },
      disable_signup: true, mailer_autoconfirm: true, phone_autoconfirm: true, sms_provider: '' } })),
] }]
