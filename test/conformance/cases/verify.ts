// GET and POST /verify: what is refused, where links lead, and what follows.

import {
  ask,
  askOnce,
  audit,
  type Group,
  mail,
  passes,
  refused,
  row,
  session,
  sessionBody,
  signedIn,
  sql,
  user,
} from '../case.ts'

const invalid = (message: string, status = 400) => refused(status, 'validation_failed', message)
const otpExpired = refused(403, 'otp_expired', 'Token has expired or is invalid')
const linkExpired = refused(403, 'otp_expired', 'Email link is invalid or has expired')
const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 'plain' }
const verify = (body: object, gets: Parameters<typeof ask>[2]) =>
  ask('POST /verify', body as never, gets)
const follow = (query: string, location: string, keep?: string) =>
  ask(`GET /verify?${query}`, {}, { status: 303, location, body: '' }, keep)
const done = { status: 200, body: {} }
const confirmed = user('ann', { email: '{email}' })
const asked = (path = 'otp', more: object = {}) => [
  confirmed,
  ask(`POST /${path}`, { email: '{email}', ...more }, done),
  mail('{email}'),
]
const tokens = (type: string) =>
  `#access_token=<jwt>&expires_at=<number>&expires_in=3600&refresh_token=<token>&sb=&token_type=bearer&type=${type}`
const expired =
  'error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired'
const site = 'http://localhost:3000'

// prettier-ignore
export const verification: Group[] = [{ settings: { uri_allow_list: 'https://app.example/**' , external_phone_enabled: true, sms_provider: 'twilio' }, cases: [
  row('a verification wants a type, and either a code with an address or a hash alone', 'verify.no_type verify.no_token verify.address verify.too_much',
    verify({ token: '1', email: '{email}' }, invalid('Verify requires a verification type')),
    verify({ type: 'email', email: '{email}' }, invalid('Verify requires either a token or a token hash')),
    verify({ type: 'email', email: '{email}', token: '1', token_hash: '2' }, invalid('Verify requires either a token or a token hash')),
    verify({ type: 'email', token: '1' }, invalid('Only an email address or phone number should be provided on verify')),
    verify({ type: 'email', token: '1', email: '{email}', phone: '{phone}' }, invalid('Only an email address or phone number should be provided on verify')),
    ...[{ email: '{email}' }, { phone: '{phone}' }, { redirect_to: 'https://app.example' }].map((more) =>
      verify({ type: 'email', token_hash: '1', ...more }, invalid('Only the token_hash and type should be provided')))),
  row('malformed addresses, numbers and types are refused', 'verify.email_form verify.phone_form verify.hash_type',
    verify({ type: 'email', token: '1', email: 'no' }, invalid('Invalid email format', 422)),
    verify({ type: 'sms', token: '1', phone: 'no' }, invalid('Invalid phone number format (E.164 required)')),
    ...['sms', 'phone_change', 'magic'].map((type) => verify({ type, token_hash: '1' }, invalid('Invalid email verification type')))),
  row('what nobody was sent has expired', 'verify.hash_expired verify.code_expired',
    verify({ type: 'email', token_hash: '1' }, linkExpired),
    ...['email', 'signup', 'recovery', 'email_change', 'nonsense'].map((type) => verify({ type, email: '{email}', token: '123456' }, otpExpired)),
    verify({ type: 'sms', phone: '{phone}', token: '123456' }, otpExpired),
    ...asked(), verify({ type: 'email', email: '{email}', token: '000000' }, otpExpired),
    verify({ type: 'signup', email: '{email}', token: '{mail.code}' }, otpExpired)),
  row('a good code and a good hash sign in once, with amr otp', 'verify.session ott.single effect.email',
    ...asked(), verify({ type: 'email', token_hash: '{mail.token}' }, { ...signedIn(), headers: { 'sb-auth-user-id': '{ann.id}' } }),
    verify({ type: 'email', token_hash: '{mail.token}' }, linkExpired), verify({ type: 'email', email: '{email}', token: '{mail.code}' }, otpExpired),
    sql(`select authentication_method from auth.mfa_amr_claims m join auth.sessions s on s.id = m.session_id where s.user_id = '{ann.id}'`, ['otp'])),
  row('a PKCE hash signs in directly', 'verify.pkce_hash',
    ...asked('otp', challenge), verify({ type: 'magiclink', token_hash: '{mail.token}' }, signedIn())),
  row('an invited user is confirmed, with a password that nobody knows and no older session', 'effect.invite mail.invite invite.new',
    ask('POST /invite', { as: 'service', body: { email: '{email}' } }, 200, 'ann'),
    mail('{email}', { '...': true, subject: "You've been invited", links: [`{api}/verify?token=<token>&type=invite&redirect_to=${site}`] }),
    verify({ type: 'invite', email: '{email}', token: '{mail.code}' }, signedIn({ '...': true, email_confirmed_at: '<time>', invited_at: '<time>', user_metadata: { email_verified: true } })),
    ask('POST /token?grant_type=password', { email: '{email}', password: '' }, refused(400, 'invalid_credentials', 'Invalid login credentials')),
    audit('{ann.id}', 'user_signedup team {"provider": "email"}')),
  row('a verification voids what else was sent', 'ott.clears ott.codes_stay',
    confirmed, session('in', 'ann'), askOnce('PUT /user', { as: 'in', body: { email: '{email2}' } }, 200), mail('{email}', { '...': true }, 'change'),
    ask('POST /otp', { email: '{email}' }, done), mail('{email}'),
    verify({ type: 'email', token_hash: '{mail.token}' }, signedIn()),
    verify({ type: 'email_change', token_hash: '{change.token}' }, linkExpired), verify({ type: 'email_change', email: '{email}', token: '{change.code}' }, otpExpired)),
  row('ten wrong guesses end a code', 'ott.attempts',
    ...asked(), ...Array.from({ length: 5 }, () => verify({ type: 'email', email: '{email}', token: '000000' }, otpExpired)),
    verify({ type: 'email', email: '{email}', token: '{mail.code}' }, otpExpired),
    verify({ type: 'email', token_hash: '{mail.token}' }, signedIn())),
  row('a link\'s token has 256 random bits and is kept as a hash', 'ott.hash',
    ...asked(), sql(`select '{mail.token}' ~ '^[0-9a-f]{64}$' and token_hash = encode(sha256('{mail.token}'), 'hex') as hashed from auth.one_time_tokens where user_id = '{ann.id}'`, [true])),

  // links
  row('a link without type or token is refused with JSON', 'link.no_type link.no_token link.token_only',
    ask('GET /verify?token=1', {}, invalid('Verify requires a verification type')),
    ask('GET /verify?type=email', {}, invalid('Verify requires a token or a token hash')),
    ask('GET /verify?type=email&token_hash=1', {}, invalid('Verify requires a token or a token hash'))),
  row('a link leads on with the session', 'link.success link.303 link.effective_type',
    ...asked(), follow('type=magiclink&token={mail.token}&redirect_to=https://app.example/in?x=1', `https://app.example/in?x=1${tokens('magiclink')}`, 'at'),
    ask('GET /user', { headers: { authorization: 'Bearer {at.to.access_token}' } }, { status: 200, body: { '...': true, id: '{ann.id}' } })),
  row('the type email is told as what it was', 'link.effective_type effect.email',
    ...asked(), follow('type=email&token={mail.token}', `${site}${tokens('magiclink')}`),
    ask('POST /signup', { email: '{email2}', password: '{password}' }, 200), mail('{email2}'), follow('type=email&token={mail.token}', `${site}${tokens('signup')}`)),
  row('the code of a mail is no token of its link', 'link.token_only',
    ...asked(), follow('type=email&token={mail.code}', `${site}#${expired}&sb=`)),
  row('a PKCE link leads on with a code', 'link.pkce quirk.pkce_window',
    ...asked('magiclink', challenge), passes('10 minutes', '{email}'),
    follow('type=magiclink&token={mail.token}&redirect_to=https://app.example/in?x=1%26a=2', 'https://app.example/in?a=2&code=<uuid>&x=1', 'at'),
    ask('POST /token?grant_type=pkce', { auth_code: '{at.to.code}', code_verifier: 'c'.repeat(43) }, { status: 200, body: sessionBody() }),
    sql(`select authentication_method from auth.mfa_amr_claims m join auth.sessions s on s.id = m.session_id where s.user_id = '{ann.id}'`, ['magiclink']),
    audit('{ann.id}', 'user_recovery_requested user', 'login account', 'login account {"provider_type": "email"}')),
  row('a PKCE sign-up is exchanged within 5 minutes of the request', 'quirk.pkce_window',
    ask('POST /signup', { email: '{email}', password: '{password}', ...challenge }, 200), mail('{email}'), passes('6 minutes', '{email}'),
    follow('type=signup&token={mail.token}', `${site}?code=<uuid>`, 'at'),
    ask('POST /token?grant_type=pkce', { auth_code: '{at.to.code}', code_verifier: 'c'.repeat(43) }, { status: 422 })),
  row('a link that is no good leads on with an error, and the query stays', 'link.error link.error_name redirect.denied',
    follow('type=signup&token=nonsense&redirect_to=https://app.example/in?x=1%23y', `https://app.example/in?x=1#${expired}&sb=`),
    follow('type=signup&token=nonsense&redirect_to=https://evil.example', `${site}#${expired}&sb=`)),
  row('a PKCE link that is no good has the error in the query, too', 'link.error_pkce',
    follow('type=signup&token=pkce_nonsense&redirect_to=https://app.example/in?x=1', `https://app.example/in?${expired}&x=1#${expired}&sb=`)),
  row('an unknown type leads on with an error', 'link.type link.error_name',
    follow('type=sms&token=1', `${site}#error=invalid_request&error_code=validation_failed&error_description=Invalid+email+verification+type&sb=`)),
  row('a PKCE link without its flow leads on with an error, whose escapes are encoded twice in the fragment', 'link.no_flow link.encoding link.no_spend',
    ...asked('otp', challenge), sql(`delete from auth.flow_state where user_id = '{ann.id}'`),
    follow('type=magiclink&token={mail.token}', `${site}?error=invalid_request&error_code=flow_state_not_found&error_description=No+associated+flow+state+found.+422%3A+No+valid+flow+state+found+for+user.` +
      '#error=invalid_request&error_code=flow_state_not_found&error_description=No+associated+flow+state+found.+422%253A+No+valid+flow+state+found+for+user.&sb='),
    verify({ type: 'magiclink', token_hash: '{mail.token}' }, signedIn())),
  row('a PKCE link of the type email works', 'link.pkce_type',
    ...asked('otp', challenge), follow('type=email&token={mail.token}', `${site}?code=<uuid>`)),
  row('what fails inside behind a link is told as a failure', 'quirk.link_failure',
    user('ann', { email: '{email}', email_confirm: false }), ask('POST /otp', { email: '{email}' }, done), mail('{email}'),
    sql(`create function falls() returns trigger language plpgsql as $$ begin return 1 / 0; end $$;
         create trigger falls before update on auth.users for each row when (new.email = '{email}') execute function falls()`),
    ask('GET /verify?type=signup&token={mail.token}', {}, refused(500, 'unexpected_failure', 'Unexpected failure, please check server logs for more information')),
    sql('drop function falls cascade')),
] }]
