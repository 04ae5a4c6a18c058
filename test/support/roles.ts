// Everybody who can speak SQL to the database and is not its owner, each by a connection of its own.
//
// Exports: openRoles, refused, Role.

import postgres, { type Sql } from 'postgres'
import type { Test } from 'tap'
import type { Database } from './database.ts'

export type Role = {
  name: string
  /** One connection. */
  sql: Sql
  /** What the server has told on it since this was last asked. */
  notices(): string[]
}

/**
 * anon, authenticated and service_role as whoever holds the gateway's login can be them, that login
 * and the worker's as they come, and a stranger: a login that nobody has granted anything, with a
 * schema of its own.
 */
export async function openRoles(t: Pick<Test, 'teardown'>, db: Database): Promise<Role[]> {
  const name = `stranger_${process.pid}`
  await db.sql.unsafe(`
    create role ${name} login password 'stranger';
    create schema lair authorization ${name};
  `)
  t.teardown(() => db.sql.unsafe(`drop owned by ${name} cascade; drop role ${name}`))
  const url = new URL(db.url)
  url.username = name
  url.password = 'stranger'

  const roles = [
    connect(t, 'stranger', url.href),
    connect(t, 'authenticator', db.gatewayUrl),
    connect(t, 'auth_worker', db.workerUrl),
  ]
  for (const role of ['anon', 'authenticated', 'service_role']) {
    const connected = connect(t, role, db.gatewayUrl)
    await connected.sql`set role ${connected.sql(role)}`
    roles.push(connected)
  }
  return roles
}

/** What a statement is refused with, as "42501 permission denied …"; "done" if it is not. */
export async function refused(query: PromiseLike<unknown>): Promise<string> {
  return query.then(
    () => 'done',
    (error: { code: string; message: string }) => `${error.code} ${error.message}`,
  )
}

function connect(t: Pick<Test, 'teardown'>, name: string, url: string): Role {
  const notices: string[] = []
  const sql = postgres(url, {
    max: 1,
    fetch_types: false,
    onnotice: ({ message }) => notices.push(message ?? ''),
  })
  t.teardown(() => sql.end({ timeout: 1 }))
  return { name, sql, notices: () => notices.splice(0) }
}
