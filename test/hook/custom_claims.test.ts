// The application decides what an access token says.

import t from 'tap'
import { openHooks } from '../support/hooks.ts'
import { claimsOf, openUsers, password, refusal, type Session } from '../support/users.ts'

const users = await openUsers(t, { external_anonymous_users_enabled: true })
const { ask, join, mailTo, rows, settings, signIn, sql, timePasses } = users
const hooks = await openHooks(users)
const name = 'custom_access_token'
const email = 'ann@example.com'
const { user } = await join(email, { data: { name: 'Ann' } })
const refresh = (session: Session) => ask('refresh', { refresh_token: session.refresh_token })

t.test('the claims that it returns are the token’s, and no others', async (t) => {
  await hooks.on(
    name,
    `return jsonb_build_object('claims', (event -> 'claims') - 'user_metadata' - 'app_metadata'
       || '{"level": 7, "exp": 4102444800, "aud": ["a", "b"]}');`,
  )
  const session = await signIn(email)
  const [event] = await hooks.heard(name)
  const { user_metadata, app_metadata, ...others } = event?.claims ?? {}
  t.same(claimsOf(session), { ...others, level: 7, exp: 4102444800, aud: ['a', 'b'] })
  t.match({ user_metadata, app_metadata }, { user_metadata: { name: 'Ann' }, app_metadata: {} })
  t.same(
    [session.expires_in, session.expires_at],
    [3600, event?.claims.exp],
    'how long it lives is told by our own claims',
  )
  t.match(event, {
    metadata: { name: 'customize-access-token' },
    user_id: user.id,
    authentication_method: 'password',
    claims: { sub: user.id, aud: 'authenticated', role: 'authenticated', session_id: String },
  })
})

t.test('is asked for every token, and told how it was come by', async (t) => {
  await hooks.on(name, `return event;`)
  const methods = async () =>
    (await hooks.heard(name)).map((event) => event.authentication_method as string)

  const session = await signIn(email)
  t.match(await refresh(session), { status: 200 })
  t.same(await methods(), ['password', 'token_refresh'])

  await ask('signup')
  t.same(await methods(), ['anonymous'])

  await timePasses('61 seconds')
  await ask('recover', { email })
  await ask('verify', { type: 'recovery', token_hash: (await mailTo(email)).TokenHash })
  t.same(await methods(), ['otp'])

  await settings({ mailer_autoconfirm: true })
  await ask('signup', { email: 'auto@example.com', password })
  t.same(await methods(), ['password'])
  await settings({ mailer_autoconfirm: false })
})

t.test('no token without it: a refusal or a bad answer opens no session', async (t) => {
  const schema = 'output claims do not conform to the expected schema: \n'
  const faulty = `jsonb_build_object('claims', (event -> 'claims') - 'sub' || '{"exp": "x"}')`
  const uri = 'pg-functions://postgres/app/custom_access_token'
  const before = await rows()
  for (const [body, status, code, message] of [
    [`'{"error": {"http_code": 403, "message": "not here"}}'`, 403, 'unknown', 'not here'],
    [`'{}'`, 500, 'unexpected_failure', 'output claims field is missing'],
    [`'{"claims": 1}'`, 500, 'unexpected_failure', 'Error unmarshaling JSON output.'],
    [
      faulty,
      500,
      'unexpected_failure',
      `${schema}- (root): sub is required\n- exp: Invalid type. Expected: integer, given: string\n`,
    ],
    ...[`'{"claims": null}'`, 'null'].map(
      (nothing) =>
        [
          nothing,
          500,
          'unexpected_failure',
          `${schema}- (root): Invalid type. Expected: object, given: null\n`,
        ] as const,
    ),
    ['(1 / 0)::text', 500, 'unexpected_failure', `Error running hook URI: ${uri}`],
  ] as const) {
    await hooks.on(name, `return ${body};`)
    t.same(await ask('signin', { email, password }), refusal(status, code, message), body)
    t.same(await ask('signup'), refusal(status, code, message), 'anonymous, too')
  }
  t.same(await rows(), before)
})

t.test('a refresh that it refuses spends nothing', async (t) => {
  await hooks.off(name)
  const session = await signIn(email)
  await hooks.on(name, `return '{"error": {"http_code": 403, "message": "not now"}}';`)
  t.same(await refresh(session), refusal(403, 'unknown', 'not now'))
  await hooks.off(name)
  t.match((await refresh(session)).headers, { 'sb-auth-refresh-token-counter': '1' })
})

t.test('a followed link tells the application that it refused', async (t) => {
  await timePasses('61 seconds')
  await ask('recover', { email })
  const { TokenHash } = await mailTo(email)
  await hooks.on(name, `return '{"error": {"http_code": 403, "message": "not now"}}';`)
  const answer = await ask('confirm_link', { type: 'recovery', token: TokenHash })
  t.equal(answer.status, 303)
  const said = new URLSearchParams(new URL(answer.headers.Location ?? '').hash.slice(1))
  t.match(Object.fromEntries(said), { error_code: 'unknown', error_description: 'not now' })

  await hooks.off(name)
  t.match(await ask('verify', { type: 'recovery', token_hash: TokenHash }), { status: 200 })
  await sql`delete from app.heard`
})
