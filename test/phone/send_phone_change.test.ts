// Wanting a telephone number that another user has, or gets meanwhile.

import t from 'tap'
import { faceless, openUsers, refusal } from '../support/users.ts'

const { ask, join, joinByPhone, rows, settings, smsTo, sql, timePasses } = await openUsers(t, {
  external_phone_enabled: true,
  sms_provider: 'twilio',
})

t.test('who is slower finds the number taken', async (t) => {
  const session = await join('slow@example.com')
  await ask('update_user', { phone: '4915100000011' }, { as: session })
  const { Code } = await smsTo('4915100000011')
  await joinByPhone('4915100000011')
  t.same(
    await ask('verify', { type: 'phone_change', phone: '4915100000011', token: Code }),
    refusal(500, 'unexpected_failure', 'Error confirming user'),
  )
})

t.test('without security_reveal_accounts a taken number is answered like a free one', async (t) => {
  await settings({ security_reveal_accounts: false })
  await joinByPhone('4915100000020')
  const attempt = async (email: string, phone: string) => {
    const session = await join(email)
    const before = await rows()
    const asked = await ask('update_user', { phone }, { as: session })
    const after = await rows()
    await timePasses('61 seconds')
    const again = await ask('resend', { type: 'phone_change', email })
    return faceless({
      asked,
      before: after.mails! - before.mails!,
      again,
      codes: after.codes! - before.codes!,
    })
  }
  const free = await attempt('free@example.com', '4915100000021')
  t.match(free, { asked: { status: 200, body: { new_phone: 'some number' } } })
  t.same(await attempt('taken@example.com', '4915100000020'), free)
  const [sent] = await sql`
    select from auth_private.outbox
    where recipient = '4915100000020' and kind = 'phone_change'
  `
  t.equal(sent, undefined)
})
