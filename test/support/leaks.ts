// A server that writes down all that a server can: every statement with its parameters, every plan
// with the nested ones, every error with its context, and statistics of statements.
//
// Exports: talkative, openTalkative, leaksOf, ourLines.

import { Writable } from 'node:stream'
import { pino } from 'pino'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { freePort } from '../../start/port.ts'
import { startPostgres } from '../../start/postgres.ts'
import { makeTemplate } from './template.ts'

/** The settings of such a server. Each entry of its log begins with who has caused it: login and program. */
export const talkative = {
  log_line_prefix: '@%u@%a@ ',
  log_statement: 'all',
  log_min_duration_statement: '0',
  log_min_error_statement: 'debug5',
  log_min_messages: 'debug1',
  log_error_verbosity: 'verbose',
  log_connections: 'on',
  shared_preload_libraries: 'auto_explain,pg_stat_statements',
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_verbose': 'on',
  'auto_explain.log_triggers': 'on',
  'pg_stat_statements.track': 'all',
  'pg_stat_statements.track_utility': 'on',
  'pg_stat_statements.max': '20000',
  max_connections: '100',
  fsync: 'off',
}

/**
 * Starts one, makes it the server of this test file, and stops it when the test ends.
 *
 * @returns what it has logged so far
 */
export async function openTalkative(t: Pick<Test, 'teardown'>): Promise<() => string> {
  const dataDir = fs.mkdtempSync(join(tmpdir(), 'pgtrue-'))
  const lines: string[] = []
  const server = await startPostgres({
    dataDir,
    port: await freePort(),
    settings: talkative,
    log: pino(
      { level: 'debug' },
      new Writable({
        write(line, _, done) {
          lines.push(JSON.parse(String(line)).msg)
          done()
        },
      }),
    ),
  })
  t.teardown(async () => {
    await server.close()
    fs.rmSync(fs.realpathSync(dataDir), { recursive: true })
  })
  const template = await makeTemplate(server.url, pino({ level: 'silent' }))
  t.teardown(() => template.close())
  process.env.PGTRUE_TEST_TEMPLATE = template.url
  return () => lines.join('\n')
}

/** What the gateway's and the worker's statements have caused, of a log or of statistics. */
export function ourLines(log: string): string {
  return log
    .split(/^(?=@)/m)
    .filter((entry) => /^@(authenticator|auth_worker)@/.test(entry))
    .join('')
}

/** Which of the secrets, by their names, a text holds, and where it does. */
export function leaksOf(secrets: Record<string, string>, text: string): string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const at = text.indexOf(secret)
    return at < 0 ? [] : [`${name}: …${text.slice(Math.max(0, at - 200), at + 100)}…`]
  })
}
