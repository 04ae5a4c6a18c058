// Load over HTTP, by autocannon: every connection asks as soon as it has its answer.
//
// Exports: loadHttp.

import autocannon from 'autocannon'
import { workload } from '../workloads.ts'
import type { HttpJob } from './jobs.ts'
import { createTally, type Sample } from './sample.ts'

/** The parts of autocannon's request that its types have wrong or leave out. */
type Setup = Omit<autocannon.Request, 'setupRequest'> & {
  setupRequest(request: autocannon.Request): autocannon.Request
}

export async function loadHttp(job: HttpJob): Promise<Sample> {
  const { ask, after, pool: kind } = workload(job.workload)
  const { amount, connections } = job
  const pool = kind === 'none' ? [] : [...job.pool]
  let serial = 0
  const tally = createTally('seconds' in amount ? amount.seconds : undefined)

  const run = autocannon({
    url: job.url,
    connections,
    timeout: 30,
    // How often it looks whether the time is over, in milliseconds.
    sampleInt: 20,
    ...('seconds' in amount ? { duration: amount.seconds } : { amount: amount.calls }),
    setupClient(client) {
      let member = {}
      let wrong: string | undefined
      const setup: Setup = {
        setupRequest(request) {
          member = pool.shift() ?? {}
          const { method, path, body, token } = ask(
            member,
            job.serviceKey,
            `${job.series}-${++serial}`,
          )
          return {
            ...request,
            method,
            path: basePath(job.url) + path,
            headers: {
              apikey: job.anonKey,
              authorization: `Bearer ${token ?? job.anonKey}`,
              ...(body && { 'content-type': 'application/json' }),
            },
            body: body ? JSON.stringify(body) : undefined,
          }
        },
        onResponse(status, body) {
          wrong = status >= 200 && status < 300 ? undefined : `${status}: ${body.slice(0, 200)}`
          if (wrong === undefined) after?.(member, body)
          if (kind !== 'links') pool.push(member)
        },
      }
      client.setRequests([setup])
      client.on('response', (_status, _bytes, milliseconds) => tally.note(milliseconds, wrong))
    },
  })
  const { errors, timeouts } = await run
  const sample = tally.sample()
  if (errors + timeouts === 0) return sample
  return {
    ...sample,
    failed: sample.failed + errors + timeouts,
    fault: sample.fault ?? `${errors} connections failed, ${timeouts} requests timed out`,
  }
}

const basePath = (url: string) => new URL(url).pathname.replace(/\/$/, '')
