// The settings that name our own address, kept in step with it.
//
// Exports `followApiUrl`.

import type { Sql } from 'postgres'
import type { Environment } from './environment.ts'

const variables = {
  api_external_url: ['API_EXTERNAL_URL', 'GOTRUE_API_EXTERNAL_URL'],
  site_url: ['GOTRUE_SITE_URL'],
}

/**
 * Sets `api_external_url` and `site_url` to where the API is, unless somebody has decided
 * otherwise: the environment, or a person by `auth.configure`.
 *
 * @param formerUrl where the API was at the last start; a setting equal to it was ours
 */
export async function followApiUrl(
  sql: Sql,
  apiUrl: string,
  formerUrl: string | undefined,
  environment: Environment,
): Promise<void> {
  const free = Object.entries(variables)
    .filter(([, names]) => names.every((name) => environment[name] === undefined))
    .map(([setting]) => setting)

  await sql`
    select auth.configure(pg_catalog.jsonb_object_agg(a.attname, ${apiUrl}::text))
    from pg_catalog.pg_attribute a
    join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    cross join auth_private.settings s
    cross join lateral (select pg_catalog.to_jsonb(s) ->> a.attname as value) now
    where a.attrelid = 'auth_private.settings'::regclass
      and a.attname = any (${free})
      and (
        pg_catalog.pg_get_expr(d.adbin, d.adrelid) = pg_catalog.quote_literal(now.value) || '::text'
        or now.value = ${formerUrl ?? null}
      )
    having count(*) > 0
  `
}
