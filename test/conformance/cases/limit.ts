// Limits per client and for the instance, captcha, leaked passwords, and whom a request comes from.

import { ask, askOnce, type Group, mail, refused, row, session, sql, user } from '../case.ts'
import { leaked, unanswered } from '../sites.ts'

const limit = { rate_limit_header: 'X-Forwarded-For' }
const tooMany = refused(429, 'over_request_rate_limit', 'Request rate limit reached')
const from = { 'x-forwarded-for': '{client}' }
const request = (send: string, body: object, gets: Parameters<typeof ask>[2], as?: string) =>
  askOnce(send, { body: body as never, headers: from, ...(as && { as }) }, gets)
/** The 31st of these is refused. */
const bucket = (send: string, body: object, status: number, as?: string) => [
  ...Array.from({ length: 30 }, () => request(send, body, status, as)),
  request(send, body, tooMany, as),
]
const captcha = (token?: string) => ({
  email: '{email}',
  ...(token && { gotrue_meta_security: { captcha_token: token } }),
})
const failed = (codes: string) =>
  refused(400, 'captcha_failed', `captcha protection: request disallowed (${codes})`)
const none = failed('no captcha_token found')
const weak = (message: string, reasons: string[]) => ({
  status: 422,
  body: { code: 422, error_code: 'weak_password', msg: message, weak_password: { reasons } },
})
const pwned = 'Password is known to be weak and easy to guess, please choose a different one.'
const signUp = (password: string) => ({ email: '{email}', password })
const over = (what: string, of: string) =>
  refused(429, `over_${of}_send_rate_limit`, `${what} rate limit exceeded`)

// prettier-ignore
export const limits: Group[] = [{ settings: { ...limit, rate_limit_otp: 1, rate_limit_verify: 1, rate_limit_token_refresh: 1, rate_limit_anonymous_users: 2, external_anonymous_users_enabled: true },
  heard: askOnce('POST /resend', { body: {}, headers: { 'x-forwarded-for': '10.3.0.1' } }, tooMany), cases: [
  row('each route has a bucket of 30 for each client', 'limit.client limit.routes limit.refused',
    ...bucket('POST /signup', { email: 'no' }, 400),
    ...bucket('POST /otp', {}, 400), ...bucket('POST /magiclink', {}, 422), ...bucket('POST /recover', {}, 400), ...bucket('POST /resend', {}, 400),
    ...bucket('POST /verify', {}, 400), ...bucket('POST /token?grant_type=password', {}, 400),
    request('POST /token?grant_type=refresh_token', {}, tooMany),
    askOnce('POST /recover', { body: {}, headers: { 'x-forwarded-for': '10.2.0.1' } }, 400)),
  row('so has changing the user, and reading has none', 'limit.routes limit.unlimited',
    user('ann'), session('in', 'ann'), ...bucket('PUT /user', { phone: 'no' }, 400, 'in'),
    ...Array.from({ length: 31 }, () => askOnce('GET /user', { as: 'in', headers: from }, 200)),
    ...Array.from({ length: 31 }, () => askOnce('GET /admin/users/{ann.id}', { as: 'service', headers: from }, 200))),
  row('anonymous sign-in has as many as the setting says', 'limit.routes',
    request('POST /signup', {}, 200), request('POST /signup', {}, 200), request('POST /signup', {}, tooMany)),
] }, { cases: [
  row('without the header there is no limit', 'limit.client',
    ...Array.from({ length: 31 }, () => request('POST /recover', {}, 400))),
  row('a trusted proxy names the client', 'ip.forwarded',
    user('ann'), askOnce('POST /token?grant_type=password', { body: { email: '{ann.email}', password: '{password}' }, headers: { 'x-forwarded-for': '192.0.2.7, 10.9.9.9' } }, 200),
    sql(`select host(ip) from auth.sessions where user_id = '{ann.id}'`, ['10.9.9.9'])),
] }, { settings: { rate_limit_email_sent: '1', rate_limit_sms_sent: '0', external_phone_enabled: true, sms_provider: 'twilio' }, cases: [
  row('mails and SMS of the instance are limited', 'limit.mail limit.sms',
    user('ann', { email: '{email}' }), user('bob', { email: '{email2}' }),
    askOnce('POST /recover', { email: '{email}' }, { status: 200, body: {} }), mail('{email}'),
    ask('POST /recover', { email: '{email2}' }, over('email', 'email')),
    ask('POST /otp', { phone: '{phone}' }, over('SMS', 'sms'))),
] }, { settings: { rate_limit_email_sent: '0', mailer_autoconfirm: true }, cases: [
  row('a limit of 0 refuses every mail, with autoconfirm too', 'limit.autoconfirm',
    user('ann', { email: '{email}' }), ask('POST /recover', { email: '{email}' }, over('email', 'email'))),
] }, { settings: { security_captcha_enabled: true, security_captcha_secret: 'shh', security_captcha_provider: 'turnstile' },
  heard: ask('POST /recover', captcha('odd'), failed('<any>')), cases: [
  row('routes for everybody want a captcha token', 'captcha.routes captcha.missing',
    ...['signup', 'recover', 'resend', 'magiclink', 'otp', 'token?grant_type=password'].map((path) => ask(`POST /${path}`, captcha(), none)),
    askOnce('POST /token?grant_type=refresh_token', { refresh_token: 'x' }, 400),
    ask('POST /verify', { type: 'email', token: '1' }, { status: 400, headers: { 'x-sb-error-code': 'validation_failed' } })),
  row('the verifier is posted secret, response and client, and its codes are told', 'captcha.rejected captcha.request',
    ask('POST /recover', { body: captcha('odd'), headers: from }, failed('secret=shh, response=odd, remoteip={client}'))),
  row('a token that is good is good', 'captcha.routes', ask('POST /recover', captcha('good'), { status: 200, body: {} })),
  row('a verifier that is silent is a failure', 'captcha.unreachable',
    ask('POST /recover', captcha('dead'), refused(500, 'unexpected_failure', 'captcha verification process failed'))),
  row('admin tokens need none', 'captcha.admin', ask('POST /recover', { as: 'service', body: captcha() }, { status: 200, body: {} })),
] }, { settings: { password_hibp_enabled: true }, heard: ask('POST /signup', signUp(leaked), { status: 422 }), cases: [
  row('a leaked password is weak', 'password.pwned password.order',
    ask('POST /signup', signUp(leaked), weak(pwned, ['pwned'])),
    ask('POST /signup', signUp(unanswered), 200)),
  row('a leaked password signs in, and is told so', 'password.pwned password.where',
    ask('POST /admin/users', { as: 'service', body: { email: '{email}', email_confirm: true, password: leaked } }, 200, 'ann'),
    ask('POST /token?grant_type=password', signUp(leaked), { status: 200, body: { '...': true, weak_password: { message: pwned, reasons: ['pwned'] } } })),
] }, { settings: { password_hibp_enabled: true, password_hibp_fail_closed: true }, heard: ask('POST /signup', signUp(unanswered), { status: 500 }), cases: [
  row('where nobody can say, no password is set', 'password.pwned',
    ask('POST /signup', signUp(unanswered), refused(500, 'unexpected_failure', 'Unable to perform password strength check with HaveIBeenPwned.org.'))),
] }, { settings: { cors_allowed_headers: 'x-own, x-other' }, heard: ask('OPTIONS /signup', { headers: { 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-own' } },
  { status: 204, headers: { 'access-control-allow-headers': 'x-own' } }), cases: [
  row('further headers are allowed by setting', 'cors.setting config.lists',
    ask('OPTIONS /signup', { headers: { origin: 'https://app.example', 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-other,content-type' } },
      { status: 204, headers: { 'access-control-allow-headers': 'x-other,content-type' } })),
] }]
