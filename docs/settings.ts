// docs/settings.md: every setting, from the columns of auth_private.settings.
//
// Exports: settingsPage.

import type { ISql } from 'postgres'
import { ignored, programs } from '../start/variables.ts'
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
    'A list is separated by commas; a map is `key:value,key:value`; a duration is written like ' +
      '`1h30m` or `500ms`, in SQL also as `7 days`; a boolean is `true`, `false`, `1`, `0`, `t` or ' +
      '`f`. A variable that is taken out of the environment again leaves its setting as it is. ' +
      'Unknown variables that begin with `GOTRUE_` and bad values are refused at start, all ' +
      'together.',
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
    '## Read by the programs themselves',
    'Secrets and addresses that the database does not have to know. In an entry, `A_{B,C}` stands ' +
      'for `A_B` and `A_C`.',
    table(
      ['Variable', 'Read by'],
      Object.entries(programs).map(([variable, by]) => [code(`GOTRUE_${variable}`), by]),
    ),
    '## Not honoured',
    "What else GoTrue reads. These change nothing; they are named in a warning at start, so that GoTrue's " +
      'environment file can be used as it is.',
    table(
      ['Variables', 'Reason'],
      ignored.map(({ variables, reason }) => [
        variables.map((variable) => code(`GOTRUE_${variable}`)).join('<br>'),
        reason,
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
