// Invitations and generated links.

import {
  ask,
  audit,
  auditOfAdmins,
  type Group,
  mail,
  nothingSent,
  refused,
  row,
  signedIn,
  sql,
  user,
} from '../case.ts'

const invalid = (message: string, status = 400) => refused(status, 'validation_failed', message)
const exists = refused(
  422,
  'email_exists',
  'A user with this email address has already been registered',
)
const notFound = refused(404, 'user_not_found', 'User with this email not found')
const invite = (body: object, gets: Parameters<typeof ask>[2], keep?: string) =>
  ask('POST /invite', { as: 'service', body: body as never }, gets, keep)
const generate = (body: object, gets: Parameters<typeof ask>[2], keep?: string) =>
  ask(
    'POST /admin/generate_link',
    { as: 'service', body: { email: '{email}', ...body } as never },
    gets,
    keep,
  )
const link = (type: string, verification = type, more: object = {}) => ({
  status: 200,
  body: {
    '...': true,
    id: '<uuid>',
    email: '{email}',
    action_link: `{api}/verify?token=<token>&type=${type}&redirect_to=http://localhost:3000`,
    email_otp: '<code>',
    hashed_token: '<token>',
    verification_type: verification,
    redirect_to: 'http://localhost:3000',
    ...more,
  },
})
const verify = (type: string, gets = signedIn()) =>
  ask('POST /verify', { type, token_hash: '{made.hashed_token}' }, gets)
const confirmed = user('ann', { email: '{email}' })
const unconfirmed = user('ann', { email: '{email}', email_confirm: false })

// prettier-ignore
export const admins: Group[] = [{ settings: { uri_allow_list: 'https://app.example/**' }, cases: [
  row('a confirmed user is not invited', 'invite.confirmed', confirmed, invite({ email: '{email}' }, exists)),
  row('an unconfirmed user is invited again, data ignored, without a wait', 'invite.again interval.exempt invite.audit',
    invite({ email: '{email}', data: { team: 'red' } }, 200, 'ann'), mail('{email}', { '...': true }, 'first'),
    invite({ email: '{email}', data: { team: 'blue' } }, { status: 200, body: { '...': true, id: '{ann.id}', user_metadata: { team: 'red' }, invited_at: '<time>', confirmation_sent_at: '<time>' } }),
    mail('{email}'), ask('POST /verify', { type: 'invite', email: '{email}', token: '{mail.code}' }, signedIn()),
    auditOfAdmins('{email}', ...[1, 2].map(() => 'user_invited team {"user_id": "{ann.id}", "user_email": "{email}"}'))),
  row('signup makes a user by a link that is not mailed', 'generate.signup generate.body generate.sends_nothing password.where generate.audit',
    generate({ type: 'signup' }, invalid('Signup requires a valid password')),
    generate({ type: 'signup', password: 'short' }, { status: 422 }),
    generate({ type: 'signup', password: '{password}', data: { name: 'Ann' } }, link('signup', 'signup', { user_metadata: { name: 'Ann' } }), 'made'),
    nothingSent('{email}'), sql(`select count(*)::integer from auth.audit_log_entries where payload -> 'traits' ->> 'user_email' = '{email}'`, [0]),
    verify('signup'), ask('POST /token?grant_type=password', { email: '{email}', password: '{password}' }, 200)),
  row('signup is refused for a confirmed user and merges data of another', 'generate.signup_known generate.no_interval',
    unconfirmed, generate({ type: 'signup', password: 'x', data: { name: 'Ann' } }, link('signup', 'signup', { id: '{ann.id}', user_metadata: { name: 'Ann' } })),
    generate({ type: 'signup', password: 'x', data: { age: 30 } }, link('signup', 'signup', { user_metadata: { name: 'Ann', age: 30 } }), 'made'), verify('signup'),
    generate({ type: 'signup', password: '{password}' }, exists)),
  row('invite makes a user or invites again', 'generate.invite generate.audit',
    generate({ type: 'invite', data: { team: 'red' } }, link('invite', 'invite', { invited_at: '<time>', user_metadata: { team: 'red' } })),
    generate({ type: 'invite' }, link('invite'), 'made'), verify('invite'), generate({ type: 'invite' }, exists),
    auditOfAdmins('{email}', ...[1, 2].map(() => 'user_invited team {"user_id": "{made.id}", "user_email": "{email}"}'))),
  row('magiclink signs in who is known', 'generate.magiclink generate.audit',
    confirmed, generate({ type: 'magiclink' }, link('magiclink', 'magiclink', { recovery_sent_at: '<time>' }), 'made'), verify('magiclink'),
    audit('{ann.id}', 'user_recovery_requested user', 'login account')),
  row('magiclink signs up who is not', 'generate.magiclink',
    generate({ type: 'magiclink' }, link('signup'), 'made'), verify('signup')),
  row('recovery is for who is known', 'generate.recovery',
    generate({ type: 'recovery' }, notFound), confirmed, generate({ type: 'recovery' }, link('recovery'), 'made'), verify('recovery')),
  row('a change of address has a link for either address', 'generate.email_change generate.new_hash',
    confirmed, generate({ type: 'email_change_current', new_email: '{email2}' }, link('email_change', 'email_change_current', { new_email: '{email2}' }), 'made'),
    verify('email_change', { status: 200, body: { '...': true, code: '200' } }),
    generate({ type: 'email_change_new', new_email: '{email2}' }, link('email_change', 'email_change_new'), 'made'),
    verify('email_change', { status: 200, body: { '...': true, code: '200' } }),
    generate({ type: 'email_change_new', new_email: '' }, invalid('An email address is required'))),
  row('a change of address wants somebody who is there, and a free address', 'generate.email_change generate.email_change_taken',
    ...['current', 'new'].map((which) => generate({ type: `email_change_${which}`, new_email: '{email2}' }, notFound)),
    confirmed, user('bob', { email: '{email2}' }), generate({ type: 'email_change_new', new_email: '{email2}' }, exists)),
  row('an unknown type is refused', 'generate.type',
    generate({ type: 'sms' }, invalid('Invalid email action link type requested: sms'))),
  row('redirect_to of the body goes first, if it is allowed', 'generate.redirect redirect.body',
    confirmed,
    ...[['https://app.example/body', 'https://app.example/body'], ['https://evil.example', 'http://localhost:3000']].map(([body, target]) =>
      ask('POST /admin/generate_link?redirect_to=https://app.example/query', { as: 'service', body: { type: 'recovery', email: '{email}', redirect_to: body } },
        { status: 200, body: { '...': true, redirect_to: target, action_link: `{api}/verify?token=<token>&type=recovery&redirect_to=${target}` } }))),
] }, { settings: { mailer_secure_email_change_enabled: false }, cases: [
  row('without secure change the present address has no link', 'generate.current_off',
    confirmed, generate({ type: 'email_change_current', new_email: '{email2}' }, invalid('Enable secure email change to generate link for current email'))),
] }]
