// Which addresses may sign up.

import t from 'tap'
import { openUsers, password, refusal } from '../support/users.ts'

const { ask, rows, signUp } = await openUsers(t)

t.test('takes every address that a browser takes, and writes it in lower case', async (t) => {
  for (const email of ["a.!#$%&'*+/=?^_`{|}~-@example.com", 'a@b', `a@${'x'.repeat(63)}.com`]) {
    t.match(await signUp(email.toUpperCase()), { email })
  }
})

t.test('refuses what is none, and leaves nothing', async (t) => {
  const before = await rows()
  for (const email of [
    'no',
    '@example.com',
    'ann@',
    ' ann@example.com',
    'ann@example.com ',
    'ann@example.com\n',
    'ann@exa mple.com',
    'ann@-example.com',
    'ann@example-.com',
    'ann@example..com',
    'ann@@example.com',
    'ann@b@example.com',
    'änn@example.com',
    'ann@exämple.com',
    `ann@${'x'.repeat(64)}.com`,
    '"ann"@example.com',
    'ann@[127.0.0.1]',
  ]) {
    t.same(
      await ask('signup', { email, password }),
      refusal(400, 'validation_failed', 'Unable to validate email address: invalid format'),
      email,
    )
  }
  t.same(
    await ask('signup', { email: `${'x'.repeat(250)}@example.com`, password }),
    refusal(400, 'validation_failed', 'An email address is too long'),
  )
  t.same(await rows(), before)
})
