// `npm run enumeration`, on a server and a template of its own: see enumeration.ts.

import { pino } from 'pino'
import { startTemporaryPostgres } from '../../start/postgres_temporary.ts'
import { makeTemplate } from '../support/template.ts'

const log = pino({ level: 'silent' })
const server = await startTemporaryPostgres(log)
try {
  const template = await makeTemplate(server.url, log)
  process.env.PGTRUE_TEST_TEMPLATE = template.url
  await import('./enumeration.ts')
  await template.close()
} finally {
  await server.close()
}
