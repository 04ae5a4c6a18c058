// `npm test`: a database server, a migrated template on it, all tests in parallel, one verdict.
//
//   npm test                                   everything
//   npm test -- test/session/signin.test.ts    these files, or all of a folder
//   DATABASE_URL=postgres://… npm test         on a server of your own; the role may create
//                                              roles and databases
//
// Of a whole run, a few files that failed are run once more, one at a time, since tests that run
// side by side on a small machine can starve each other; a file that passes only then is told,
// with what failed.
//
// What failed is told once more at the end, since a log is often cut to its end. The last line is
// the verdict, `N passed, N failed`, counted in assertions; a file that fails without one counts
// as one.

import { pino } from 'pino'
import { startTemporaryPostgres } from '../../start/postgres_temporary.ts'
import { waiting } from '../security/waiting.ts'
import { type Outcome, runTap, testFiles } from './tap.ts'
import { makeTemplate } from './template.ts'

const log = pino({ level: process.env.LOG_LEVEL ?? 'warn' })
/** More than these failed by themselves. */
const few = 3
const asked = process.argv.slice(2)
const told: string[] = []
let outcomes: Outcome[] = []

// Whoever stops us has us stop tap and then clear up.
const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => stopping.abort())

try {
  outcomes = await run()
} catch (error) {
  console.error(error)
}
const passed = outcomes.reduce((sum, one) => sum + one.passed, 0)
const failed = outcomes.reduce((sum, one) => sum + (one.failed || (one.ok ? 0 : 1)), 0)
process.exitCode = passed > 0 && outcomes.every(({ ok }) => ok) ? 0 : 1
process.once('exit', () => {
  for (const line of [...told, ...outcomes.flatMap(({ failures }) => failures)]) console.log(line)
  // Only of a whole run can it be said what is missing.
  const missing = asked.length > 0 ? [] : Object.entries(waiting)
  for (const [number, reason] of missing) console.log(`waiting: ${number} for ${reason}`)
  console.log(`${passed} passed, ${failed} failed`)
})

async function run(): Promise<Outcome[]> {
  const server = process.env.DATABASE_URL
    ? { url: process.env.DATABASE_URL, close: async () => undefined }
    : await startTemporaryPostgres(log)
  try {
    const template = await makeTemplate(server.url, log)
    try {
      return await runFiles({ PGTRUE_TEST_TEMPLATE: template.url })
    } finally {
      await template.close()
    }
  } finally {
    await server.close()
  }
}

async function runFiles(environment: Record<string, string>): Promise<Outcome[]> {
  stopping.signal.throwIfAborted()
  const options = asked.filter((one) => one.startsWith('-'))
  const files = testFiles(asked.filter((one) => !one.startsWith('-')))
  const first = await runTap(files, options, environment, stopping.signal)
  const bad = files.filter((file) => !first.get(file)?.ok)
  const again = asked.length === 0 && bad.length > 0 && bad.length <= few
  if (!again || stopping.signal.aborted) return [...first.values()]

  console.log(`# once more, one at a time: ${bad.join(' ')}`)
  const second = await runTap(bad, [...options, '--jobs=1'], environment, stopping.signal)
  for (const file of bad.filter((one) => second.get(one)?.ok)) {
    told.push(`passed only when run again: ${file}`, ...(first.get(file)?.failures ?? []))
  }
  return [...new Map([...first, ...second]).values()]
}
