// One mail used twice at once, or while another is asked for: one winner, and nobody waits in a
// circle.

import type { JSONValue } from 'postgres'
import t from 'tap'
import { openPlayer, type Player } from '../support/player.ts'
import { openDoor, openUsers, type Answer, type Session } from '../support/users.ts'

const { ask, connect, gatewayUrl, join, mailTo, rows, signUp, sql } = await openUsers(t, {
  smtp_max_frequency: '0',
})
const player = () => openPlayer(connect(gatewayUrl), sql)
const in_ = { status: 200, body: { access_token: String } }
const expired = { status: 403, body: { error_code: 'otp_expired' } }

/** By link and by code. */
async function waysIn(email: string, type: string): Promise<Record<string, JSONValue>[]> {
  const { Token, TokenHash } = await mailTo(email)
  return [
    { type, token_hash: TokenHash },
    { type, email, token: Token },
  ]
}

/**
 * A score: the first goes and holds what it locked, the second comes up behind, the first commits.
 *
 * @returns the answers of both
 */
async function play(
  first: (player: Player) => Promise<Answer>,
  second: (player: Player) => Promise<Answer>,
): Promise<[Answer, Answer]> {
  const [one, two] = [await player(), await player()]
  await one.begin()
  const answer = await first(one)
  const later = second(two)
  await two.isHeldUp()
  await one.commit()
  return [answer, await later]
}

t.test('of two who use one mail at once, one gets in', async (t) => {
  for (const [place, order] of [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ].entries()) {
    const email = `two${place}@example.com`
    await signUp(email)
    const ways = await waysIn(email, 'signup')
    const [first, second] = await play(
      ({ ask }) => ask('verify', ways[order[0]!]),
      ({ ask }) => ask('verify', ways[order[1]!]),
    )
    t.match([first, second], [in_, expired], `${order}`)
  }
})

t.test('the second gets in where the first came to nothing', async (t) => {
  await signUp('second@example.com')
  for (const args of await waysIn('second@example.com', 'signup')) {
    const [one, two] = [await player(), await player()]
    await one.begin()
    t.match(await one.ask('verify', args), in_)
    await two.begin()
    const later = two.ask('verify', args)
    await two.isHeldUp()
    await one.rollback()
    t.match(await later, in_)
    await two.rollback()
  }
})

t.test('of twenty at once, by link and by code, one gets in', async (t) => {
  await signUp('twenty@example.com')
  const ways = await waysIn('twenty@example.com', 'signup')
  const before = (await rows()).sessions!
  const doors = Array.from({ length: 20 }, () => openDoor(connect(gatewayUrl)))
  await Promise.all(doors.map((door) => door('health')))
  const answers = await Promise.all(doors.map((door, n) => door('verify', ways[n % 2])))
  const statuses = answers.map(({ status }) => status).sort()
  t.same(statuses, [200, ...Array(19).fill(403)])
  t.equal((await rows()).sessions, before + 1)
})

t.test('guesses sent side by side are all counted', async (t) => {
  const email = 'guess@example.com'
  await signUp(email)
  const { Token } = await mailTo(email)
  const doors = Array.from({ length: 20 }, () => openDoor(connect(gatewayUrl)))
  const wrong = Token === '000000' ? '000001' : '000000'
  const guess = { type: 'signup', email, token: wrong }
  await Promise.all(doors.map((door) => door('verify', guess)))
  const [code] = await sql`
    select attempts from auth_private.one_time_codes where relates_to = ${email}
  `
  t.equal(code?.attempts, 10, 'the cap')
  t.match(await ask('verify', { ...guess, token: Token }), expired)
})

t.test('verifying and asking for another mail go well in either order', async (t) => {
  const email = 'more@example.com'
  await join(email)
  for (const way of [0, 1]) {
    for (const order of ['verify first', 'mail first']) {
      await ask('recover', { email })
      const args = (await waysIn(email, 'recovery'))[way]
      const verify = ({ ask }: Player) => ask('verify', args)
      const recover = ({ ask }: Player) => ask('recover', { email })
      const answers =
        order === 'verify first' ? await play(verify, recover) : await play(recover, verify)
      const expected =
        order === 'verify first' ? [in_, { status: 200 }] : [{ status: 200 }, expired]
      t.match(answers, expected, `${order}, way ${way}`)
    }
  }
})

t.test('verifying and a new password go well in either order', async (t) => {
  const email = 'both@example.com'
  const session = await join(email)
  let n = 0
  for (const way of [0, 1]) {
    for (const order of ['verify first', 'password first']) {
      await ask('recover', { email })
      const args = (await waysIn(email, 'recovery'))[way]
      const verify = ({ ask }: Player) => ask('verify', args)
      const change = ({ ask }: Player) =>
        ask('update_user', { password: `password ${++n}` }, { as: session })
      const answers =
        order === 'verify first' ? await play(verify, change) : await play(change, verify)
      const expected =
        order === 'verify first' ? [in_, { status: 200 }] : [{ status: 200 }, expired]
      t.match(answers, expected, `${order}, way ${way}`)
      t.equal((await sql`select from auth.sessions where user_id = ${session.user.id}`).length, 1)
    }
  }
})

t.test('everything at once, over and over, ends in no deadlock', async (t) => {
  const email = 'all@example.com'
  const session: Session = await join(email)
  const doors = Array.from({ length: 12 }, () => openDoor(connect(gatewayUrl)))
  for (let round = 0; round < 10; round++) {
    await ask('recover', { email })
    const [link, code] = await waysIn(email, 'recovery')
    const answers = await Promise.all([
      doors[0]!('verify', link),
      doors[1]!('verify', code),
      doors[2]!('recover', { email }),
      doors[3]!('otp', { email }),
      doors[4]!('verify', link),
      doors[5]!('verify', { ...code, token: '000000' }),
      doors[6]!('update_user', { data: { round } }, { as: session }),
      doors[7]!('refresh', { refresh_token: session.refresh_token }),
      doors[8]!('verify', code),
      doors[9]!('magiclink', { email }),
      doors[10]!('get_user', {}, { as: session }),
      doors[11]!('signup', { email, password: 'correct horse battery' }),
    ])
    const signedIn = [0, 1, 4, 8].filter((place) => answers[place]?.status === 200)
    t.ok(signedIn.length <= 1, 'at most one gets in by one mail')
    t.same(
      [2, 3, 6, 7, 9, 10, 11].map((place) => answers[place]?.status),
      [200, 200, 200, 200, 200, 200, 200],
    )
  }
})
