// Who asks for an address over HTTP does not learn whether it has an account: one answer, one wait,
// and as many rows for the worker, for a known address as for one that nobody has.

import t from 'tap'
import { openClient, openGateway } from '../support/gateway.ts'
import { faceless, openUsers, password } from '../support/users.ts'

const users = await openUsers(t)
const gateway = await openGateway(t, users)
const ask = openClient(gateway.url)
const { join, rows, settings, timePasses } = users
const session = await join('known@example.com')
const challenge = { code_challenge: 'c'.repeat(43), code_challenge_method: 's256' }

/** Path, body but for the address, and what tells by design. */
const requests: [string, Record<string, unknown>][] = [
  ['/recover', {}],
  ['/recover', challenge],
  ['/magiclink', {}],
  ['/otp', {}],
  ['/resend', { type: 'signup' }],
  ['/resend', { type: 'email_change' }],
  ['/token?grant_type=password', { password: 'wrong password' }],
  ['/verify', { type: 'email', token: '123456' }],
  ['/verify', { type: 'recovery', token: '123456' }],
  ['/verify', { type: 'email_change', token: '123456' }],
]

/** Two answers in a row, and how many rows they left for the worker. */
async function told(path: string, body: object) {
  const before = await rows()
  const answers = [await ask(path, body), await ask(path, body)]
  const { mails = 0 } = await rows()
  return faceless({ answers, left: mails - (before.mails ?? 0) })
}

let strangers = 0
for (const [path, more] of requests) {
  t.test(`${path} ${JSON.stringify(more)} does not tell`, async (t) => {
    await timePasses('2 minutes')
    const unknown = await told(path, { email: `nobody${++strangers}@example.com`, ...more })
    await timePasses('2 minutes')
    t.same(await told(path, { email: 'known@example.com', ...more }), unknown)
  })
}

t.test('signing up does not tell, but by the identities and what they stand for', async (t) => {
  await timePasses('2 minutes')
  const body = { password, data: { name: 'Eve' } }
  const unknown = await told('/signup', { email: 'newcomer@example.com', ...body })
  await timePasses('2 minutes')
  const known = await told('/signup', { email: 'known@example.com', ...body })
  const seen = ({ answers, left }: typeof known) => {
    const [first, second] = answers
    const { role, identities, user_metadata, ...others } = first?.body as Record<string, unknown>
    t.ok(identities && user_metadata && role !== undefined)
    return { first: { ...first, body: others }, second, left }
  }
  t.same(seen(known), seen(unknown))
})

const change = (email: string) =>
  ask('/user', { email }, { method: 'PUT', token: session.access_token })

t.test('PUT /user tells that an address is taken, where the setting lets it', async (t) => {
  await join('taken@example.com')
  t.match(await change('taken@example.com'), {
    status: 422,
    body: {
      error_code: 'email_exists',
      msg: 'A user with this email address has already been registered',
    },
  })

  await settings({ security_reveal_accounts: false })
  await timePasses('2 minutes')
  const taken = faceless([await change('taken@example.com'), await change('taken@example.com')])
  await timePasses('2 minutes')
  const free = faceless([await change('free@example.com'), await change('free@example.com')])
  t.same(taken, free)
  t.match(free, [{ status: 200 }, { status: 429 }])
})
