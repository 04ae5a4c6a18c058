// Changing one’s address.

import t from 'tap'
import { openUsers } from '../support/users.ts'

const { ask, join, mailTo, signIn } = await openUsers(t)

t.test('a new address counts once both have confirmed, in either order', async (t) => {
  for (const [old, fresh, order] of [
    ['gil@example.com', 'gil@example.org', [0, 1]],
    ['hal@example.com', 'hal@example.org', [1, 0]],
  ] as const) {
    const session = await join(old)
    const asked = await ask('update_user', { email: fresh.toUpperCase() }, { as: session })
    t.match(asked.body, { email: old, new_email: fresh, email_change_sent_at: String })

    const mails = [await mailTo(old), await mailTo(fresh)]
    const [first, second] = order.map((place) => mails[place]?.TokenHash)
    t.same(await ask('verify', { type: 'email_change', token_hash: first }), {
      status: 200,
      headers: {},
      body: {
        code: '200',
        msg: 'Confirmation link accepted. Please proceed to confirm link sent to the other email',
      },
    })
    t.match(await ask('verify', { type: 'email_change', token_hash: first }), { status: 403 })
    t.match((await ask('get_user', {}, { as: session })).body, { email: old, new_email: fresh })
    t.match(await ask('verify', { type: 'email_change', token_hash: second }), {
      status: 200,
      body: { access_token: String, user: { email: fresh, identities: [{ email: fresh }] } },
    })
    t.match(await signIn(fresh), { token_type: 'bearer' })
  }
})
