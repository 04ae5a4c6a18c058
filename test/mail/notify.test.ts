// Mails that tell a user what has happened to the account.

import t from 'tap'
import { openUsers } from '../support/users.ts'

const { ask, join, mailTo, settings, sql } = await openUsers(t, { smtp_max_frequency: '0' })

const kinds = {
  password_changed: {},
  email_changed: { OldEmail: 'ann@example.com' },
  phone_changed: { Phone: '15551234567', OldPhone: '' },
  identity_linked: { Provider: 'github' },
  identity_unlinked: { Provider: 'github' },
  mfa_factor_enrolled: { FactorType: 'totp' },
  mfa_factor_unenrolled: { FactorType: 'totp' },
}

/** The setting of every kind on, or off. */
const every = (value: boolean) =>
  Object.fromEntries(
    Object.keys(kinds).map((kind) => [`mailer_notifications_${kind}_enabled`, value]),
  )

const notices = async () => {
  const rows = await sql`
    delete from auth_private.outbox
    where kind like '%\_notification'
    returning kind, recipient, locale, variables
  `
  return rows.map((row) => ({ ...row }))
}

const notify = (kind: string, address: string | null, variables = {}) => sql`
  select auth_private.notify(${kind}, u, ${address}, ${sql.json(variables)})
  from auth.users u
  where u.email = 'ann@example.com'
`

const ann = await join('ann@example.com', { data: { locale: 'de' } })
const common = {
  SiteURL: 'http://localhost:3000',
  Email: 'ann@example.com',
  Data: ann.user.user_metadata,
}

t.test('a new password is told, where the settings ask for it', async (t) => {
  await settings({ mailer_notifications_password_changed_enabled: true })
  await ask('update_user', { password: 'another password' }, { as: ann })
  t.same(await notices(), [
    {
      kind: 'password_changed_notification',
      recipient: 'ann@example.com',
      locale: 'de',
      variables: common,
    },
  ])
})

t.test('a refused change is not told, nor one of something else', async (t) => {
  t.match(await ask('update_user', { password: 'another password' }, { as: ann }), { status: 422 })
  t.match(await ask('update_user', { data: { a: 1 } }, { as: ann }), { status: 200 })
  t.match(await ask('update_user', { data: { a: null } }, { as: ann }), { status: 200 })
  t.same(await notices(), [])
})

t.test('without its setting nothing is told', async (t) => {
  await settings(every(false))
  await ask('update_user', { password: 'third password' }, { as: ann })
  for (const [kind, variables] of Object.entries(kinds)) {
    await notify(`${kind}_notification`, 'ann@example.com', variables)
  }
  t.same(await notices(), [])
})

t.test('each kind has its own setting and its own variables', async (t) => {
  for (const [kind, variables] of Object.entries(kinds)) {
    await settings({ ...every(false), [`mailer_notifications_${kind}_enabled`]: true })
    for (const [other, its] of Object.entries(kinds)) {
      await notify(`${other}_notification`, 'ann@example.com', its)
    }
    t.match(await notices(), [
      { kind: `${kind}_notification`, variables: { ...common, ...variables } },
    ])
  }
})

t.test('nobody is told who has no address, or may not be written to', async (t) => {
  await settings({ ...every(true), external_email_authorized_addresses: 'bob@example.com' })
  for (const address of [null, '', 'ann@example.com']) {
    await notify('password_changed_notification', address)
  }
  const changed = await ask('update_user', { password: 'fourth password' }, { as: ann })
  t.equal(changed.status, 200)
  t.same(await notices(), [])
  await settings({ external_email_authorized_addresses: '' })
})

t.test('a new address is told to the old one, once it counts', async (t) => {
  await settings({ ...every(true), mailer_secure_email_change_enabled: false })
  await ask('update_user', { email: 'ann@example.org' }, { as: ann })
  t.same(await notices(), [])

  const token_hash = (await mailTo('ann@example.org')).TokenHash
  t.match(await ask('verify', { type: 'email_change', token_hash }), { status: 200 })
  t.same(await notices(), [
    {
      kind: 'email_changed_notification',
      recipient: 'ann@example.com',
      locale: 'de',
      variables: { ...common, Email: 'ann@example.org', OldEmail: 'ann@example.com' },
    },
  ])
})

t.test('who had no address before is told nothing', async (t) => {
  await settings({ external_anonymous_users_enabled: true, mailer_autoconfirm: true })
  const { body } = await ask('signup', {})
  const changed = await ask('update_user', { email: 'cat@example.com' }, { as: body as never })
  t.match(changed, { status: 200, body: { email: 'cat@example.com' } })
  t.same(await notices(), [])
})
