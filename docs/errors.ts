// docs/errors.md: every refusal, from auth_private.errors() and the gateway's own few.
//
// Exports: readErrors, errorsPage.

import type { ISql } from 'postgres'
import { type Refusal, refusals } from '../gateway/refusal.ts'
import { code, page, table } from './markdown.ts'

export interface ErrorEntry {
  name: string
  code: string
  status: number
  message: string
}

/** The list of refusals that the database has. */
export async function readErrors(sql: ISql): Promise<ErrorEntry[]> {
  return sql<ErrorEntry[]>`
    select e.name, e.code, e.status, e.message
    from auth_private.errors() e
    order by e.code collate "C", e.status, e.message collate "C", e.name collate "C"
  `
}

/** The page. */
export async function errorsPage(sql: ISql): Promise<string> {
  const errors = await readErrors(sql)
  const head = ['`error_code`', 'Status', 'Message']
  return page('Errors', [
    'A refusal is an HTTP status with the body `{"code", "error_code", "msg"}`. In psql, and ' +
      'under PostgREST, it is an error whose SQLSTATE is `PT` and the status, whose message is ' +
      'that message and whose detail is the `error_code`. `%s` stands for what varies.',
    table(
      [...head, 'Name in SQL'],
      errors.map((error) => [...cells(error), code(error.name)]),
    ),
    '## From the gateway',
    'What the gateway refuses before the database is asked, or when it does not answer.',
    table(head, gatewayRefusals().map(cells)),
  ])
}

function cells(error: { code: string; status: number; message: string }): string[] {
  return [code(error.code), String(error.status), error.message]
}

function gatewayRefusals(): Refusal[] {
  const makers = Object.values(refusals) as ((detail: never) => Refusal)[]
  const place = ({ code, status }: Refusal) => `${code} ${status}`
  return makers.map((make) => make('%s' as never)).sort((a, b) => (place(a) < place(b) ? -1 : 1))
}
