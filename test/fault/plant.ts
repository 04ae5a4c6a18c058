// The programs as in production, as processes that can be ill-treated, and a Postgres server of
// their own that can be too.
//
// Exports `openOwnServer`, `startGatewayProgram`, `startWorkerProgram`, `Program`.

import { type ChildProcess, spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import postgres, { type Sql } from 'postgres'
import type { Test } from 'tap'
import { derivePassword, loginUrl } from '../../start/login.ts'
import { migrate } from '../../start/migrate.ts'
import { freePort } from '../../start/port.ts'
import { startPostgres } from '../../start/postgres.ts'
import type { Inbox } from '../support/inbox.ts'
import { until } from '../support/until.ts'

type Teardown = Pick<Test, 'teardown'>

export type Program = {
  process: ChildProcess
  /** The lines it has logged. */
  logged: string[]
  /** The exit code, or the signal that ended it. */
  ended: Promise<number | string | null>
}

export type OwnServer = {
  gatewayUrl: string
  workerUrl: string
  /** Connections of the owner; those that broke are replaced. */
  sql: Sql
  /**
   * Stops Postgres and starts it again: fast ends connections, immediate is as good as kill -9 and
   * leaves recovery to the next start.
   */
  restart(how: 'fast' | 'immediate'): Promise<void>
  /** Stops Postgres for good. */
  stop(): Promise<void>
}

/** Starts a program of ours; it is killed when the test `t` ends. */
function startProgram(t: Teardown, file: string, environment: Record<string, string>): Program {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import=tsx', file], {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const logged: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    let rest = ''
    stream.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n')
      rest = lines.pop() ?? ''
      logged.push(...lines)
    })
  }
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(signal ?? code)),
  )
  t.teardown(() => (child.kill('SIGKILL') ? ended : undefined))
  return { process: child, logged, ended }
}

/** Starts a gateway, and waits until it serves. */
export async function startGatewayProgram(t: Teardown, databaseUrl: string) {
  const environment = {
    DATABASE_URL: databaseUrl,
    HOST: '127.0.0.1',
    PORT: String(await freePort()),
  }
  const program = startProgram(t, 'gateway/main.ts', environment)
  const isUp = () => program.logged.find((line) => line.includes('gateway is up'))
  await until(() => isUp() !== undefined)
  const { url } = JSON.parse(isUp() ?? '{}') as { url: string }
  return { ...program, url }
}

/** Starts a worker, and waits until it listens. */
export async function startWorkerProgram(
  t: Teardown,
  databaseUrl: string,
  smtp: Pick<Inbox, 'host' | 'port'>,
  environment: Record<string, string> = {},
): Promise<Program> {
  const program = startProgram(t, 'worker/main.ts', {
    DATABASE_URL: databaseUrl,
    SMTP_HOST: smtp.host,
    SMTP_PORT: String(smtp.port),
    SMTP_ADMIN_EMAIL: 'auth@example.com',
    ...environment,
  })
  await until(() => program.logged.some((line) => line.includes('listening for mail')))
  return program
}

/** Starts a server with everything migrated; all of it is gone when the test `t` ends. */
export async function openOwnServer(t: Teardown): Promise<OwnServer> {
  const log = pino({ level: 'fatal' })
  const dataDir = fs.mkdtempSync(join(tmpdir(), 'pgtrue-fault-'))
  const port = await freePort()
  const start = () => startPostgres({ dataDir, port, log })
  let server = await start()
  t.teardown(async () => {
    await server.close()
    fs.rmSync(fs.realpathSync(dataDir), { recursive: true })
    fs.rmSync(dataDir, { recursive: true, force: true })
  })

  const { url } = server
  const environment = {
    AUTHENTICATOR_PASSWORD: derivePassword(url, 'authenticator'),
    AUTH_WORKER_PASSWORD: derivePassword(url, 'auth_worker'),
  }
  await migrate({ databaseUrl: url, environment, log, uncommitted: true })
  const sql = postgres(url, { max: 4, onnotice: () => undefined })
  t.teardown(() => sql.end({ timeout: 1 }))

  return {
    gatewayUrl: loginUrl(url, 'authenticator', environment.AUTHENTICATOR_PASSWORD),
    workerUrl: loginUrl(url, 'auth_worker', environment.AUTH_WORKER_PASSWORD),
    sql,
    async restart(how) {
      if (how === 'immediate') {
        const [folder] = await sql<{ data: string }[]>`
          select current_setting('data_directory') as data
        `
        const pid = fs.readFileSync(join(folder?.data ?? '', 'postmaster.pid'), 'utf8')
        process.kill(parseInt(pid), 'SIGQUIT')
        await server.crashed
      }
      await server.close()
      server = await start()
    },
    stop: () => server.close(),
  }
}
