// Runs the gateway alone, as in production; config.ts has the variables that it reads.

import { destination, pino } from 'pino'
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
  // A line for each request: they are written together, at the latest after 100 ms, and who is slow
  // to read them does not hold up requests. What is fatal is written at once, and so is the rest
  // when we end.
  const lines = destination({ sync: false, minLength: 4096, periodicFlush: 100 })
  const log = pino({ level: logLevel }, lines)
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
