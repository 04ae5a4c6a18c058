// Runs the gateway alone, as in production; config.ts has the variables that it reads.

import { pino } from 'pino'
import { gatewayFromEnvironment } from './config.ts'
import { startGateway } from './server.ts'

try {
  await run()
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}

async function run(): Promise<void> {
  const { logLevel, ...options } = gatewayFromEnvironment(process.env)
  const log = pino({ level: logLevel })
  const gateway = await startGateway({ ...options, log }).catch((error: unknown) => {
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
}
