// The conformance table: every rule of GoTrue's core API, as cases against the real thing. The last
// line counts what the table covers; a rule or error code that it leaves out without saying why is
// a failure.

import PQueue from 'p-queue'
import t from 'tap'
import { keysOf, makeJwk } from '../support/jwk.ts'
import { openStack } from '../support/stack.ts'
import { groups } from './cases/index.ts'
import { codes } from './codes.ts'
import { countCoverage } from './coverage.ts'
import { differences } from './differences.ts'
import { missing } from './missing.ts'
import { openSites } from './sites.ts'
import { rules } from './rules.ts'
import { createRunner } from './run.ts'

t.setTimeout(300_000)
const stack = await openStack(
  t,
  { api_max_request_duration: '10s', security_trusted_proxies: '127.0.0.0/8' },
  await openSites(t),
  // Signed in SQL, so that a case can sign what it likes; the other is there to be known.
  keysOf(makeJwk('HS256', 'in use'), makeJwk('ES256', 'standby')),
)
const run = await createRunner(stack)
const [before] =
  await stack.sql`select to_jsonb(s) - 'singleton' as all from auth_private.settings s`
const only = process.env.CONFORMANCE

for (const { settings = {}, heard, cases } of groups) {
  const chosen = cases.filter(({ name, rules }) => !only || `${name} ${rules}`.includes(only))
  if (chosen.length === 0) continue
  await t.test(`with ${JSON.stringify(settings)}`, async (t) => {
    await stack.configure(settings)
    if (heard) await stack.until(() => run.holds(heard))
    const queue = new PQueue({ concurrency: 6 })
    const results = chosen.map((row) => ({ row, checks: queue.add(() => run.case(row)) }))
    for (const { row, checks } of results) {
      await t.test(row.name, async (t) => {
        for (const { title, found, wanted } of await checks) t.strictSame(found, wanted, title)
      })
    }
    const back = Object.keys(settings).map((name) => [name, before?.all[name]])
    await stack.configure(Object.fromEntries(back))
  })
}

await t.test('every rule and error code has a case, or a reason why it has none', async (t) => {
  const counted = countCoverage(groups, rules, codes, missing, differences)
  t.same(counted.faults, [])
  console.log(`# ${counted.verdict}`)
})
