// How the gateway and the worker log in: as roles of their own, by passwords that follow from
// the owner's, so that nothing is stored twice.
//
// Exports `derivePassword`, `loginUrl`, `logins` and `ensureLogin`.

import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto'
import postgres, { type Sql } from 'postgres'

/** The login roles, and the variables of the environment that speak of each. */
export const logins = {
  authenticator: { password: 'AUTHENTICATOR_PASSWORD', url: 'GATEWAY_DATABASE_URL' },
  auth_worker: { password: 'AUTH_WORKER_PASSWORD', url: 'WORKER_DATABASE_URL' },
} as const

export type LoginRole = keyof typeof logins

/**
 * The password of a login role: it follows from the password in the owner's URL.
 *
 * @returns undefined where the owner's URL has none, since anyone could follow from nothing
 */
export function derivePassword(databaseUrl: string, role: LoginRole): string | undefined {
  const key = decodeURIComponent(new URL(databaseUrl).password)
  if (key === '') return undefined
  return createHmac('sha256', key).update(`pgtrue ${role}`).digest('hex')
}

/** The same database, as seen by a login role. */
export function loginUrl(databaseUrl: string, role: LoginRole, password?: string): string {
  const url = new URL(databaseUrl)
  url.username = role
  url.password = encodeURIComponent(password ?? '')
  return url.href
}

/**
 * Sees to it that the role accepts the password. The password of a role that someone else made
 * is left alone.
 *
 * @param sql a connection of someone who may alter the role
 * @throws when the role is not ours and does not accept the password; naming the way out
 */
export async function ensureLogin(
  sql: Sql,
  databaseUrl: string,
  role: LoginRole,
  password: string,
): Promise<void> {
  const url = loginUrl(databaseUrl, role, password)
  if (!(await whyNoLogin(url))) return

  const [made] = await sql<{ byUs: boolean }[]>`
    select coalesce(pg_catalog.shobj_description(oid, 'pg_authid') like 'pgtrue: %', false) as "byUs"
    from pg_catalog.pg_roles
    where rolname = ${role}
  `
  if (!made?.byUs) {
    throw new Error(
      `The role ${role} was there before pgtrue, so its password is not changed, and it does not ` +
        `accept the one that pgtrue would use. Set ${logins[role].url} to a URL that logs in as it.`,
    )
  }
  const [{ statement } = { statement: '' }] = await sql<{ statement: string }[]>`
    select pg_catalog.format('alter role %I password %L', ${role}::text, ${verifier(password)}::text)
      as statement
  `
  await sql.unsafe(statement)
  const why = await whyNoLogin(url)
  if (!why) return
  throw new Error(
    `${role} cannot log in, even with a new password: ${why}. If it must come another way, ` +
      `set ${logins[role].url}.`,
  )
}

async function whyNoLogin(url: string): Promise<string | undefined> {
  const sql = postgres(url, { max: 1, connect_timeout: 10 })
  try {
    await sql`select`
    return undefined
  } catch (error) {
    return (error as Error).message
  } finally {
    await sql.end()
  }
}

/**
 * What Postgres stores of a password (RFC 5803, SCRAM-SHA-256). Computed here, so that no
 * statement and no server log ever holds the password.
 */
function verifier(password: string): string {
  // Beyond these characters clients disagree about normalisation (RFC 4013).
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new Error('A password of a login role may hold printable ASCII characters only.')
  }
  const iterations = 4096
  const salt = randomBytes(16)
  const salted = pbkdf2Sync(password, salt, iterations, 32, 'sha256')
  const keyed = (name: string) => createHmac('sha256', salted).update(name).digest()
  const stored = createHash('sha256').update(keyed('Client Key')).digest('base64')
  const server = keyed('Server Key').toString('base64')
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`
}
