// docs/settings.md: every setting, from the columns of auth_private.settings.
//
// Exports: settingsPage.

import type { ISql } from 'postgres'
import { code, page, table } from './markdown.ts'

/** One setting; a default is null where there is none. */
interface Setting {
  name: string
  type: string
  default: string | null
  meaning: string
}

const types: Record<string, string> = { 'text[]': 'list', interval: 'duration' }

/** The page. */
export async function settingsPage(sql: ISql): Promise<string> {
  const settings = await sql<Setting[]>`
    select a.attname as name, a.atttypid::regtype::text as type,
      pg_get_expr(d.adbin, d.adrelid) as default,
      coalesce(col_description(a.attrelid, a.attnum), '') as meaning
    from pg_attribute a
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = 'auth_private.settings'::regclass
      and a.attnum > 0 and not a.attisdropped and a.attname <> 'singleton'
    order by a.attname collate "C"
  `
  return page('Settings', [
    "A setting is named like GoTrue's variable, in lower case and without `GOTRUE_`. Set it in " +
      'the environment of `npm start` or `npm run migrate`, or in SQL, where it is live at the ' +
      'next call:',
    '```sql\nselect auth.configure(\'{"mailer_autoconfirm": true}\');\n```',
    'A list is separated by commas, a duration written like `1h30m`.',
    table(
      ['Setting', 'Variable', 'Type', 'Default', 'Meaning'],
      settings.map((setting) => [
        code(setting.name),
        code(variable(setting.name)),
        types[setting.type] ?? setting.type,
        code(readable(setting)),
        setting.meaning,
      ]),
    ),
  ])
}

function variable(name: string): string {
  return name === 'api_external_url' ? 'API_EXTERNAL_URL' : `GOTRUE_${name.toUpperCase()}`
}

/** The catalogue writes '{}'::text[] and '00:01:00'::interval; here it is what one would set. */
function readable({ type, default: expression }: Setting): string {
  const value = expression?.replace(/^'(.*)'::[^']*$/, '$1').replaceAll("''", "'") ?? ''
  if (type === 'text[]') return value.slice(1, -1)
  if (type === 'interval') return duration(value)
  return value
}

/** 00:01:30 is 1m30s. */
function duration(clock: string): string {
  const parts = /^(\d+):(\d+):(\d+)$/.exec(clock)
  if (!parts) return clock
  const units = ['h', 'm', 's']
  const said = parts.slice(1).map((part, place) => `${Number(part)}${units[place]}`)
  return said.filter((part) => !part.startsWith('0')).join('') || '0s'
}
