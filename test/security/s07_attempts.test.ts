// S-07: what was tried and failed is remembered although the request is refused.

import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { smtp_max_frequency: '0' })
const email = 'ann@example.com'
const post = async (path: string, body: object) => {
  const response = await fetch(stack.api + path, { method: 'POST', body: JSON.stringify(body) })
  return { status: response.status, body: await response.json() }
}
const guess = (token: string) => post('/verify', { type: 'email', email, token })
const expired = { status: 403, body: { error_code: 'otp_expired' } }

async function mailedCode(): Promise<string> {
  await post('/otp', { email })
  const { text } = await stack.inbox.next(email)
  return /\b\d{6}\b/.exec(text)?.[0] ?? ''
}

t.test('after ten wrong guesses the right code is worth nothing', async (t) => {
  const code = await mailedCode()
  for (let n = 0; n < 10; n++) t.match(await guess('no code'), expired)
  t.match(await guess(code), expired)
  const [counted] = await stack.sql`select attempts from auth_private.one_time_codes`
  t.same(counted, { attempts: 10 })
})

t.test('a new code has guesses of its own, and nine leave one', async (t) => {
  const code = await mailedCode()
  for (let n = 0; n < 9; n++) t.match(await guess('no code'), expired)
  t.match(await guess(code), { status: 200, body: { access_token: String } })
})

t.test('guesses sent side by side are all counted', async (t) => {
  const code = await mailedCode()
  await Promise.all(Array.from({ length: 20 }, () => guess('no code')))
  t.match(await guess(code), expired)
})
