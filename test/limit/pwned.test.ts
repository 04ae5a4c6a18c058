// Passwords that have leaked: a server of our own stands in for haveibeenpwned.com.

import { createHash } from 'node:crypto'
import t from 'tap'
import { openClient, openGateway } from '../support/gateway.ts'
import { openSite } from '../support/site.ts'
import { openUsers, password } from '../support/users.ts'

const site = await openSite(t)
const users = await openUsers(t, { password_hibp_enabled: true, password_hibp_user_agent: 'me' })
const { url } = await openGateway(t, users, { pwnedUrl: `${site.url}/` })
const client = openClient(url)
const [keys] = await users.sql`select auth.api_key('service_role') as service`
const admin = { token: keys?.service as string }

const digest = createHash('sha1').update(password).digest('hex').toUpperCase()
const leaked = `00000000000000000000000000000000000:0\r\n${digest.slice(5)}:7\r\n`
const message = 'Password is known to be weak and easy to guess, please choose a different one.'
const weak = {
  status: 422,
  body: {
    code: 422,
    error_code: 'weak_password',
    msg: message,
    weak_password: { reasons: ['pwned'] },
  },
}
const unverified = {
  status: 500,
  body: {
    error_code: 'unexpected_failure',
    msg: 'Unable to perform password strength check with HaveIBeenPwned.org.',
  },
}
let people = 0
const newcomer = (more = {}) => ({ email: `p${++people}@example.com`, password, ...more })

t.test(
  'a password that has leaked can not be chosen; five digits of its hash are sent',
  async (t) => {
    site.answers({ body: leaked })
    t.match(await client('/signup', newcomer()), weak)
    const [request, ...more] = site.asked()
    t.same(more, [])
    t.match(request, {
      method: 'GET',
      path: `/range/${digest.slice(0, 5)}`,
      headers: { 'user-agent': 'me', 'add-padding': 'true' },
      body: '',
    })
    t.notOk(JSON.stringify(request).includes(digest.slice(5)))
  },
)

t.test('other answers let it pass', async (t) => {
  const cases: [string, string][] = [
    ['nothing', ''],
    ['others', 'ABCDEF:5\r\n'],
    ['padding', `${digest.slice(5)}:0\r\n`],
    ['no list', '<html>'],
  ]
  for (const [name, body] of cases) {
    site.answers({ body })
    t.equal((await client('/signup', newcomer())).status, 200, name)
  }
  site.answers({ body: leaked.toLowerCase().replaceAll('\r', '') })
  t.match(await client('/signup', newcomer()), weak, 'lower case and bare line feeds are read')
})

t.test('it is one reason among others', async (t) => {
  const short = 'abc'
  const hash = createHash('sha1').update(short).digest('hex').toUpperCase()
  site.answers({ body: `${hash.slice(5)}:9` })
  t.match(await client('/signup', newcomer({ password: short })), {
    status: 422,
    body: {
      msg: `Password should be at least 6 characters. ${message}`,
      weak_password: { reasons: ['length', 'pwned'] },
    },
  })
})

t.test('asked wherever a password is set, and only reported at sign-in', async (t) => {
  site.answers({ body: '' })
  const ann = await users.join('ann@example.com')
  site.answers({ body: leaked })
  site.asked()
  const signIn = await client('/token?grant_type=password', { email: 'ann@example.com', password })
  t.match(signIn, { status: 200, body: { weak_password: { message, reasons: ['pwned'] } } })

  const { access_token: token } = signIn.body as { access_token: string }
  const put = { method: 'PUT' }
  t.match(await client('/user', { password }, { ...put, token }), weak)
  t.match(await client(`/admin/users/${ann.user.id}`, { password }, { ...put, ...admin }), weak)
  const link = { ...newcomer(), type: 'signup' }
  t.match(await client('/admin/generate_link', link, admin), weak)
  t.equal(site.asked().length, 4)

  t.equal((await client('/admin/users', newcomer(), admin)).status, 200, 'admins may, as in GoTrue')
  t.equal((await client('/user', { data: {} }, { ...put, token })).status, 200)
  t.equal((await client('/signup', newcomer({ password: '' }))).status, 400)
  t.same(site.asked(), [], 'where there is nothing to ask nobody is asked')
})

t.test('while nobody answers passwords are taken, unless the settings forbid it', async (t) => {
  const faults: [string, object][] = [
    ['an error', { status: 503, body: leaked }],
    ['a broken connection', { broken: true }],
  ]
  for (const [name, answer] of faults) {
    site.answers(answer)
    t.equal((await client('/signup', newcomer())).status, 200, name)
  }
  await users.settings({ password_hibp_fail_closed: true })
  t.teardown(() => users.settings({ password_hibp_fail_closed: false }))
  for (const [name, answer] of faults) {
    site.answers(answer)
    t.match(await client('/signup', newcomer()), unverified, name)
    t.match(
      await client('/signup', newcomer({ password: 'abc' })),
      unverified,
      `${name}, too short`,
    )
    const signIn = await client('/token?grant_type=password', {
      email: 'ann@example.com',
      password,
    })
    t.match(signIn, { status: 200, body: { weak_password: null } }, `${name}: sign-in`)
  }
  const long = newcomer({ password: 'x'.repeat(73) })
  t.match(await client('/signup', long), { status: 400, body: { error_code: 'validation_failed' } })
})

t.test('from psql nobody is asked, and off is off', async (t) => {
  site.answers({ body: leaked })
  site.asked()
  t.ok((await users.sql`select auth.signup('psql@example.com', ${password})`).length)
  await users.settings({ password_hibp_enabled: false })
  const off = openClient((await openGateway(t, users, { pwnedUrl: site.url })).url)
  t.equal((await off('/signup', newcomer())).status, 200)
  t.same(site.asked(), [])
})
