// `npm test`: a database server, a migrated template on it, all tests in parallel, one verdict.
//
//   npm test                                   everything
//   npm test -- test/session/signin.test.ts    these files
//   DATABASE_URL=postgres://… npm test         on a server of your own; the role may create
//                                              roles and databases
//
// What failed is told once more at the end, since a log is often cut to its end. The last line is
// the verdict, `N passed, N failed`, counted in assertions.

import { pino } from 'pino'
import { startTemporaryPostgres } from '../../start/postgres_temporary.ts'
import { waiting } from '../security/waiting.ts'
import { runTap, type Verdict } from './tap.ts'
import { makeTemplate } from './template.ts'

const log = pino({ level: process.env.LOG_LEVEL ?? 'warn' })
let verdict: Verdict = { passed: 0, failed: 0, failures: [], ok: false }

// Whoever stops us has us stop tap and then clear up.
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopping.abort())

try {
  verdict = await run()
} catch (error) {
  console.error(error)
}
process.exitCode = verdict.ok ? 0 : 1
process.once('exit', () => {
  // Only of a whole run can it be said what is missing.
  const missing = process.argv.length > 2 ? [] : Object.entries(waiting)
  for (const [number, reason] of missing) console.log(`waiting: ${number} for ${reason}`)
  for (const failure of verdict.failures) console.log(failure)
  console.log(`${verdict.passed} passed, ${verdict.failed} failed`)
})

async function run(): Promise<Verdict> {
  const server = process.env.DATABASE_URL
    ? { url: process.env.DATABASE_URL, close: async () => undefined }
    : await startTemporaryPostgres(log)
  try {
    const template = await makeTemplate(server.url, log)
    try {
      stopping.signal.throwIfAborted()
      const environment = { PGTRUE_TEST_TEMPLATE: template.url }
      return await runTap(process.argv.slice(2), environment, stopping.signal)
    } finally {
      await template.close()
    }
  } finally {
    await server.close()
  }
}
