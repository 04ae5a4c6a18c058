// Where everything is, and the keys: for people on the screen, for programs in a file.
//
// Exports `readStatus`, `writeStatus`, `formerApiUrl` and `describe`.

import * as fs from 'node:fs'
import { join, relative } from 'node:path'
import type { Sql } from 'postgres'
import { examplePath } from './pages.ts'

export type Status = {
  API_URL: string
  DB_URL: string
  /** Empty where mail goes to a real mail server. */
  INBOX_URL: string
  ANON_KEY: string
  SERVICE_ROLE_KEY: string
  JWT_SECRET: string
}

/** Asks the database for the keys. */
export async function readStatus(
  sql: Sql,
  urls: Pick<Status, 'API_URL' | 'DB_URL' | 'INBOX_URL'>,
): Promise<Status> {
  const [keys] = await sql<Omit<Status, keyof typeof urls>[]>`
    select
      auth.api_key('anon') as "ANON_KEY",
      auth.api_key('service_role') as "SERVICE_ROLE_KEY",
      auth_private.jwt_secret() as "JWT_SECRET"
  `
  if (!keys) throw new Error('the database gave no keys')
  return { ...urls, ...keys }
}

const fileIn = (dataDir: string) => join(dataDir, 'status.env')

/** Writes `status.env`, for its owner's eyes only, as both a shell and dotenv read it. */
export function writeStatus(dataDir: string, status: Status): void {
  const quote = (value: string) =>
    /^[\w./:@%+~-]*$/.test(value) ? value : `'${value.replaceAll("'", `'\\''`)}'`
  const lines = Object.entries(status).map(([name, value]) => `${name}=${quote(value)}\n`)
  const unfinished = `${fileIn(dataDir)}.${process.pid}`
  fs.writeFileSync(unfinished, lines.join(''), { mode: 0o600 })
  // Whoever started once as root can start again without.
  const { uid, gid } = fs.statSync(dataDir)
  if (process.getuid?.() === 0) fs.chownSync(unfinished, uid, gid)
  fs.renameSync(unfinished, fileIn(dataDir))
}

/** The API's URL at the last start; undefined at the first. */
export function formerApiUrl(dataDir: string): string | undefined {
  if (!fs.existsSync(fileIn(dataDir))) return undefined
  return /^API_URL=(.*)$/m.exec(fs.readFileSync(fileIn(dataDir), 'utf8'))?.[1]
}

/** The lines for the screen, which end with something to try. */
export function describe(dataDir: string, status: Status, ownDatabase: boolean): string {
  // Our own password is for everyone at this screen; somebody else's is not.
  const database = new URL(status.DB_URL)
  if (!ownDatabase) database.password = ''
  const rows = [
    ['API', status.API_URL],
    ['Database', `psql '${database.href}'`],
    ['Inbox', status.INBOX_URL],
    ['Example', `${status.API_URL}${examplePath}`],
    ['anon key', status.ANON_KEY],
    ['service_role key', status.SERVICE_ROLE_KEY],
  ].filter(([, value]) => value)
  const body = `{"email":"ann@example.com","password":"correct horse battery"}`
  return [
    ...rows.map(([name, value]) => `  ${name?.padEnd(17)} ${value}`),
    '',
    '  Try it:',
    `  curl ${status.API_URL}/signup -H 'Content-Type: application/json' -d '${body}'`,
    '',
    `  All of this is in ${relative('.', fileIn(dataDir))} too. Ctrl-C stops.`,
  ].join('\n')
}
