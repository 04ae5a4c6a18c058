// `npm test`: a database server, a migrated template on it, all tests in parallel, one verdict.
//
//   npm test                                   everything
//   npm test -- test/session/signin.test.ts    these files
//   DATABASE_URL=postgres://… npm test         on a server of your own; the role may create
//                                              roles and databases
//
// The last line is the verdict, `N passed, N failed`, counted in assertions.

import { pino } from 'pino'
import { startTemporaryPostgres } from '../../start/postgres_temporary.ts'
import { runTap, type Verdict } from './tap.ts'
import { makeTemplate } from './template.ts'

const log = pino({ level: process.env.LOG_LEVEL ?? 'warn' })
let verdict: Verdict = { passed: 0, failed: 0, ok: false }

// Ctrl-C reaches tap as well; we stay to clear up after it.
process.on('SIGINT', () => undefined)

try {
  verdict = await run()
} catch (error) {
  console.error(error)
}
process.exitCode = verdict.ok ? 0 : 1
process.once('exit', () => console.log(`${verdict.passed} passed, ${verdict.failed} failed`))

async function run(): Promise<Verdict> {
  const server = process.env.DATABASE_URL
    ? { url: process.env.DATABASE_URL, close: async () => undefined }
    : await startTemporaryPostgres(log)
  try {
    const template = await makeTemplate(server.url, log)
    try {
      return await runTap(process.argv.slice(2), { PGTRUE_TEST_TEMPLATE: template.url })
    } finally {
      await template.close()
    }
  } finally {
    await server.close()
  }
}
