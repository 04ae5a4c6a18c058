// A database of its own for a test file: a copy of the migrated template.
//
// Exports `openDatabase`.

import type { Test } from 'tap'
import postgres, { type JSONValue, type Sql } from 'postgres'
import { derivePassword, loginUrl } from '../../start/login.ts'

export type Database = {
  /** As the owner, who may do anything here. */
  url: string
  /** As the gateway's login. */
  gatewayUrl: string
  /** As the worker's login. */
  workerUrl: string
  /** Connections of the owner. */
  sql: Sql
  /** One more connection of its own, as for a race: the owner's, or that of the URL. */
  connect(url?: string): Sql
  /** Changes settings, as `auth.configure` does. */
  settings(changes: Record<string, JSONValue>): Promise<void>
}

let opened = 0

/** Opens a new database; it is dropped when the test `t` ends. */
export async function openDatabase(t: Pick<Test, 'teardown'>): Promise<Database> {
  const template = process.env.PGTRUE_TEST_TEMPLATE
  if (!template) {
    throw new Error('There is no database to test with. Run: npm test -- path/to/the.test.ts')
  }
  const url = new URL(template)
  const templateName = url.pathname.slice(1)
  const name = `${templateName}_${process.pid}_${++opened}`
  url.pathname = `/${name}`

  await asServer(template, (server) => {
    return server`create database ${server(name)} template ${server(templateName)}`
  })
  t.teardown(() =>
    asServer(template, (server) => server`drop database ${server(name)} with (force)`),
  )

  const quiet = { onnotice: () => undefined }
  const sql = postgres(url.href, { ...quiet, max: 4 })
  t.teardown(() => sql.end())

  return {
    url: url.href,
    gatewayUrl: loginUrl(url.href, 'authenticator', derivePassword(url.href, 'authenticator')),
    workerUrl: loginUrl(url.href, 'auth_worker', derivePassword(url.href, 'auth_worker')),
    sql,
    connect(as = url.href) {
      const connection = postgres(as, { ...quiet, max: 1 })
      t.teardown(() => connection.end({ timeout: 1 }))
      return connection
    },
    async settings(changes) {
      await sql`select auth.configure(${sql.json(changes)})`
    },
  }
}

/** Statements about databases, from a database that is neither template nor copy. */
async function asServer(template: string, work: (server: Sql) => Promise<unknown>): Promise<void> {
  const url = new URL(template)
  url.pathname = '/postgres'
  const server = postgres(url.href, { max: 1 })
  try {
    await work(server)
  } finally {
    await server.end()
  }
}
