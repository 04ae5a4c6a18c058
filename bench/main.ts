// `npm run bench`: measures, shows, and writes bench/report.md with its plots. --help says more.

import * as fs from 'node:fs'
import { pino } from 'pino'
import { startLoader } from './load/loader.ts'
import { factsOf } from './machine.ts'
import { type Options, readOptions, usage } from './options.ts'
import { partNames, partsOf } from './parts.ts'
import { createProgress } from './progress.ts'
import { writeReport } from './report/report.ts'
import { goalLine, terminalTable } from './report/text.ts'
import type { Section } from './section.ts'
import { openServer } from './server.ts'

const stopping = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stopping.signal.aborted) process.exit(130)
    stopping.abort(new Error('interrupted'))
  })
}

// Where nothing is left that could happen, Node would end without a word.
process.on('beforeExit', () => {
  console.error('The bench waits for something that will never come.')
  process.exit(1)
})

let options: Options | 'help'
try {
  options = readOptions(process.argv.slice(2), partNames)
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage(partNames)}`)
  process.exit(2)
}
if (options === 'help') {
  console.log(usage(partNames))
  process.exit(0)
}
try {
  // Told now, and not once there is something to write.
  fs.mkdirSync(options.out, { recursive: true })
} catch (error) {
  console.error(`--out: ${(error as Error).message}`)
  process.exit(2)
}
process.exit(await run(options))

async function run(options: Options): Promise<number> {
  const began = performance.now()
  const log = pino({ level: process.env.LOG_LEVEL ?? 'warn' }, pino.destination(2))
  const show = createProgress()
  const progress = (doing: string) => {
    stopping.signal.throwIfAborted()
    show.now(doing)
  }
  const sections: Section[] = []
  let failed = 0

  progress('Postgres, migrated')
  const server = await openServer(log)
  const loader = startLoader()
  try {
    const head = {
      facts: await factsOf(server, options),
      ...(options.quick && {
        warning: 'A quick run: it shows that everything works; its numbers say little.',
      }),
    }
    for (const [name, value] of head.facts) show.line(`  ${name.padEnd(20)}${value}`)

    for (const part of partsOf(options)) {
      const start = performance.now()
      try {
        const section = await part.run({ options, server, loader, log, progress })
        sections.push(section)
        const took = Math.round((performance.now() - start) / 1000)
        show.line(`\n${section.title} (${took} s)\n`)
        for (const table of section.tables) show.line(`${terminalTable(table)}\n`)
        for (const goal of section.goals) show.line(`  ${goalLine(goal)}`)
        writeReport(options.out, head, sections)
      } catch (error) {
        if (stopping.signal.aborted) break
        failed++
        show.line(`\n${part.name} failed: ${(error as Error).stack ?? String(error)}`)
      }
    }
  } finally {
    show.clear()
    await loader.close()
    await server.close()
  }
  const seconds = Math.round((performance.now() - began) / 1000)
  if (sections.length > 0) show.line(`\n${options.out}/report.md, after ${seconds} s`)
  if (stopping.signal.aborted) {
    show.line('Interrupted: the rest was not measured.')
    return 130
  }
  return failed > 0 ? 1 : 0
}
