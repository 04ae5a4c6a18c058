// Limits of the whole instance: so many mails, so many SMS.

import t from 'tap'
import { openClient, openGateway } from '../support/gateway.ts'
import { openUsers, password, refusal } from '../support/users.ts'

const users = await openUsers(t, {
  mailer_notifications_password_changed_enabled: true,
  external_phone_enabled: true,
  sms_provider: 'twilio',
  sms_test_otp: '15550000000:123456',
})
const { ask, sql } = users
const noMoreMail = refusal(429, 'over_email_send_rate_limit', 'email rate limit exceeded')
const noMoreSms = refusal(429, 'over_sms_send_rate_limit', 'SMS rate limit exceeded')
let people = 0
const someone = () => `p${++people}@example.com`
const recover = (email = someone()) => ask('recover', { email })
const passes = (answer: { status: number }) => answer.status === 200

/** Begins anew with other limits. */
async function limit(settings: Record<string, string | null | boolean>) {
  await sql`delete from auth_private.rate_limits`
  await users.settings({ rate_limit_email_sent: null, rate_limit_sms_sent: null, ...settings })
}

t.test('so many mails go out in an hour, and then none until it is over', async (t) => {
  await limit({ rate_limit_email_sent: '3' })
  for (let n = 1; n <= 3; n++) t.ok(passes(await ask('signup', { email: someone(), password })))
  const before = await users.rows()
  t.same(await ask('signup', { email: someone(), password }), noMoreMail)
  t.same(await users.rows(), before, 'and the user is not made')
  await users.timePasses('59 minutes')
  t.same(await recover(), noMoreMail)
  await users.timePasses('61 seconds')
  for (let n = 1; n <= 3; n++) t.match(await recover(), { status: 200 })
  t.same(await recover(), noMoreMail)
})

t.test('or so many at once, and one more every so often', async (t) => {
  await limit({ rate_limit_email_sent: '2/10m' })
  for (let n = 1; n <= 2; n++) t.ok(passes(await recover()))
  t.same(await recover(), noMoreMail)
  await users.timePasses('10 minutes')
  t.ok(passes(await recover()))
  t.same(await recover(), noMoreMail)
})

t.test('a limit that is changed from one kind to the other begins anew', async (t) => {
  await limit({ rate_limit_email_sent: '1' })
  t.ok(passes(await recover()))
  await users.settings({ rate_limit_email_sent: '2/10m' })
  for (let n = 1; n <= 2; n++) t.ok(passes(await recover()))
  t.same(await recover(), noMoreMail)
  await users.settings({ rate_limit_email_sent: '1' })
  t.ok(passes(await recover()))
  t.same(await recover(), noMoreMail)
})

t.test('known and unknown addresses count alike', async (t) => {
  await limit({})
  const ann = await users.join('ann@example.com')
  await limit({ rate_limit_email_sent: '1' })
  t.ok(passes(await recover('ann@example.com')))
  const afterKnown = [await recover('ann@example.com'), await recover()]
  await users.timePasses('2 hours')
  t.ok(passes(await recover()))
  t.same(await recover(), afterKnown[1])
  await users.timePasses('2 hours')
  t.ok(passes(await ask('signup', { email: ann.user.email, password })))
  t.same(await ask('signup', { email: someone(), password }), noMoreMail)
})

t.test('null is no limit; 0 refuses always; autoconfirm counts nothing', async (t) => {
  await limit({})
  for (let n = 1; n <= 40; n++) t.ok(passes(await recover()))
  t.same(await sql`select * from auth_private.rate_limits`, [], 'and nothing is counted')
  await limit({ rate_limit_email_sent: '0' })
  t.same(await recover(), noMoreMail)
  t.teardown(() => users.settings({ mailer_autoconfirm: false }))
  await limit({ rate_limit_email_sent: '0', mailer_autoconfirm: true })
  t.same(await recover(), noMoreMail)
  await limit({ rate_limit_email_sent: '1', mailer_autoconfirm: true })
  for (let n = 1; n <= 3; n++) t.ok(passes(await recover()))
})

t.test('what is far beyond reason is no fault', async (t) => {
  for (const told of ['99999999999999999999', '99999999999999999999/99999999h', '5/0s']) {
    await limit({ rate_limit_email_sent: told })
    t.ok(passes(await recover()), told)
  }
  for (const wrong of ['-1', 'many', '10/', '10/m', '1.5', '10/1d']) {
    await t.rejects(users.settings({ rate_limit_email_sent: wrong }), /a number in an hour/, wrong)
  }
})

t.test('a change of address that both confirm counts as one', async (t) => {
  await limit({})
  const as = await users.join(someone())
  await limit({ rate_limit_email_sent: '2' })
  t.ok(passes(await ask('update_user', { email: someone() }, { as })))
  t.ok(passes(await recover()))
  t.same(await recover(), noMoreMail)
})

t.test('a notification counts, and is left out where no more may be sent', async (t) => {
  await limit({})
  const as = await users.join(someone())
  const { email } = as.user
  const change = (to: string) => ask('update_user', { password: to }, { as })
  const notices = async () => {
    const [counted] = await sql`
      select count(*)::integer as sent from auth_private.outbox
      where recipient = ${email} and kind = 'password_changed_notification'
    `
    return counted?.sent
  }
  await limit({ rate_limit_email_sent: '1' })
  t.ok(passes(await change('another horse battery')))
  t.equal(await notices(), 1)
  t.same(await recover(), noMoreMail)
  t.ok(passes(await change('yet another battery')), 'the password is changed all the same')
  t.equal(await notices(), 1)
})

t.test('SMS have a limit of their own; numbers for tests are not counted', async (t) => {
  let number = 15551000000
  const otp = (phone = String(++number)) => ask('otp', { phone })
  await limit({ rate_limit_sms_sent: '2', rate_limit_email_sent: '0' })
  t.ok(passes(await otp('15550000000')))
  for (let n = 1; n <= 2; n++) t.ok(passes(await otp()))
  t.same(await otp(), noMoreSms)
  await users.timePasses('30 minutes')
  t.ok(passes(await otp('15550000000')))
  await users.timePasses('31 minutes')
  t.ok(passes(await otp()))
})

for (const header of ['', 'X-Forwarded-For']) {
  t.test(`of parallel requests exactly so many pass, by header "${header}"`, async (t) => {
    t.teardown(() => users.settings({ rate_limit_header: '' }))
    await limit({ rate_limit_email_sent: '5', rate_limit_header: header })
    const gateways = [await openGateway(t, users), await openGateway(t, users)]
    const replies = await Promise.all(
      Array.from({ length: 24 }, (_, n) =>
        openClient(gateways[n % 2]?.url ?? '')('/recover', { email: someone() }),
      ),
    )
    t.equal(replies.filter(passes).length, 5)
    for (const reply of replies.filter((one) => !passes(one))) {
      t.match(reply, { status: 429, body: { error_code: 'over_email_send_rate_limit' } })
    }
    t.same(await sql`select * from auth_private.sends`, [])
  })
}

t.test(
  'an open transaction keeps nobody waiting, and what it sends counts as it ends',
  async (t) => {
    await limit({ rate_limit_email_sent: '2' })
    const slow = await users.connect().reserve()
    await slow`begin`
    await slow`select auth.recover(${someone()})`
    t.ok(passes(await recover()), 'while it is open')
    await slow`rollback`
    t.ok(passes(await recover()), 'what was rolled back does not count')

    await limit({ rate_limit_email_sent: '1' })
    await slow`begin`
    await slow`select auth.signup(${'late@example.com'}, ${password})`
    t.ok(passes(await recover()))
    await t.rejects(slow`commit`, { code: 'PT429', message: 'email rate limit exceeded' })
    t.same(await sql`select id from auth.users where email = 'late@example.com'`, [])
    slow.release()
  },
)
