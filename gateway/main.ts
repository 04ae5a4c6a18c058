// Runs the gateway alone, as in production: DATABASE_URL (login authenticator), PORT, HOST, LOG_LEVEL.

import { pino } from 'pino'
import { startGateway } from './server.ts'

const env = process.env
const log = pino({ level: env.LOG_LEVEL ?? env.GOTRUE_LOG_LEVEL ?? 'info' })
const databaseUrl = env.GATEWAY_DATABASE_URL ?? env.DATABASE_URL

if (!databaseUrl) {
  log.fatal('DATABASE_URL is missing: the address of the database, with the login authenticator')
  process.exit(1)
}

const gateway = await startGateway({
  databaseUrl,
  port: Number(env.PORT ?? env.GOTRUE_API_PORT ?? 9999),
  host: env.HOST ?? env.GOTRUE_API_HOST ?? '0.0.0.0',
  log,
}).catch((error: unknown) => {
  log.fatal({ reason: (error as Error).message }, 'the gateway can not start')
  process.exit(1)
})
log.info({ url: gateway.url }, 'gateway is up')

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'gateway stops')
    void gateway.close().then(() => process.exit(0))
  })
}
