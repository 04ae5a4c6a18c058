// Runs the worker alone, as a container does; config.ts has the variables that it reads.

import pino from 'pino'
import { workerFromEnvironment } from './config.ts'
import { startWorker } from './worker.ts'

const run = async (): Promise<void> => {
  const { level, ...options } = workerFromEnvironment(process.env)
  const log = pino({ level })
  const worker = await startWorker({ ...options, log })

  let stopping = false
  const stop = (): void => {
    if (stopping) process.exit(1)
    stopping = true
    log.info('stopping')
    void worker.close().then(() => process.exit(0))
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

run().catch((error: Error) => {
  console.error(error.message)
  process.exit(1)
})
