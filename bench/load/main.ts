// The process that makes the load, so that whoever is measured does not share a process with it.
// It does one job at a time, told over IPC, and ends with the process that started it.

import { loadHttp } from './http.ts'
import type { Job } from './jobs.ts'
import { loadSmtp } from './smtp.ts'
import { loadBcrypt, loadSql } from './sql.ts'

const run = (job: Job) => {
  switch (job.kind) {
    case 'http':
      return loadHttp(job)
    case 'sql':
      return loadSql(job)
    case 'bcrypt':
      return loadBcrypt(job)
    case 'smtp':
      return loadSmtp(job)
  }
}

process.on('message', ({ id, job }: { id: number; job: Job }) => {
  run(job).then(
    (sample) => process.send?.({ id, sample }),
    (error: Error) => process.send?.({ id, fault: error.stack ?? String(error) }),
  )
})
process.on('disconnect', () => process.exit(0))
// An interrupt is for whoever started us to hear.
process.on('SIGINT', () => {})
