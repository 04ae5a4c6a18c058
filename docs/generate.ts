// Everything that is generated from a migrated database.
//
// Exports: generate.

import type { Sql } from 'postgres'
import { differencesPage } from './differences.ts'
import { endpointsPage } from './endpoints.ts'
import { errorsPage } from './errors.ts'
import { functionsPage } from './functions.ts'
import { settingsPage } from './settings.ts'
import { surface } from './surface.ts'

/** The generated files, by their paths in the repository. The database is only read. */
export async function generate(sql: Sql): Promise<Record<string, string>> {
  return sql.begin('isolation level repeatable read read only', async (transaction) => {
    // By this path all names outside of pg_catalog are shown with their schema.
    await transaction`set local search_path = pg_catalog`
    return {
      'docs/functions.md': await functionsPage(transaction),
      'docs/settings.md': await settingsPage(transaction),
      'docs/errors.md': await errorsPage(transaction),
      'docs/endpoints.md': endpointsPage(),
      'docs/differences.md': differencesPage(),
      'test/schema/surface.txt': await surface(transaction),
    }
  })
}
