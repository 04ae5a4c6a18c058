// Refreshes of one session side by side. All of them are honest until one proves otherwise.

import t from 'tap'
import { openPlayer } from '../support/player.ts'
import { claimsOf, openDoor, openUsers, password, type Session } from '../support/users.ts'

const { ask, connect, gatewayUrl, join, signIn, sql } = await openUsers(t)
const email = 'ann@example.com'
await join(email)
const player = () => openPlayer(connect(gatewayUrl), sql)
const again = { 'sb-auth-refresh-token-reuse-cause': /fail-to-save/ }

async function counterOf(session: Session): Promise<string | undefined> {
  const [row] = await sql`
    select refresh_token_counter as counter from auth.sessions
    where id = ${claimsOf(session).session_id}
  `
  return row?.counter
}

t.test('fifty refreshes of one token make one generation, and nobody is refused', async (t) => {
  const session = await signIn(email)
  const doors = Array.from({ length: 50 }, () => openDoor(connect(gatewayUrl)))
  await Promise.all(doors.map((door) => door('health')))

  const { refresh_token } = session
  const answers = await Promise.all(doors.map((door) => door('refresh', { refresh_token })))
  t.same(new Set(answers.map(({ status }) => status)), new Set([200]))
  t.equal(new Set(answers.map(({ body }) => body.refresh_token)).size, 1)
  t.equal(await counterOf(session), '1')
  const rotated = answers.filter(
    ({ headers }) => headers['sb-auth-refresh-token-reuse'] === 'false',
  )
  t.equal(rotated.length, 1)
  t.match(await ask('refresh', { refresh_token: answers[0]?.body.refresh_token }), { status: 200 })
})

t.test('who comes second waits, and gets the token of who came first', async (t) => {
  const session = await signIn(email)
  const [first, second] = [await player(), await player()]
  const { refresh_token } = session

  await first.begin()
  const renewed = await first.ask('refresh', { refresh_token })
  const repeated = second.ask('refresh', { refresh_token })
  await second.isHeldUp()
  await first.commit()

  t.match(await repeated, { status: 200, headers: again })
  t.equal((await repeated).body.refresh_token, renewed.body.refresh_token)
})

t.test('who comes second is first, where the first came to nothing', async (t) => {
  const session = await signIn(email)
  const [first, second] = [await player(), await player()]
  const { refresh_token } = session

  await first.begin()
  await first.ask('refresh', { refresh_token })
  const renewed = second.ask('refresh', { refresh_token })
  await second.isHeldUp()
  await first.rollback()

  t.match(await renewed, { status: 200, headers: { 'sb-auth-refresh-token-reuse': 'false' } })
  t.equal(await counterOf(session), '1')
})

t.test('a copied token ends the session, also for a refresh under way', async (t) => {
  const session = await signIn(email)
  const [thief, owner] = [await player(), await player()]
  const second = (await ask('refresh', { refresh_token: session.refresh_token })).body
  const third = (await ask('refresh', { refresh_token: second.refresh_token })).body

  await thief.begin()
  t.match(await thief.ask('refresh', { refresh_token: session.refresh_token }), { status: 400 })
  const renewed = owner.ask('refresh', { refresh_token: third.refresh_token })
  await owner.isHeldUp()
  await thief.commit()
  t.match(await renewed, { status: 400, body: { error_code: 'refresh_token_not_found' } })
})

t.test('a copied token that had to wait is no less copied', async (t) => {
  const session = await signIn(email)
  const [owner, thief] = [await player(), await player()]
  const second = (await ask('refresh', { refresh_token: session.refresh_token })).body

  await owner.begin()
  await owner.ask('refresh', { refresh_token: second.refresh_token })
  const stolen = thief.ask('refresh', { refresh_token: session.refresh_token })
  await thief.isHeldUp()
  await owner.commit()
  t.match(await stolen, { status: 400, body: { error_code: 'refresh_token_already_used' } })
  t.equal(await counterOf(session), undefined, 'the session is ended')
})

t.test('signing out beats a refresh, whichever begins', async (t) => {
  for (const order of ['sign-out first', 'refresh first']) {
    const session = await signIn(email)
    const [leaving, refreshing] = [await player(), await player()]
    const { refresh_token } = session
    const [first, second] =
      order === 'sign-out first' ? [leaving, refreshing] : [refreshing, leaving]
    const signOut = () => leaving.ask('signout', { scope: 'local' }, { as: session })
    const refresh = () => refreshing.ask('refresh', { refresh_token })

    await first.begin()
    await (first === leaving ? signOut() : refresh())
    const later = second === leaving ? signOut() : refresh()
    await second.isHeldUp()
    await first.commit()
    t.match(await later, { status: second === leaving ? 204 : 400 }, order)
    t.equal(await counterOf(session), undefined, order)
  }
})

t.test('a new password beats a sign-in with the old one, whichever begins', async (t) => {
  for (const [order, now, next] of [
    ['change first', password, 'another password'],
    ['sign-in first', 'another password', password],
  ] as const) {
    const session = await signIn(email, now)
    const [changing, entering] = [await player(), await player()]
    const change = () => changing.ask('update_user', { password: next }, { as: session })
    const enter = () => entering.ask('signin', { email, password: now })

    const [first, second] = order === 'change first' ? [changing, entering] : [entering, changing]
    await first.begin()
    await (first === changing ? change() : enter())
    const later = second === changing ? change() : enter()
    await second.isHeldUp()
    await first.commit()

    const wrong = { status: 400, body: { error_code: 'invalid_credentials' } }
    t.match(await later, second === changing ? { status: 200 } : wrong, order)
    const left = await sql`select id from auth.sessions`
    t.same(left, [{ id: claimsOf(session).session_id }], `${order}: only who changed it stays`)
  }
})

t.test('a user who is deleted meanwhile does not get in', async (t) => {
  const [deleting, entering] = [await openPlayer(connect(), sql), await player()]
  await deleting.begin()
  await deleting.sql`delete from auth.users where email = ${email}`
  const entered = entering.ask('signin', { email, password })
  await entering.isHeldUp()
  await deleting.commit()
  t.match(await entered, { status: 400, body: { error_code: 'invalid_credentials' } })
})
