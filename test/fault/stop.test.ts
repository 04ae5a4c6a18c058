// SIGTERM under load: every request that was sent is answered, and then the gateway is gone.

import { Agent, request as httpRequest } from 'node:http'
import t from 'tap'
import { openDatabase } from '../support/database.ts'
import { until } from '../support/until.ts'
import { startGatewayProgram } from './plant.ts'

const { gatewayUrl, sql } = await openDatabase(t)

t.test('a gateway that is told to stop answers what it was asked', async (t) => {
  const gateway = await startGatewayProgram(t, gatewayUrl)
  const agent = new Agent({ keepAlive: true, maxSockets: 20 })
  t.teardown(() => agent.destroy())
  const outcomes = { answered: 0, refused: 0, dropped: [] as string[] }

  async function lane() {
    for (;;) {
      const outcome = await ask(gateway.url, agent)
      if (outcome === 'answered') outcomes.answered++
      else if (outcome === 'ECONNREFUSED') return void outcomes.refused++
      else return void outcomes.dropped.push(outcome)
    }
  }
  const lanes = Promise.all(Array.from({ length: 20 }, lane))
  await until(() => outcomes.answered > 200)
  gateway.process.kill('SIGTERM')
  await lanes

  t.same(outcomes.dropped, [], 'none was cut off')
  t.equal(outcomes.refused, 20, 'everybody is told in the end that nobody listens')
  t.equal(await gateway.ended, 0)
})

t.test('a slow request is waited for', async (t) => {
  const gateway = await startGatewayProgram(t, gatewayUrl)
  const holder = await sql.reserve()
  await holder`begin`
  await holder`lock table auth.users in access exclusive mode`
  const answer = fetch(`${gateway.url}/recover`, {
    method: 'POST',
    body: JSON.stringify({ email: 'ann@example.com' }),
  })
  await until(async () => {
    const held = await sql`
      select from pg_locks
      where not granted and relation = 'auth.users'::regclass and database = (
        select oid from pg_database where datname = current_database()
      )
    `
    return held.length > 0
  })
  gateway.process.kill('SIGTERM')
  await until(async () => {
    const error = await fetch(`${gateway.url}/health`).then(
      () => undefined,
      (error: unknown) => error,
    )
    return error !== undefined
  })
  await holder`commit`
  holder.release()

  t.equal((await answer).status, 200)
  t.equal(await gateway.ended, 0)
})

/** One GET /settings: how it went. */
function ask(api: string, agent: Agent): Promise<string> {
  return new Promise((resolve) => {
    const request = httpRequest(`${api}/settings`, { agent }, (response) => {
      response.resume()
      response.on('end', () =>
        resolve(response.complete && response.statusCode === 200 ? 'answered' : 'cut short'),
      )
      response.on('error', (error) => resolve(error.message))
    })
    request.on('error', (error: Error & { code?: string }) => resolve(error.code ?? error.message))
    request.end()
  })
}
