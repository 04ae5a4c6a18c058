// No client library at all: the bare call that people type with curl.

import t from 'tap'
import { follow } from '../support/client.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)

t.test('a bare call asks for a magic link that signs in', async (t) => {
  const asked = await fetch(`${stack.api}/auth/v1/magiclink`, {
    method: 'POST',
    headers: { apikey: stack.anonKey, 'content-type': 'application/json' },
    body: '{"email":"someone@email.com"}',
  })
  t.same([asked.status, await asked.json()], [200, {}])

  const mail = await stack.inbox.next('someone@email.com')
  const { access_token: token } = await follow(mail.links[0] as string)
  const user = await fetch(`${stack.api}/auth/v1/user`, {
    headers: { apikey: stack.anonKey, authorization: `Bearer ${token}` },
  })
  t.match(await user.json(), { email: 'someone@email.com', role: 'authenticated' })
})
