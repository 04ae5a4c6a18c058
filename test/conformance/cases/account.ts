// What users do with their own account: GET and PUT /user, change of address, deletion.

import {
  ask,
  askOnce,
  audit,
  type Group,
  mail,
  nothingSent,
  passes,
  refused,
  row,
  session,
  sessionBody,
  signedIn,
  sms,
  sql,
  token,
  user,
} from '../case.ts'

const invalid = (message: string, status = 400) => refused(status, 'validation_failed', message)
const put = (body: object, gets: Parameters<typeof ask>[2], as = 'in', keep?: string) =>
  ask('PUT /user', { as, body: body as never }, gets, keep)
const putOnce = (body: object, gets: Parameters<typeof ask>[2] = 200, as = 'in') =>
  askOnce('PUT /user', { as, body: body as never }, gets)
const weak = (reasons: string[], msg: string) => ({
  status: 422,
  headers: {},
  body: { code: 422, error_code: 'weak_password', msg, weak_password: { reasons } },
})
const aal = refused(
  401,
  'insufficient_aal',
  'AAL2 session is required to update email or password when MFA is enabled.',
)
const sso = refused(
  422,
  'user_sso_managed',
  'Updating email, phone, password of a SSO account only possible via SSO',
)
const otpExpired = refused(403, 'otp_expired', 'Token has expired or is invalid')
const current = (which: string) =>
  refused(400, `current_password_${which}`, 'Current password required when setting new password.')
const ann = [user('ann', { email: '{email}' }), session('in', 'ann')]
const factor =
  sql(`insert into auth.mfa_factors (id, user_id, friendly_name, secret, factor_type, status, created_at, updated_at)
  values (gen_random_uuid(), '{ann.id}', '', '', 'totp', 'verified', now(), now())`)
const signIn = (password: string, gets: Parameters<typeof ask>[2] = 200) =>
  ask('POST /token?grant_type=password', { email: '{email}', password }, gets)
const wrong = refused(400, 'invalid_credentials', 'Invalid login credentials')
const gone = refused(
  403,
  'session_not_found',
  'Session from session_id claim in JWT does not exist',
)
const half = {
  status: 200,
  body: {
    code: '200',
    msg: 'Confirmation link accepted. Please proceed to confirm link sent to the other email',
  },
}
const change = (address: string, mail: string, gets: Parameters<typeof ask>[2]) =>
  ask('POST /verify', { type: 'email_change', email: address, token: `{${mail}.code}` }, gets)
const changed = signedIn({
  '...': true,
  email: '{email2}',
  new_email: '<absent>',
  email_confirmed_at: '<time>',
  identities: [
    {
      '...': true,
      email: '{email2}',
      identity_data: { '...': true, email: '{email2}', email_verified: true },
    },
  ],
})
const bothMails = [
  mail('{email}', { '...': true }, 'old'),
  mail('{email2}', { '...': true }, 'new'),
]
const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 'plain' }
const follow = (link: string, location: string, keep?: string) =>
  ask(`GET /verify?type=email_change&token={${link}.token}`, {}, { status: 303, location }, keep)
const messageHash =
  '#message=Confirmation+link+accepted.+Please+proceed+to+confirm+link+sent+to+the+other+email&sb='

// prettier-ignore
export const account: Group[] = [{ settings: { external_phone_enabled: true, sms_provider: 'twilio' }, cases: [
  row('GET /user is the user', 'get_user.body',
    ...ann, ask('GET /user', { as: 'in' }, { status: 200, body: { '...': true, id: '{ann.id}', email: '{email}', access_token: '<absent>' } })),
  row('a token for another audience, or none, is refused', 'get_user.audience',
    ...ann, token('bare', { sub: '{ann.id}', role: 'authenticated' }),
    ask('GET /user', { as: 'in', headers: { 'x-jwt-aud': 'shop' } }, invalid("Token audience doesn't match request audience")),
    ask('GET /user', { as: 'bare' }, invalid("Token audience doesn't match request audience"))),
  row('malformed addresses and weak passwords are refused first', 'put_user.form put_user.empty_password password.where',
    ...ann,
    put({ email: 'no', app_metadata: {} }, invalid('Unable to validate email address: invalid format')),
    put({ phone: 'no', app_metadata: {} }, invalid('Invalid phone number format (E.164 required)')),
    put({ password: '', app_metadata: {} }, weak(['length'], 'Password should be at least 6 characters.'))),
  row('app_metadata are for admins', 'put_user.app_metadata',
    ...ann, put({ app_metadata: { role: 'boss' } }, refused(403, 'not_admin', 'Updating app_metadata requires admin privileges'))),
  row('with a factor, password and addresses want aal2', 'put_user.aal token.aal',
    ...ann, factor,
    put({ password: 'another password' }, aal), put({ email: '{email2}' }, aal), put({ phone: '{phone}' }, aal),
    put({ data: { name: 'Ann' } }, 200),
    sql(`insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
         select gen_random_uuid(), id, 'totp', now(), now() from auth.sessions where user_id = '{ann.id}'`),
    sql(`update auth.sessions set aal = 'aal2' where user_id = '{ann.id}'`),
    ask('POST /token?grant_type=refresh_token', { refresh_token: '{in.refresh_token}' }, 200, 'two'),
    put({ password: 'another password' }, 200, 'two')),
  row('users of single sign-on change neither address nor password', 'put_user.sso',
    ...ann, sql(`update auth.users set is_sso_user = true where id = '{ann.id}'`),
    put({ email: '{email2}' }, sso), put({ password: 'another password' }, sso), put({ phone: '{phone}' }, sso), put({ nonce: '123456' }, sso)),
  row('taken addresses and numbers are refused', 'put_user.email_taken put_user.phone_taken safe.reveal',
    ...ann, user('bob', { email: '{email2}' }), user('eve', { phone: '{phone}' }),
    put({ email: '{email2}' }, refused(422, 'email_exists', 'A user with this email address has already been registered')),
    put({ phone: '{phone}' }, refused(422, 'phone_exists', 'A user with this phone number has already been registered'))),
  row('what another has pending takes no address', 'put_user.pending_free',
    ...ann, user('bob'), session('bob'), putOnce({ email: '{email2}' }, 200, 'bob'), putOnce({ email: '{email2}' })),
  row('the old password is no new one', 'put_user.same_password',
    ...ann, put({ password: '{password}' }, refused(422, 'same_password', 'New password should be different from the old password.'))),
  row('a new password ends other sessions and voids what was mailed', 'put_user.password put_user.token_kept put_user.modified safe.updated_at password.bcrypt',
    ...ann, session('other', 'ann'), ask('POST /recover', { email: '{email}' }, 200), mail('{email}'),
    ask('PUT /user', { as: 'in', body: { password: 'another password' } }, { status: 200, body: { '...': true, id: '{ann.id}', recovery_sent_at: '<absent>', access_token: '<absent>' } }),
    ask('GET /user', { as: 'in' }, 200), ask('GET /user', { as: 'other' }, gone),
    ask('POST /verify', { type: 'recovery', email: '{email}', token: '{mail.code}' }, otpExpired),
    signIn('{password}', wrong), signIn('another password'),
    sql(`select left(encrypted_password, 7) as form, updated_at > created_at as later from auth.users where id = '{ann.id}'`, [{ form: '$2a$10$', later: true }]),
    sql(`select payload ->> 'action' from auth.audit_log_entries where payload ->> 'actor_id' = '{ann.id}' and payload ->> 'action' like 'user%' order by created_at, ctid`,
      ['user_recovery_requested', 'user_updated_password', 'user_modified'])),
  row('without a session in the token all sessions end', 'put_user.sessionless quirk.sessionless_panic',
    ...ann, token('bare', { sub: '{ann.id}', role: 'authenticated', aud: 'authenticated' }),
    putOnce({ password: 'another password' }, 200, 'bare'), ask('GET /user', { as: 'in' }, gone),
    factor, putOnce({ password: 'a third password' }, aal, 'bare')),
  row('data are merged, null takes a key away, and an empty change is one', 'put_user.data put_user.modified',
    ...ann,
    put({ data: { name: 'Ann', age: 30, deep: { a: 1 } } }, 200),
    put({ data: { age: null, deep: { b: 2 } } }, { status: 200, body: { '...': true, user_metadata: { email_verified: true, name: 'Ann', deep: { b: 2 } } } }),
    put({}, 200),
    audit('{email}', 'login account {"provider": "email"}', ...[1, 2, 3].map(() => 'user_modified user'))),
  row('both addresses confirm a change, the old one first', 'put_user.email change.secure change.order change.applied verify.half mail.email_change',
    ...ann,
    putOnce({ email: '{email2}' }, { status: 200, body: { '...': true, email: '{email}', new_email: '{email2}', email_change_sent_at: '<time>' } }),
    mail('{email}', { '...': true, subject: 'Confirm your new email address', links: ['{api}/verify?token=<token>&type=email_change&redirect_to=http://localhost:3000'] }, 'old'),
    mail('{email2}', { '...': true, subject: 'Confirm your new email address', links: ['{api}/verify?token=<token>&type=email_change&redirect_to=http://localhost:3000'] }, 'new'),
    change('{email}', 'old', half), change('{email}', 'old', otpExpired),
    change('{email2}', 'new', changed),
    sql(`select email_change, email_change_confirm_status, (select count(*)::integer from auth.one_time_tokens t where t.user_id = u.id) as tokens from auth.users u where id = '{ann.id}'`,
      [{ email_change: '', email_change_confirm_status: 0, tokens: 0 }]),
    audit('{ann.id}', 'login account {"provider": "email"}', 'user_modified user', 'user_modified user')),
  row('both addresses confirm a change, the new one first', 'change.order',
    ...ann, putOnce({ email: '{email2}' }), ...bothMails, change('{email2}', 'new', half), change('{email}', 'old', changed)),
  row('both addresses confirm a change by links', 'change.order link.half',
    ...ann, putOnce({ email: '{email2}' }), ...bothMails,
    follow('new', `http://localhost:3000${messageHash}`),
    follow('old', 'http://localhost:3000#access_token=<jwt>&expires_at=<number>&expires_in=3600&refresh_token=<token>&sb=&token_type=bearer&type=email_change')),
  row('one by link, one by code', 'change.order change.by_code',
    ...ann, putOnce({ email: '{email2}' }), ...bothMails,
    change('{email}', 'new', otpExpired), change('{email2}', 'old', otpExpired),
    ask('POST /verify', { type: 'email_change', token_hash: '{old.token}' }, half), change('{email2}', 'new', changed)),
  row('a PKCE change ends in a code', 'change.pkce link.half_pkce link.pkce',
    ...ann, putOnce({ email: '{email2}', ...challenge }), ...bothMails,
    follow('old', `http://localhost:3000?message=Confirmation+link+accepted.+Please+proceed+to+confirm+link+sent+to+the+other+email${messageHash}`),
    follow('new', 'http://localhost:3000?code=<uuid>', 'done'),
    ask('POST /token?grant_type=pkce', { auth_code: '{done.to.code}', code_verifier: 'c'.repeat(43) }, { status: 200, body: sessionBody({ '...': true, email: '{email2}' }) })),
  row('a PKCE change works by codes, each good once', 'change.pkce_code quirk.pkce_code_twice',
    ...ann, putOnce({ email: '{email2}', ...challenge }), ...bothMails,
    change('{email}', 'old', half), change('{email}', 'old', otpExpired), change('{email2}', 'new', changed)),
  row('both tokens age from one moment', 'change.expired',
    ...ann, putOnce({ email: '{email2}' }), ...bothMails, change('{email}', 'old', half), passes('25 hours', '{ann.id}'), change('{email2}', 'new', otpExpired)),
  row('an address that was taken meanwhile is a failure', 'change.taken link.error_name',
    ...ann, putOnce({ email: '{email2}' }), ...bothMails, change('{email}', 'old', half), user('bob', { email: '{email2}' }),
    ask('POST /verify', { type: 'email_change', token_hash: '{new.token}' }, refused(500, 'unexpected_failure', 'Error confirm email')),
    follow('new', 'http://localhost:3000#error=server_error&error_code=unexpected_failure&error_description=Error+confirm+email&sb=')),
  row('a change of address waits between two mails', 'put_user.email_interval',
    ...ann, putOnce({ email: '{email2}' }), put({ email: 'x.{email2}' }, refused(429, 'over_email_send_rate_limit', 'For security purposes, you can only request this after <number> seconds.'))),
  row('a new number is pending until its code is typed', 'put_user.phone effect.phone_change',
    user('ann', { phone: '{phone}' }), session('in', 'ann'),
    putOnce({ phone: '{phone2}' }, { status: 200, body: { '...': true, phone: '{phone}', new_phone: '{phone2}', phone_change_sent_at: '<time>' } }),
    sms('{phone2}'), nothingSent('{phone}'),
    ask('POST /verify', { type: 'phone_change', phone: '{phone2}', token: '{sms.code}' }, signedIn({ '...': true, phone: '{phone2}', new_phone: '<absent>' })),
    audit('{ann.id}', 'login account {"provider": "phone"}', 'user_modified user', 'user_modified user')),
  row('a soft deletion leaves nothing but the id, and the address is free', 'safe.soft_delete',
    user('ann', { email: '{email}', user_metadata: { name: 'Ann' } }), session('in', 'ann'),
    ask('DELETE /admin/users/{ann.id}', { as: 'service', body: { should_soft_delete: true } }, { status: 200, body: {} }),
    sql(`select email = translate(encode(sha256(convert_to(id || '{email}', 'UTF8')), 'base64'), '+/=', '-_') as hashed, coalesce(encrypted_password, '') as password,
           raw_user_meta_data, raw_app_meta_data, deleted_at is not null as deleted,
           (select count(*)::integer from auth.sessions s where s.user_id = u.id) as sessions,
           (select jsonb_agg(i.identity_data) from auth.identities i where i.user_id = u.id) as identities
         from auth.users u where id = '{ann.id}'`,
      [{ hashed: true, password: '', raw_user_meta_data: {}, raw_app_meta_data: {}, deleted: true, sessions: 0, identities: [{}] }]),
    signIn('{password}', wrong), user('new', { email: '{email}' })),
  row('a hard deletion takes everything along', 'safe.hard_delete',
    ...ann, ask('DELETE /admin/users/{ann.id}', { as: 'service' }, { status: 200, body: {} }),
    sql(`select (select count(*)::integer from auth.users where id = '{ann.id}') + (select count(*)::integer from auth.identities where user_id = '{ann.id}')
         + (select count(*)::integer from auth.sessions where user_id = '{ann.id}') as left`, [0]),
    ask('GET /user', { as: 'in' }, refused(403, 'user_not_found', 'User from sub claim in JWT does not exist'))),
  row('a banned user still gets mail, and keeps the sessions', 'safe.ban verify.banned link.no_spend',
    ...ann, sql(`update auth.users set banned_until = now() + interval '1 hour' where id = '{ann.id}'`),
    ask('POST /otp', { email: '{email}' }, { status: 200, body: {} }), mail('{email}'),
    ask('POST /verify', { type: 'email', token_hash: '{mail.token}' }, refused(403, 'user_banned', 'User is banned')),
    ask('GET /verify?type=magiclink&token={mail.token}', {}, { status: 303, location: 'http://localhost:3000#error=access_denied&error_code=user_banned&error_description=User+is+banned&sb=' }),
    sql(`update auth.users set banned_until = null where id = '{ann.id}'`),
    ask('GET /user', { as: 'in' }, 200),
    ask('POST /verify', { type: 'email', token_hash: '{mail.token}' }, signedIn())),
] }, { settings: { mailer_secure_email_change_enabled: false }, cases: [
  row('without secure change the new address alone confirms', 'change.insecure',
    ...ann, putOnce({ email: '{email2}' }), mail('{email2}', { '...': true }, 'new'), nothingSent('{email}'), change('{email2}', 'new', changed)),
] }, { settings: { mailer_autoconfirm: true, sms_autoconfirm: true, external_phone_enabled: true }, cases: [
  row('with autoconfirm a permanent user\'s address still waits for both confirmations', 'put_user.email change.autoconfirm',
    ...ann, putOnce({ email: '{email2}' }, { status: 200, body: { '...': true, email: '{email}', new_email: '{email2}' } }), ...bothMails,
    change('{email2}', 'new', half), change('{email}', 'old', changed)),
  row('with SMS autoconfirm a number counts at once', 'put_user.phone_autoconfirm',
    ...ann, putOnce({ phone: '{phone}' }, { status: 200, body: { '...': true, phone: '{phone}', phone_confirmed_at: '<time>', new_phone: '<absent>' } })),
] }, { settings: { security_update_password_require_reauthentication: true }, cases: [
  row('an old session needs a nonce for a new password', 'put_user.nonce_needed put_user.nonce_wrong put_user.nonce_good put_user.nonce_young',
    ...ann, passes('25 hours', '{ann.id}'),
    put({ password: 'another password' }, refused(400, 'reauthentication_needed', 'Password update requires reauthentication')),
    put({ password: 'another password', nonce: '000000' }, refused(422, 'reauthentication_not_valid', 'Nonce has expired or is invalid')),
    ask('GET /reauthenticate', { as: 'in' }, 200), mail('{email}'),
    put({ password: '{password}', nonce: '{mail.code}' }, refused(422, 'same_password', 'New password should be different from the old password.')),
    putOnce({ password: 'another password', nonce: '{mail.code}' })),
  row('a nonce outlives a change that was refused', 'put_user.nonce_spent quirk.nonce_early',
    ...ann, passes('25 hours', '{ann.id}'), ask('GET /reauthenticate', { as: 'in' }, 200), mail('{email}'),
    put({ password: '{password}', nonce: '{mail.code}' }, refused(422, 'same_password', 'New password should be different from the old password.')),
    putOnce({ password: 'another password', nonce: '{mail.code}' })),
  row('a young session needs no nonce, and a given one is not looked at', 'put_user.nonce_young',
    ...ann, putOnce({ password: 'another password', nonce: '000000' })),
] }, { settings: { security_update_password_require_current_password: true }, cases: [
  row('the current password is wanted, but not from who comes by a mailed link', 'put_user.current_missing put_user.current_wrong put_user.current_recovery',
    ...ann, put({ password: 'another password' }, current('required')), put({ password: 'another password', current_password: 'wrong' }, current('invalid')),
    putOnce({ password: 'another password', current_password: '{password}' }),
    ask('POST /recover', { email: '{email}' }, 200), mail('{email}'),
    ask('POST /verify', { type: 'recovery', email: '{email}', token: '{mail.code}' }, 200, 'linked'),
    putOnce({ password: 'a third password' }, 200, 'linked')),
] }, { settings: { mailer_notifications_password_changed_enabled: true, mailer_notifications_email_changed_enabled: true, mailer_secure_email_change_enabled: false }, cases: [
  row('a new password is notified', 'put_user.notification interval.exempt',
    ...ann, putOnce({ password: 'another password' }), mail('{email}', { '...': true, subject: 'Your password was changed' })),
  row('a new address is notified to the old one', 'change.notification',
    ...ann, putOnce({ email: '{email2}' }), mail('{email2}', { '...': true }, 'new'), change('{email2}', 'new', 200),
    mail('{email}', { '...': true, subject: 'Your email address was changed' })),
] }, { settings: { password_required_characters: 'abc:123', password_min_length: 8 }, cases: [
  row('a weak password has its reasons in order', 'password.short password.characters password.order',
    ask('POST /signup', { email: '{email}', password: 'xy' }, weak(['length', 'characters'], 'Password should be at least 8 characters. Password should contain at least one character of each: abc, 123.')),
    ask('POST /signup', { email: '{email}', password: 'xxxxxxxxa' }, weak(['characters'], 'Password should contain at least one character of each: abc, 123.'))),
  row('length counts bytes', 'password.short',
    ask('POST /signup', { email: '{email}', password: 'äöa1éü' }, 200)),
  row('over 72 bytes is too long', 'password.long',
    ask('POST /signup', { email: '{email}', password: 'ä'.repeat(37) }, invalid('Password cannot be longer than 72 characters'))),
  row('a weak password signs in, and is told so', 'signin.weak password.where',
    ...[user('ann', { email: '{email}' })],
    ask('POST /token?grant_type=password', { email: '{email}', password: '{password}' }, { status: 200, body: { '...': true,
      weak_password: { message: 'Password should contain at least one character of each: abc, 123.', reasons: ['characters'] } } })),
] }]
