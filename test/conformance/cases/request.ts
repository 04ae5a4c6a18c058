// Bodies, redirect targets, audiences, and the forms of addresses.

import { ask, type Group, mail, refused, row, signedIn, sql, token, user } from '../case.ts'

const notJson = (reason: string) =>
  refused(400, 'bad_json', `Could not parse request body as JSON: ${reason}`)
const invalid = (message: string) => refused(400, 'validation_failed', message)
const badEmail = invalid('Unable to validate email address: invalid format')
const badPhone = invalid('Invalid phone number format (E.164 required)')
const recover = (email: string) => ask('POST /recover', { email }, badEmail)
const challenge = 'c'.repeat(43)
const pair = (code_challenge: string | null, code_challenge_method: string | null) => ({
  email: '{email}',
  password: '{password}',
  code_challenge,
  code_challenge_method,
})
const follows = (target: string) =>
  mail('{email}', {
    '...': true,
    links: [`{api}/verify?token=<token>&type=recovery&redirect_to=${target}`],
  })

// prettier-ignore
export const request: Group[] = [{ settings: { uri_allow_list: 'https://app.example/*,https://other.example', smtp_max_frequency: '0s', external_phone_enabled: true, sms_provider: 'twilio' }, cases: [
  row('a body is read as JSON whatever its type says', 'body.content_type',
    ask('POST /recover', { body: { email: '{email}' }, headers: { 'content-type': 'text/css' } }, { status: 200, body: {} })),
  row('keys match in any case, and unknown ones are ignored', 'body.keys',
    ask('POST /token?grant_type=password', { EMAIL: 'a', Password: 'b', color: 'red' },
      refused(400, 'invalid_credentials', 'Invalid login credentials'))),
  row('null is as good as absent', 'body.null',
    ask('POST /token?grant_type=password', { email: null, phone: null, password: 'b' }, invalid('missing email or phone'))),
  row('an empty body is no JSON', 'body.empty',
    ask('POST /recover', { body: '' }, notJson('unexpected end of JSON input'))),
  row('half a body is no JSON', 'body.unreadable',
    ask('POST /recover', { body: '{"email":' }, notJson('<any>'))),
  row('a value of the wrong type is named', 'body.type',
    ask('POST /signup', { email: 5 }, notJson('json: cannot unmarshal number into Go struct field SignupParams.email of type string')),
    ask('POST /otp', { email: '{email}', create_user: 'no' }, notJson('json: cannot unmarshal string into Go struct field OtpParams.create_user of type bool'))),
  row('a form counts as an empty body', 'body.form',
    ask('POST /recover', { body: 'email=a%40example.com', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      notJson('unexpected end of JSON input'))),
  row('a body over 1 MiB is refused', 'body.size',
    ask('POST /recover', { body: 'x'.repeat(1024 * 1024 + 1) }, refused(413, 'request_entity_too_large', 'Request body too large (max 1048576 bytes)'))),
  row('redirect_to comes from the query', 'redirect.query',
    user('ann', { email: '{email}' }),
    ask('POST /recover?redirect_to=https://app.example/in', { email: '{email}' }, 200), follows('https://app.example/in')),
  row('the header redirect_to goes first', 'redirect.header',
    user('ann', { email: '{email}' }),
    ask('POST /recover?redirect_to=https://app.example/in', { body: { email: '{email}' }, headers: { redirect_to: 'https://other.example' } }, 200),
    follows('https://other.example')),
  row('redirect_to in the body does not count', 'redirect.body redirect.denied',
    user('ann', { email: '{email}' }),
    ask('POST /recover', { email: '{email}', redirect_to: 'https://app.example/in' }, 200), follows('http://localhost:3000')),
  row('a target that is not allowed gives way to the site', 'redirect.denied',
    user('ann', { email: '{email}' }),
    ask('POST /recover?redirect_to=https://evil.example/in', { email: '{email}' }, 200), follows('http://localhost:3000')),
  row('a target that is not allowed gives way to an allowed Referer', 'redirect.referer',
    user('ann', { email: '{email}' }),
    ask('POST /recover?redirect_to=https://evil.example', { body: { email: '{email}' }, headers: { referer: 'https://app.example/from' } }, 200),
    follows('https://app.example/from')),
  row('X-JWT-AUD is the audience of a new user, and others do not find it', 'aud.header aud.default signup.role',
    ask('POST /signup', { body: { email: '{email}', password: '{password}' }, headers: { 'x-jwt-aud': 'shop' } },
      { status: 200, body: { aud: 'shop', role: 'authenticated', '...': true } }),
    ask('POST /signup', { email: '{email2}', password: '{password}' },
      { status: 200, body: { aud: 'authenticated', role: 'authenticated', '...': true } }),
    sql(`update auth.users set email_confirmed_at = now() where email = '{email}'`),
    ask('POST /token?grant_type=password', { email: '{email}', password: '{password}' }, refused(400, 'invalid_credentials', 'Invalid login credentials')),
    ask('POST /token?grant_type=password', { body: { email: '{email}', password: '{password}' }, headers: { 'x-jwt-aud': 'shop' } }, 200)),
  row('on user routes the token names the audience', 'aud.bearer',
    user('ann', { aud: 'shop' }),
    token('shopper', { sub: '{ann.id}', aud: 'shop', role: 'authenticated' }),
    ask('GET /user', { as: 'shopper' }, { status: 200, body: { id: '{ann.id}', aud: 'shop', '...': true } })),
  row('users of single sign-on are not found by address', 'lookup.sso',
    user('ann'), sql(`update auth.users set is_sso_user = true where id = '{ann.id}'`),
    ask('POST /token?grant_type=password', { email: '{ann.email}', password: '{password}' }, refused(400, 'invalid_credentials', 'Invalid login credentials'))),
  row('the header apikey is not read', 'apikey.ignored',
    ask('GET /settings', { headers: { apikey: 'nonsense' } }, 200)),
  row('public routes read no bearer token', 'bearer.public',
    ask('GET /settings', { headers: { authorization: 'Bearer nonsense' } }, 200),
    ask('POST /recover', { body: { email: '{email}' }, headers: { authorization: 'Bearer a.b.c' } }, { status: 200, body: {} })),
  row('a malformed address is refused', 'email.form',
    ...['no', 'a@', '@b.example', 'a b@c.example', 'a@b..example', 'a@-b.example', 'a@b.example.', ' a@b.example', 'a@b.example ', 'ä@b.example'].map(recover)),
  row('one label after the @ is enough', 'email.form',
    ask('POST /recover', { email: "o'b!#$%&*+/=?^_`{|}~-.c@localhost" }, 200)),
  row('an empty address is refused', 'email.required',
    ask('POST /invite', { as: 'service', body: { email: '' } }, invalid('An email address is required'))),
  row('an address over 255 bytes is refused', 'email.length',
    ask('POST /recover', { email: `${'x'.repeat(244)}@example.com` }, invalid('An email address is too long'))),
  row('an address is kept in lower case', 'email.lower signin.case',
    user('ann', { email: 'ANN.{email}' }),
    sql(`select email from auth.users where id = '{ann.id}'`, ['ann.{email}']),
    ask('POST /token?grant_type=password', { email: 'Ann.{email}', password: '{password}' }, signedIn(undefined, { weak_password: null }))),
  row('a number loses its plus and spaces', 'phone.form phone.plain',
    ask('POST /signup', { phone: '+{phone}', password: '{password}' }, { status: 200, body: { phone: '{phone}', '...': true } })),
  row('a malformed number is refused', 'phone.form otp.phone_form',
    ...['abc', '0123456', '++123456', '1', '1234567890123456', '+1-234'].map((phone) => ask('POST /otp', { phone }, badPhone))),
  row('a challenge and its method come together', 'pkce.pair otp.pkce',
    ...[pair(challenge, null), pair(null, 's256'), pair('', 's256')].flatMap((body) => [
      ask('POST /signup', body, invalid('PKCE flow requires code_challenge_method and code_challenge')),
      ask('POST /otp', body, invalid('PKCE flow requires code_challenge_method and code_challenge'))]),
    ask('POST /recover', { email: '{email}', code_challenge: null, code_challenge_method: null }, 200)),
  row('a challenge has 43 to 128 characters', 'pkce.length',
    ...['c'.repeat(42), 'c'.repeat(129)].map((c) => ask('POST /signup', pair(c, 's256'), invalid('code challenge has to be between 43 and 128 characters')))),
  row('a challenge holds unreserved characters', 'pkce.characters',
    ask('POST /signup', pair(`${challenge}+`, 's256'), invalid('code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes'))),
  row('an unknown challenge method is refused', 'pkce.method',
    ask('POST /signup', pair(challenge, 'md5'), invalid('code_challenge_method has to be s256 or plain'))),
] }]
