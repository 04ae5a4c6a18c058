// The environment's settings: GoTrue's variables, mapped to columns by a rule and not by a list.
//
// Exports `applySettings`. GOTRUE_SITE_URL is the column site_url; API_EXTERNAL_URL, which has no
// prefix in GoTrue either, is api_external_url.

import type { Logger } from 'pino'
import type { Sql, TransactionSql } from 'postgres'

export type Environment = Record<string, string | undefined>

/** What GoTrue reads and this database does not have to know: who sends mail and SMS, and who listens. */
const elsewhere =
  /^GOTRUE_(SMTP_(HOST|PORT|USER|PASS|ADMIN_EMAIL|SENDER_NAME)|SMS_(TWILIO_(ACCOUNT_SID|AUTH_TOKEN|MESSAGE_SERVICE_SID|CONTENT_SID)|MESSAGEBIRD_(ACCESS_KEY|ORIGINATOR)|VONAGE_(API_KEY|API_SECRET|FROM)|TEXTLOCAL_(API_KEY|SENDER))|DB_.*|API_HOST|API_PORT|PORT|LOG_LEVEL)$/

/**
 * Brings the settings of the environment into the database, all or none.
 *
 * @throws one error that tells every bad value
 */
export async function applySettings(
  sql: Sql,
  environment: Environment,
  log: Logger,
): Promise<void> {
  const { settings, unknown } = await sorted(sql, environment)
  if (unknown.length > 0) {
    log.warn(`not supported yet, ignored: ${unknown.join(', ')}`)
  }
  const secret = environment.GOTRUE_JWT_SECRET
  const faults: string[] = []
  await sql.begin(async (sql) => {
    // One fault must not hide the next, so each step is a savepoint of its own.
    await told(faults, sql, (sql) => sql`select auth.configure(${sql.json(settings)})`)
    if (secret !== undefined) {
      await told(faults, sql, (sql) => sql`select auth_private.use_jwt_secret(${secret})`)
    }
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
}

async function sorted(sql: Sql, environment: Environment) {
  const columns = await sql<{ name: string }[]>`
    select attname as name
    from pg_catalog.pg_attribute
    where attrelid = 'auth_private.settings'::regclass and attnum > 0 and not attisdropped
      and attname <> 'singleton'
  `
  const known = new Set(columns.map((column) => column.name))
  const settings: Record<string, string> = {}
  const unknown: string[] = []
  const { API_EXTERNAL_URL: externalUrl, ...others } = environment
  if (externalUrl !== undefined) settings.api_external_url = externalUrl

  for (const [variable, value] of Object.entries(others)) {
    if (!variable.startsWith('GOTRUE_') || value === undefined) continue
    const name = variable.slice('GOTRUE_'.length).toLowerCase()
    if (known.has(name)) settings[name] = value
    else if (variable !== 'GOTRUE_JWT_SECRET' && !elsewhere.test(variable)) unknown.push(variable)
  }
  return { settings, unknown: unknown.sort() }
}

async function told(
  faults: string[],
  sql: TransactionSql,
  step: (sql: TransactionSql) => Promise<unknown>,
): Promise<void> {
  try {
    await sql.savepoint(step)
  } catch (error) {
    const { message, code } = error as Error & { code?: string }
    // 23514: the check on the length, the only one that a secret can fail.
    faults.push(code === '23514' ? 'GOTRUE_JWT_SECRET needs at least 32 bytes' : message)
  }
}
