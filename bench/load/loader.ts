// The load's process, as the one that starts it sees it.
//
// Exports: Loader, startLoader.

import { startProgram } from '../program.ts'
import type { Job } from './jobs.ts'
import type { Sample } from './sample.ts'

export interface Loader {
  pid: number
  /** Does a job. Several at once are done at once. */
  run(job: Job): Promise<Sample>
  close(): Promise<void>
}

export function startLoader(): Loader {
  const program = startProgram('bench/load/main.ts', {}, ['ignore', 'inherit', 'inherit', 'ipc'])
  const waiting = new Map<number, { resolve(sample: Sample): void; reject(error: Error): void }>()
  let count = 0

  program.child.on('message', (answer: { id: number; sample?: Sample; fault?: string }) => {
    const asked = waiting.get(answer.id)
    waiting.delete(answer.id)
    if (answer.sample) asked?.resolve(answer.sample)
    else asked?.reject(new Error(answer.fault))
  })
  program.child.once('exit', () => {
    for (const { reject } of waiting.values()) reject(new Error('the load’s process ended'))
    waiting.clear()
  })
  return {
    pid: program.pid,
    run: (job) =>
      new Promise((resolve, reject) => {
        const id = ++count
        waiting.set(id, { resolve, reject })
        // It may have ended since the last job, and then nobody would ever answer.
        program.child.send({ id, job }, (error) => {
          if (!error) return
          waiting.delete(id)
          reject(new Error('the load’s process has ended', { cause: error }))
        })
      }),
    close: () => program.close(),
  }
}
