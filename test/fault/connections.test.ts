// The way to Postgres breaks or swallows what is said: whoever asks is answered, with what is his,
// or is told to come again; and both programs can be told to stop.

import { pino } from 'pino'
import t from 'tap'
import { startGateway } from '../../gateway/server.ts'
import { openDatabase } from '../support/database.ts'
import { openInbox } from '../support/inbox.ts'
import { until } from '../support/until.ts'
import { startGatewayProgram, startWorkerProgram } from './plant.ts'
import { openProxy } from './proxy.ts'

const db = await openDatabase(t)
const proxy = await openProxy(t, db.url)
// Which is read when a gateway starts.
await db.settings({ api_max_request_duration: '2s', mailer_autoconfirm: true })
const log = pino({ level: 'silent' })
const gateway = await startGateway({ databaseUrl: proxy.url(db.gatewayUrl), port: 0, log })
t.teardown(() => gateway.close())

async function ask(api: string, path: string, token = '') {
  const response = await fetch(api + path, {
    headers: token ? { authorization: `Bearer ${token}` } : {},
  })
  const { email, code } = (await response.json()) as { email?: string; code?: string }
  return { status: response.status, retryAfter: response.headers.get('retry-after'), email, code }
}

t.test('over connections that break all the time everybody is answered with his own', async (t) => {
  const people = await Promise.all(
    Array.from({ length: 8 }, async (_, place) => {
      const email = `user${place}@example.com`
      const [row] = await db.sql<{ token: string }[]>`
        select auth.signup(${email}, 'correct horse battery') ->> 'access_token' as token
      `
      return { email, token: row?.token ?? '' }
    }),
  )
  const answers = { served: 0, refused: 0, wrong: [] as object[] }
  async function lane(email: string, token: string) {
    while (proxy.cuts() < 80) {
      const answer = await ask(gateway.url, '/user', token)
      if (answer.status === 200 && answer.email === email) answers.served++
      else if (answer.status === 503 && answer.retryAfter === '1') answers.refused++
      else answers.wrong.push({ ...answer, asked: email })
    }
  }
  proxy.cutEvery(7)
  await Promise.all(people.map(({ email, token }) => lane(email, token)))
  proxy.cutEvery(0)
  t.same(answers.wrong, [])
  t.ok(answers.served > 0 && answers.refused > 0)
  t.match(await ask(gateway.url, '/user', people[0]?.token), {
    status: 200,
    email: people[0]?.email,
  })
})

t.test('a Postgres that no longer answers is given up, and found again', async (t) => {
  proxy.hang()
  const [auth, rest] = await Promise.all([
    ask(gateway.url, '/health'),
    ask(gateway.url, '/rest/v1/nothing'),
  ])
  t.match(auth, { status: 503, retryAfter: '1', code: 503 })
  t.match(rest, { status: 503, retryAfter: '1', code: 'PGRST000' })
  proxy.mend()
  t.match(await ask(gateway.url, '/health'), { status: 200 })
})

t.test('both programs end though Postgres does not answer', async (t) => {
  const inbox = await openInbox(t)
  const ways = { gateway: await openProxy(t, db.url), worker: await openProxy(t, db.url) }
  const program = await startGatewayProgram(t, ways.gateway.url(db.gatewayUrl))
  const worker = await startWorkerProgram(t, ways.worker.url(db.workerUrl), inbox)
  ways.gateway.hang()
  ways.worker.hang()
  const answer = ask(program.url, '/health')
  await until(() => ways.gateway.swallowed() > 0)
  program.process.kill('SIGTERM')
  worker.process.kill('SIGTERM')
  t.match(await answer, { status: 503 })
  t.same(await Promise.all([program.ended, worker.ended]), [0, 0])
})
