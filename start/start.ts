// Everything that pgtrue is, in one process: Postgres (a child), migrations, an inbox for mail,
// the gateway and the worker.
//
// Exports `start`.

import * as fs from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import postgres from 'postgres'
import { startGateway } from '../gateway/server.ts'
import { smtpFromEnvironment } from '../worker/smtp.ts'
import { startWorker } from '../worker/worker.ts'
import type { Config, Port } from './config.ts'
import { startInbox } from './inbox.ts'
import { jwtKeys } from './jwt_keys.ts'
import { derivePassword, type LoginRole, loginUrl, logins } from './login.ts'
import { migrate } from './migrate.ts'
import { createExampleTable, readPages } from './pages.ts'
import { refuseTaken } from './port.ts'
import { startPostgres } from './postgres.ts'
import { followApiUrl } from './public_url.ts'
import { formerApiUrl, readStatus, type Status, writeStatus } from './status.ts'

/** Does one part of the work under a title, and shows how it went. */
export type Step = <T>(title: string, work: () => Promise<T>) => Promise<T>

export type System = {
  status: Status
  /** Fulfilled when a part fails that the rest cannot do without. */
  failed: Promise<Error>
  /** Stops everything, in the order in which nothing is lost. */
  close(): Promise<void>
}

/**
 * Starts everything; what was started before a failure is stopped again.
 *
 * @throws with a message for people, such as which variable to set when a port is taken
 */
export async function start(config: Config, log: Logger, step: Step): Promise<System> {
  await refuseTaken(portsToOpen(config))
  fs.mkdirSync(config.dataDir, { recursive: true })
  const closers: (() => Promise<void>)[] = []
  async function close() {
    for (let next = closers.pop(); next; next = closers.pop()) await next()
  }
  const opened = <T extends { close(): Promise<void> }>(part: T): T => {
    closers.push(() => part.close())
    return part
  }

  try {
    // The inbox takes as long to load as Postgres to start, so they go side by side.
    const [database, inbox] = await all(startDatabase(), startMail())
    const environment = {
      AUTHENTICATOR_PASSWORD: database.gateway.password,
      AUTH_WORKER_PASSWORD: database.worker.password,
      ...config.environment,
    }
    await step('Roles, migrations, settings', () =>
      migrate({ databaseUrl: database.url, environment, log }),
    )
    const status = await settle(config, database.url, inbox?.url ?? '')
    await step('Gateway', async () => {
      const { sites, postgrestUrl } = config
      const { url: databaseUrl } = database.gateway
      const port = config.ports.api.number
      const pages = readPages(status)
      const keys = jwtKeys(environment)
      const gateway = { databaseUrl, port, log, pages, postgrestUrl, sites, jwtKeys: keys }
      opened(await startGateway(gateway))
    })
    await step('Worker', async () => {
      const sms = { accounts: config.sms }
      const { url: databaseUrl } = database.worker
      opened(await startWorker({ databaseUrl, smtp: mailServer(config), sms, log }))
    })
    return { status, failed: database.failed, close }
  } catch (error) {
    await close()
    throw error
  }

  async function startDatabase() {
    const { databaseUrl, dataDir, ports } = config
    if (databaseUrl) return withLogins(config, databaseUrl, new Promise<Error>(() => undefined))
    const server = await step('Postgres', async () => {
      const options = { dataDir: join(dataDir, 'postgres'), port: ports.database.number, log }
      return opened(await startPostgres(options))
    })
    return withLogins(config, server.url, server.crashed)
  }

  async function startMail() {
    if (config.smtp) return undefined
    return step('Inbox', async () => {
      const { smtp, inbox } = config.ports
      const folder = join(config.dataDir, 'inbox')
      return opened(await startInbox({ smtpPort: smtp.number, webPort: inbox.number, folder }))
    })
  }
}

/** The ports that we are about to listen on. */
function portsToOpen({ ports, databaseUrl, smtp }: Config): Port[] {
  return [
    ports.api,
    ...(databaseUrl ? [] : [ports.database]),
    ...(smtp ? [] : [ports.smtp, ports.inbox]),
  ]
}

/** How gateway and worker log in; no password where the URL is given or there is none. */
function withLogins(config: Config, url: string, failed: Promise<Error>) {
  function login(role: LoginRole) {
    const given = config.environment[logins[role].url]
    if (given) return { url: given, password: undefined }
    const password = config.environment[logins[role].password] ?? derivePassword(url, role)
    return { url: loginUrl(url, role, password), password }
  }
  return { url, failed, gateway: login('authenticator'), worker: login('auth_worker') }
}

/** The settings and the file that say where everything is. */
async function settle(config: Config, databaseUrl: string, inboxUrl: string): Promise<Status> {
  const { dataDir, environment, ports } = config
  const apiUrl = `http://127.0.0.1:${ports.api.number}`
  const sql = postgres(databaseUrl, { max: 1 })
  try {
    const former = formerApiUrl(dataDir)
    await followApiUrl(sql, apiUrl, former, environment)
    const ours = !config.databaseUrl && !config.smtp
    if (former === undefined && ours && environment.GOTRUE_RATE_LIMIT_EMAIL_SENT === undefined) {
      // Who tries things out sends mails by the dozen, and they all end in our own inbox. At the
      // first start only, since a person may decide otherwise.
      await sql`select auth.configure('{"rate_limit_email_sent": null}')`
    }
    // In a database of our own, once: what a person changes or drops stays so.
    if (!config.databaseUrl && former === undefined) await createExampleTable(sql)
    const urls = { API_URL: apiUrl, DB_URL: databaseUrl, INBOX_URL: inboxUrl }
    const status = await readStatus(sql, urls)
    writeStatus(dataDir, status)
    return status
  } finally {
    await sql.end()
  }
}

function mailServer({ smtp, ports, environment }: Config) {
  return (
    smtp ??
    smtpFromEnvironment({
      SMTP_ADMIN_EMAIL: 'auth@example.com',
      SMTP_SENDER_NAME: 'pgtrue',
      ...environment,
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(ports.smtp.number),
    })
  )
}

/** Like Promise.all, but it fails only when both have come to an end. */
async function all<A, B>(a: Promise<A>, b: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([a, b])
  return Promise.all([a, b])
}
