// `npm start`: everything with one command, until Ctrl-C.

import { once } from 'node:events'
import { destination, pino } from 'pino'
import { readConfig } from './config.ts'
import { type Step, start } from './start.ts'
import { describe } from './status.ts'

const began = Date.now()
const seconds = (since: number) => `${((Date.now() - since) / 1000).toFixed(1)} s`
const stopping = new AbortController()

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  let first = 0
  process.on(signal, () => {
    // npm passes on a Ctrl-C that the terminal has sent us already: that is not a second one.
    first ||= Date.now()
    if (Date.now() - first > 500) process.exit(130)
    stopping.abort()
  })
}

const step: Step = async (title, work) => {
  stopping.signal.throwIfAborted()
  const since = Date.now()
  const result = await work()
  console.log(`  ✓ ${title.padEnd(32)} ${seconds(since)}`)
  return result
}

try {
  await run()
  process.exit(0)
} catch (error) {
  if (stopping.signal.aborted) process.exit(0)
  console.error(`\n${(error as Error).message}`)
  process.exit(1)
}

async function run(): Promise<void> {
  const config = readConfig(process.env)
  const log = pino({ level: config.logLevel }, destination(2))
  console.log('pgtrue\n')
  const system = await start(config, log, step)
  try {
    console.log(`\n  Ready after ${seconds(began)}.\n`)
    console.log(describe(config.dataDir, system.status, !config.databaseUrl))
    const failure = await Promise.race([once(stopping.signal, 'abort'), system.failed])
    if (failure instanceof Error) throw failure
    console.log('\n  Stopping; Ctrl-C again forces it.')
  } finally {
    await system.close()
  }
}
