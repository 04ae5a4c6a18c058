// Major version 1 of the official client, which older applications still run.

import t from 'tap'
import { createSupabase1, follow } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)

t.test('signs up, confirms and signs in with email and password', async (t) => {
  const supabase = createSupabase1(stack)
  const signedUp = await supabase.auth.signUp({
    email: 'ann@example.com',
    password: 'correct horse battery',
  })
  t.equal(signedUp.error, null)
  await follow((await stack.inbox.next('ann@example.com')).links[0] as string)

  const { user, session, error } = await supabase.auth.signIn({
    email: 'ann@example.com',
    password: 'correct horse battery',
  })
  t.equal(error, null)
  t.match(
    { user, session },
    {
      user: { email: 'ann@example.com' },
      session: { token_type: 'bearer', access_token: String, refresh_token: String },
    },
  )
  t.equal((await supabase.auth.signOut()).error, null)
})

t.test('shows the reason of a refusal', async (t) => {
  const { error } = await createSupabase1(stack).auth.signIn({
    email: 'ann@example.com',
    password: 'wrong',
  })
  t.match(error, { message: 'Invalid login credentials', status: 400 })
})

t.test('mails a magic link', async (t) => {
  const { error } = await createSupabase1(stack).auth.signIn({ email: 'ann@example.com' })
  t.equal(error, null)
  const fragment = await follow((await stack.inbox.next('ann@example.com')).links[0] as string)
  t.match(fragment, { type: 'magiclink', access_token: String })
})
