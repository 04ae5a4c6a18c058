// The links in mails.

import t from 'tap'
import { openUsers, password } from '../support/users.ts'

const { ask, join, mailTo, settings, sql } = await openUsers(t, {
  smtp_max_frequency: '0',
  api_external_url: 'https://api.example.com/auth/v1',
  site_url: 'https://app.example.com',
})

async function link(kind: string, redirectTo: string | null): Promise<string> {
  const [row] = await sql`select auth_private.link(${kind}, 'token', ${redirectTo}) as link`
  return row?.link
}

t.test('a link leads to the API, with token, type and where to go then', async (t) => {
  const to = 'https://app.example.com'
  for (const [kind, type] of [
    ['confirmation', 'signup'],
    ['recovery', 'recovery'],
    ['magic_link', 'magiclink'],
    ['email_change', 'email_change'],
  ] as const) {
    const expected = `https://api.example.com/verify?token=token&type=${type}&redirect_to=${to}`
    t.equal(await link(kind, to), expected)
  }
})

t.test('each kind has a path of its own in the settings, below the host', async (t) => {
  await settings({
    mailer_urlpaths_confirmation: '/auth/v1/verify',
    mailer_urlpaths_recovery: '/again',
  })
  const start = async (kind: string) => (await link(kind, 'x')).split('?')[0]
  t.equal(await start('confirmation'), 'https://api.example.com/auth/v1/verify')
  t.equal(await start('recovery'), 'https://api.example.com/again')
  t.equal(await start('magic_link'), 'https://api.example.com/again')
  await settings({ api_external_url: 'http://localhost:9999' })
  t.equal(await start('recovery'), 'http://localhost:9999/again')
  await settings({ mailer_urlpaths_confirmation: '/verify', mailer_urlpaths_recovery: '/verify' })
})

t.test('what decoding would change is encoded', async (t) => {
  for (const target of [
    'https://app.example.com/a?b=c&d=e#f',
    'https://app.example.com/a%20b',
    'https://app.example.com/a+b',
    'https://app.example.com/?x=%26',
    'https://app.example.com/ä',
    'https://app.example.com/"\'<>',
  ]) {
    t.equal(new URL(await link('recovery', target)).searchParams.get('redirect_to'), target)
  }
})

t.test('no header of the request can change where it leads', async (t) => {
  const headers = {
    host: 'evil.example',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'ftp',
    origin: 'https://evil.example',
    referer: 'https://evil.example/x',
  }
  await join('ann@example.com')
  for (const [routine, args] of [
    ['recover', {}],
    ['otp', {}],
    ['signup', { email: 'new@example.com', password }],
  ] as const) {
    const email = 'email' in args ? args.email : 'ann@example.com'
    await ask(routine, { email, ...args, redirect_to: 'https://evil.example' }, { headers })
    t.notMatch(JSON.stringify(await mailTo(email)), 'evil')
    t.match((await mailTo(email)).ConfirmationURL, 'http://localhost:9999/verify?token=')
  }
})

t.test('a target that is allowed is in the mail', async (t) => {
  const redirect_to = 'https://app.example.com/in'
  await ask('recover', { email: 'ann@example.com', redirect_to })
  t.match(await mailTo('ann@example.com'), {
    RedirectTo: redirect_to,
    ConfirmationURL: /redirect_to=https:\/\/app\.example\.com\/in$/,
  })
})
