// S-27: who changes how to sign in proves to be the owner, as the settings ask for, and the owner
// hears of it.

import t from 'tap'
import { openUsers, password } from '../support/users.ts'

const { ask, join, mailTo, settings, signIn, sql, timePasses } = await openUsers(t, {
  smtp_max_frequency: '0',
  mailer_notifications_password_changed_enabled: true,
  mailer_notifications_email_changed_enabled: true,
})
const email = 'ann@example.com'
await join(email)

t.test('a new password asks for the present one', async (t) => {
  await settings({ security_update_password_require_current_password: true })
  const as = await signIn(email)
  const change = { password: 'another password' }
  t.match(await ask('update_user', change, { as }), {
    status: 400,
    body: { error_code: 'current_password_required' },
  })
  t.match(await ask('update_user', { ...change, current_password: 'wrong' }, { as }), {
    status: 400,
  })
  t.match(await ask('update_user', { ...change, current_password: password }, { as }), {
    status: 200,
  })
  t.match(await mailTo(email), { kind: 'password_changed_notification' }, 'and the owner is told')
  await settings({ security_update_password_require_current_password: false })
})

t.test('a session of yesterday asks for a code', async (t) => {
  await settings({ security_update_password_require_reauthentication: true })
  const as = await signIn(email, 'another password')
  await timePasses('25 hours')
  t.match(await ask('update_user', { password: 'a third one' }, { as }), {
    body: { error_code: 'reauthentication_needed' },
  })
  await ask('reauthenticate', {}, { as })
  const { Token: nonce } = await mailTo(email)
  t.match(await ask('update_user', { password: 'a third one', nonce: 'no code' }, { as }), {
    status: 422,
  })
  t.match(await ask('update_user', { password: 'a third one', nonce }, { as }), { status: 200 })
  await settings({ security_update_password_require_reauthentication: false })
})

for (const mailer_autoconfirm of [false, true]) {
  t.test(
    `a new address counts once both have agreed (autoconfirm: ${mailer_autoconfirm})`,
    async (t) => {
      await settings({ mailer_autoconfirm })
      const other = `other-${mailer_autoconfirm}@example.com`
      const [{ email: present }] = (await sql`select email from auth.users`) as never as [
        { email: string },
      ]
      const as = await signIn(present, 'a third one')
      t.match(await ask('update_user', { email: other }, { as }), {
        status: 200,
        body: { email: present, new_email: other },
      })
      for (const [n, to] of [present, other].entries()) {
        const { TokenHash } = await mailTo(to)
        await ask('verify', { type: 'email_change', token_hash: TokenHash })
        const [user] = await sql`select email from auth.users`
        t.equal(user?.email, n === 0 ? present : other)
      }
      t.match(await mailTo(present), { kind: 'email_changed_notification' })
    },
  )
}
