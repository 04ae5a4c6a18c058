// Runs the worker alone, as a container does.
//
//   DATABASE_URL or WORKER_DATABASE_URL   a login as auth_worker; the latter wins
//   SMTP_HOST, SMTP_PORT, …               the mail server, also as GOTRUE_SMTP_…
//   LOG_LEVEL                             trace, debug, info, warn, error or fatal; info if not set

import pino from 'pino'
import { smtpFromEnvironment } from './smtp.ts'
import { startWorker } from './worker.ts'

const { env } = process

const fail = (error: Error): never => {
  console.error(error.message)
  process.exit(1)
}

const databaseUrl = env.WORKER_DATABASE_URL || env.DATABASE_URL
if (!databaseUrl || !URL.canParse(databaseUrl)) {
  fail(new Error('DATABASE_URL: where auth_worker logs in, as postgres://auth_worker:…@host/db'))
}
