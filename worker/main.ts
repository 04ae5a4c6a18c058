// Runs the worker alone, as a container does.
//
//   DATABASE_URL or WORKER_DATABASE_URL   a login as auth_worker; the latter wins
//   SMTP_HOST, SMTP_PORT, …               the mail server, also as GOTRUE_SMTP_…
//   GOTRUE_SMS_TWILIO_ACCOUNT_SID, …      who sends SMS: see sms/accounts.ts
//   LOG_LEVEL                             trace, debug, info, warn, error or fatal; info if not set

import pino from 'pino'
import { smsFromEnvironment } from './sms/accounts.ts'
import { smtpFromEnvironment, type SmtpOptions } from './smtp.ts'
import { startWorker } from './worker.ts'

const configuration = (env: NodeJS.ProcessEnv) => {
  const faults: string[] = []
  const databaseUrl = env.WORKER_DATABASE_URL || env.DATABASE_URL || ''
  const level = env.LOG_LEVEL || 'info'
  let smtp: SmtpOptions | undefined

  if (!/^postgres(ql)?:\/\//.test(databaseUrl) || !URL.canParse(databaseUrl)) {
    faults.push('DATABASE_URL: a login as auth_worker, as postgres://auth_worker:secret@host/db')
  }
  if (!(level in pino.levels.values)) {
    faults.push(`LOG_LEVEL: one of ${Object.keys(pino.levels.values).join(', ')}`)
  }
  try {
    smtp = smtpFromEnvironment(env)
  } catch (error) {
    faults.push((error as Error).message)
  }
  if (faults.length > 0 || !smtp) throw new Error(faults.join('\n'))
  const sms = { accounts: smsFromEnvironment(env) }
  return { databaseUrl, smtp, sms, log: pino({ level }) }
}

const run = async (): Promise<void> => {
  const options = configuration(process.env)
  const worker = await startWorker(options)

  let stopping = false
  const stop = (): void => {
    if (stopping) process.exit(1)
    stopping = true
    options.log.info('stopping')
    void worker.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

run().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
