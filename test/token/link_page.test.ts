// The page that asks for a press of a button before a mailed link is followed.

import t from 'tap'
import { openUsers } from '../support/users.ts'

const { ask, mailTo, rows, signUp } = await openUsers(t, { mailer_link_confirmation_page: true })

t.test(
  'opening a link shows a button and changes nothing, pressing it follows the link',
  async (t) => {
    await signUp('gil@example.com')
    const token = (await mailTo('gil@example.com')).TokenHash
    const before = await rows()
    const args = { type: 'signup', token, redirect_to: 'https://app.example.com/"><script>' }
    for (let n = 0; n < 2; n++) {
      const { status, headers, body } = await ask('verify_link', args)
      t.match(
        [status, headers],
        [
          200,
          {
            'Content-Type': 'text/html; charset=utf-8',
            'Cache-Control': 'no-store',
            'Referrer-Policy': 'no-referrer',
            'Content-Security-Policy': /^default-src 'none'/,
          },
        ],
      )
      const html = body as unknown as string
      const action = /<form method="post" action="([^"]+)">/.exec(html)?.[1] ?? ''
      const pressed = new URL(
        action.replaceAll('&amp;', '&'),
        'https://api.example.com/auth/v1/verify',
      )
      t.equal(pressed.pathname, '/auth/v1/verify/confirm')
      t.same(Object.fromEntries(pressed.searchParams), args)
      t.notMatch(html, '<script')
    }
    t.same(await rows(), before)

    t.match(await ask('confirm_link', { type: 'signup', token }), {
      status: 303,
      headers: { Location: /#access_token=/ },
    })
  },
)

t.test('a link that is none is refused without a page', async (t) => {
  for (const args of [{}, { type: 'signup' }, { token: 'x' }]) {
    t.match(await ask('verify_link', args), { status: 400 })
  }
})
