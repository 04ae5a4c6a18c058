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
import { runTap } from './tap.ts'
import { makeTemplate } from './template.ts'

const log = pino({ level: process.env.LOG_LEVEL ?? 'warn' })

// Ctrl-C reaches tap as well; we stay to clear up after it.
process.on('SIGINT', () => undefined)

const server = process.env.DATABASE_URL
  ? { url: process.env.DATABASE_URL, close: async () => undefined }
  : await startTemporaryPostgres(log)
try {
  const template = await makeTemplate(server.url, log)
  try {
    const { passed, failed, ok } = await runTap(process.argv.slice(2), {
      PGTRUE_TEST_TEMPLATE: template.url,
    })
    process.exitCode = ok ? 0 : 1
    process.once('exit', () => console.log(`${passed} passed, ${failed} failed`))
  } finally {
    await template.close()
  }
} finally {
  await server.close()
}
