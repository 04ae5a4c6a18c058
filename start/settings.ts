// The environment's settings: GoTrue's variables, mapped to columns by a rule and not by a list.
//
// Exports `applySettings`. GOTRUE_SITE_URL is the column site_url; API_EXTERNAL_URL, which has no
// prefix in GoTrue either, is api_external_url.

import type { Logger } from 'pino'
import type { Sql, TransactionSql } from 'postgres'
import type { Environment } from './environment.ts'
import { jwtKeys } from './jwt_keys.ts'
import { closest, expand, ignored, programs } from './variables.ts'

const prefix = 'GOTRUE_'

/** Where an empty text means nothing, it is GoTrue's way to leave a variable at its default. */
const emptyIsUnset = /^(mailer_urlpaths_.*|jwt_admin_roles|jwt_admin_group_name|sms_template)$/

/**
 * Brings the settings of the environment into the database, all or none. Logs a warning for each
 * reason why a variable of GoTrue changes nothing.
 *
 * @throws one error that tells every unknown variable and every bad value
 */
export async function applySettings(
  sql: Sql,
  environment: Environment,
  log: Logger,
): Promise<void> {
  const { settings, sites, unknown, useless } = await sorted(sql, environment)
  for (const [reason, variables] of useless) {
    log.warn(`${variables.join(', ')}: not honoured. ${reason}`)
  }
  const faults = [...unknown]
  const ofKeys: string[] = []
  await sql.begin(async (sql) => {
    // Before the settings, which say what algorithms a key may have.
    await applyKeys(sql, environment, ofKeys)
    // One fault must not hide the next, so each step is a savepoint of its own.
    await told(faults, sql, (sql) => sql`select auth.configure(${sql.json(settings)})`)
    for (const [site, changes] of sites) {
      const configured = sql.json(changes)
      await told(faults, sql, (sql) => sql`select auth.configure_provider(${site}, ${configured})`)
    }
    faults.push(...ofKeys)
    if (faults.length > 0) throw new Error(faults.join('\n'))
  })
}

/** Brings the secret and the keys into the database, of asymmetric ones the public part. */
async function applyKeys(sql: TransactionSql, environment: Environment, faults: string[]) {
  const { GOTRUE_JWT_SECRET: secret, GOTRUE_JWT_KEY_ID: kid = '' } = environment
  const { GOTRUE_JWT_KEYS: listed = '' } = environment
  if (secret !== undefined || kid !== '') {
    const signs = secret !== undefined && listed === ''
    const given = (sql: TransactionSql) =>
      secret === undefined ? sql`auth_private.jwt_secret()` : sql`${secret}`
    await told(
      faults,
      sql,
      (sql) => sql`select auth_private.use_jwt_secret(${given(sql)}, ${kid}, ${signs})`,
    )
  }
  await told(faults, sql, async (sql) => {
    const keys = jwtKeys(environment)?.map(({ kid, alg, jwk, signs }) => ({ kid, alg, jwk, signs }))
    if (keys) await sql`select auth_private.use_jwt_keys(${sql.json(keys as never)})`
  })
}

/** What each variable is: a setting, nobody's, or one with a reason to be left alone. */
async function sorted(sql: Sql, environment: Environment) {
  const columns = await sql<{ name: string }[]>`
    select attname as name
    from pg_catalog.pg_attribute
    where attrelid = 'auth_private.settings'::regclass and attnum > 0 and not attisdropped
      and attname <> 'singleton'
  `
  const names = new Set(columns.map((column) => column.name))
  const siteOf = await siteVariables(sql)
  const sites = new Map<string, Record<string, string>>()
  const read = new Set(Object.keys(programs).flatMap(expand))
  const reasons = new Map(
    ignored.flatMap(({ variables, reason }) =>
      variables.flatMap(expand).map((variable) => [variable, reason] as const),
    ),
  )
  const settings: Record<string, string> = {}
  const unknown: string[] = []
  const useless = new Map<string, string[]>()

  for (const [variable, value] of Object.entries(environment).sort()) {
    if (!variable.startsWith(prefix) || value === undefined) continue
    const bare = variable.slice(prefix.length)
    const name = bare.toLowerCase()
    const reason = reasons.get(bare)
    const site = siteOf.get(bare)
    if (site) {
      sites.set(site.name, { ...sites.get(site.name), [site.column]: value })
    } else if (names.has(name)) {
      if (value !== '' || !emptyIsUnset.test(name)) settings[name] = value
    } else if (reason !== undefined) {
      if (value !== '') useless.set(reason, [...(useless.get(reason) ?? []), variable])
    } else if (!read.has(bare)) {
      const settable = [...names].map((name) => name.toUpperCase())
      const all = [...settable, ...siteOf.keys(), ...read, ...reasons.keys()]
      const near = closest(bare, all)
      const hint = near ? `; did you mean ${prefix}${near}?` : ''
      unknown.push(`${variable} is no variable of GoTrue or pgtrue${hint}`)
    }
  }
  const { API_EXTERNAL_URL: externalUrl } = environment
  if (externalUrl !== undefined) settings.api_external_url = externalUrl
  return { settings, sites, unknown, useless }
}

/** EXTERNAL_GOOGLE_CLIENT_ID is the column client_id of the row google of the sites. */
async function siteVariables(sql: Sql): Promise<Map<string, { name: string; column: string }>> {
  const columns = await sql<{ name: string; column: string }[]>`
    select p.name, a.attname as column
    from auth_private.providers p
    join pg_catalog.pg_attribute a on a.attrelid = 'auth_private.providers'::regclass
      and a.attnum > 0 and not a.attisdropped and a.attname <> 'name'
  `
  return new Map(
    columns.map((site) => [`EXTERNAL_${site.name}_${site.column}`.toUpperCase(), site]),
  )
}

async function told(
  faults: string[],
  sql: TransactionSql,
  step: (sql: TransactionSql) => Promise<unknown>,
): Promise<void> {
  try {
    await sql.savepoint(step)
  } catch (error) {
    faults.push((error as Error).message)
  }
}
