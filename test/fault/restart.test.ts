// Postgres goes away under load, gently and not: gateway and worker come back by themselves, and
// nothing that was committed is lost. While it is away, they can be told to stop.

import t from 'tap'
import { openInbox } from '../support/inbox.ts'
import { until } from '../support/until.ts'
import { openOwnServer, startGatewayProgram, startWorkerProgram } from './plant.ts'

const server = await openOwnServer(t)
const { sql } = server
await sql`select auth.configure('{"rate_limit_email_sent": null}')`
const inbox = await openInbox(t)
const gateway = await startGatewayProgram(t, server.gatewayUrl)
const worker = await startWorkerProgram(t, server.workerUrl, inbox)
const api = gateway.url

/** Signs people up, four at a time, until stopped: what each was answered. */
function openLoad(name: string) {
  const answers = new Map<string, number>()
  let stopped = false
  let count = 0
  const lane = async () => {
    while (!stopped) {
      const email = `${name}${++count}@example.com`
      const body = JSON.stringify({ email, password: 'correct horse battery' })
      const response = await fetch(`${api}/signup`, { method: 'POST', body })
      await response.text()
      answers.set(email, response.status)
    }
  }
  const lanes = Promise.all([lane(), lane(), lane(), lane()])
  return {
    answers,
    served: () => [...answers.values()].filter((status) => status === 200).length,
    async stop() {
      stopped = true
      await lanes
    },
  }
}

for (const how of ['fast', 'immediate'] as const) {
  t.test(`a restart, ${how}, under load`, async (t) => {
    const load = openLoad(how)
    await until(() => load.served() >= 20, 120)
    await server.restart(how)
    const before = load.served()
    await until(() => load.served() >= before + 20, 120)
    await load.stop()

    const statuses = new Set(load.answers.values())
    statuses.delete(200)
    statuses.delete(503)
    t.same([...statuses], [], 'who is not served is told to try again')

    const signedUp = await sql<{ email: string }[]>`
      select email from auth.users where starts_with(email, ${how})
    `
    const committed = new Set(signedUp.map(({ email }) => email))
    const lost = [...load.answers].filter(
      ([email, status]) => status === 200 && !committed.has(email),
    )
    t.same(lost, [], 'who was told so is signed up')

    // A sign-up whose answer was lost is committed too, and its mail is owed as well.
    await until(async () => {
      const [row] = await sql`select count(*)::integer as left from auth_private.outbox`
      return row?.left === 0
    }, 120)
    const counts = [...committed].map((email) => inbox.waiting(email).length)
    t.ok(Math.min(...counts) >= 1, 'every mail has arrived')
    // What was being sent when Postgres went may be sent twice, and nothing more often.
    t.ok(Math.max(...counts) <= 2, 'none more than twice')
    t.ok(counts.filter((count) => count === 2).length <= 10, 'no more than were in flight')
    t.equal(inbox.waiting().filter(({ to }) => !committed.has(to) && to.startsWith(how)).length, 0)
  })

  t.test(`after it, ${how}, both listen again`, async (t) => {
    await sql`select auth.configure(${sql.json({ cors_allowed_headers: `x-after-${how}` })})`
    await until(async () => {
      const response = await fetch(`${api}/health`, {
        method: 'OPTIONS',
        headers: {
          origin: 'https://app.example.com',
          'access-control-request-method': 'GET',
          'access-control-request-headers': `x-after-${how}`,
        },
      })
      return response.headers.has('access-control-allow-headers')
    })
    t.same([gateway.process.exitCode, worker.process.exitCode], [null, null])

    await until(async () => {
      const listeners = await sql`
        select from pg_stat_activity where query ilike 'listen%' and usename = 'auth_worker'
      `
      return listeners.length === 1
    })
  })
}

t.test('told to stop while Postgres is away, both end', async (t) => {
  await server.stop()
  const response = await fetch(`${api}/health`)
  t.equal(response.status, 503)
  t.equal(response.headers.get('retry-after'), '1')
  // Both have found out, and try to connect again.
  await until(() =>
    [gateway, worker].every(({ logged }) =>
      logged.slice(logged.findLastIndex(isListening)).some((line) => line.includes('no longer')),
    ),
  )
  for (const { process, ended } of [gateway, worker]) {
    process.kill('SIGTERM')
    t.equal(await ended, 0)
  }
})

function isListening(line: string): boolean {
  return line.includes('listening for')
}
