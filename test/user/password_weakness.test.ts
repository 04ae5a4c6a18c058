// Which passwords are too weak.

import t from 'tap'
import { openUsers, refusal } from '../support/users.ts'

const { ask, settings } = await openUsers(t)

t.test('says why a password is weak, in words and as reasons', async (t) => {
  await settings({ password_min_length: 8, password_required_characters: 'abc:123:\\:;' })
  const weak = (reasons: string[], msg: string) => {
    const { status, headers, body } = refusal(422, 'weak_password', msg)
    return { status, headers, body: { ...body, weak_password: { reasons } } }
  }
  const short = 'Password should be at least 8 characters.'
  const plain = 'Password should contain at least one character of each: abc, 123, :;.'
  const cases: [string, string[], string][] = [
    ['a1:', ['length'], short],
    ['a', ['length', 'characters'], `${short} ${plain}`],
    ['aaaaaaaa1', ['characters'], plain],
    ['xxxxxxxx1;', ['characters'], plain],
  ]
  for (const [bad, reasons, msg] of cases) {
    const answer = await ask('signup', { email: 'weak@example.com', password: bad })
    t.same(answer, weak(reasons, msg), bad)
  }
  t.match(await ask('signup', { email: 'weak@example.com', password: 'aaaaaaa1;' }), {
    status: 200,
  })
  await settings({ password_min_length: 6, password_required_characters: '' })
})
