// S-12: a refresh is one step. However many are sent with one token at once, over as many
// connections as the gateway has, there is one new generation and no honest client is refused.

import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const post = async (path: string, body: object) => {
  const response = await fetch(stack.api + path, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, body: await response.json() }
}

t.test('fifty refreshes of one token', async (t) => {
  const { body } = await post('/signup', { email: 'ann@example.com', password: 'correct horse' })
  let { refresh_token } = body
  for (let round = 1; round <= 3; round++) {
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => post('/token?grant_type=refresh_token', { refresh_token })),
    )
    t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
    const next = new Set(answers.map(({ body }) => body.refresh_token))
    t.equal(next.size, 1)
    const [session] = await stack.sql`select refresh_token_counter::integer as n from auth.sessions`
    t.same(session, { n: round })
    refresh_token = [...next][0]
  }
})
