// Resident memory of gateway and worker: at rest, and as work goes on.
//
// Exports: memory, memorySection.

import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { number } from '../figures.ts'
import { startGateway, startWorker } from '../gateway.ts'
import { startSink } from '../mail_server.ts'
import { openPeople } from '../people.ts'
import { residentMegabytes } from '../program.ts'
import { linePlot } from '../report/plots.ts'
import type { Bench, Section } from '../section.ts'
import { password } from '../workloads.ts'

interface Point {
  done: number
  megabytes: number
}

export interface Found {
  gateway: Point[]
  worker: Point[]
}

const steps = 10

/** The gateway answers GET /user, and the worker sends a fifth as many mails. */
export async function memory(bench: Bench): Promise<Found> {
  bench.progress('Memory: database, gateway and worker')
  const database = await bench.server.openDatabase()
  const sink = await startSink()
  const gateway = await startGateway(database)
  const worker = startWorker(database, sink.port)
  try {
    const [row] = await database.sql<{ hash: string }[]>`
      select auth_private.hash_password(${password}) as hash
    `
    const people = openPeople(gateway, row?.hash ?? '', randomBytes(6).toString('hex'))
    const pool = await people.sessions(16)
    let mails = 0
    sink.mails.on('mail', () => mails++)
    const found: Found = { gateway: [], worker: [] }
    const look = (done: number) => {
      found.gateway.push({ done, megabytes: residentMegabytes(gateway.pid) })
      found.worker.push({ done: mails, megabytes: residentMegabytes(worker.pid) })
    }
    look(0)
    const part = Math.ceil(bench.options.requests / steps)
    for (let step = 1; step <= steps; step++) {
      bench.progress(`Memory: ${((step - 1) * part).toLocaleString('en-US')} requests`)
      await bench.loader.run({
        kind: 'http',
        url: gateway.url,
        anonKey: gateway.anonKey,
        serviceKey: gateway.serviceKey,
        series: 'memory',
        workload: 'user',
        connections: 16,
        pool,
        amount: { calls: part },
      })
      const wanted = mails + Math.ceil(part / 5)
      await database.sql`
        insert into auth_private.outbox (kind, recipient, variables)
        select 'magic_link', 'memory-' || n || '@example.com',
          '{"SiteURL": "http://localhost:3000", "Token": "123456", "ConfirmationURL": "http://localhost"}'
        from generate_series(1, ${wanted - mails}::integer) n
      `
      while (mails < wanted) await wait(10)
      look(step * part)
    }
    return found
  } finally {
    await worker.close()
    await gateway.close()
    await sink.close()
    await database.close()
  }
}

/**
 * What is told of it. Memory goes up until it is collected, so the highest of each half are compared,
 * without the first point, at which nothing has been done yet.
 */
export function memorySection({ gateway, worker }: Found): Omit<Section, 'title'> {
  const highest = (points: Point[], from: number, to: number) =>
    Math.max(...points.slice(from, to + 1).map(({ megabytes }) => megabytes))
  const halves = (points: Point[]) => ({
    first: highest(points, 1, steps / 2),
    second: highest(points, steps / 2 + 1, steps),
  })
  const grown = (points: Point[]) => halves(points).second / halves(points).first
  const row = (name: string, points: Point[]) => [
    name,
    number(points[0]?.megabytes ?? NaN),
    number(halves(points).first),
    number(halves(points).second),
  ]
  const requests = (gateway.at(-1)?.done ?? 0).toLocaleString('en-US')
  const mails = (worker.at(-1)?.done ?? 0).toLocaleString('en-US')
  return {
    text: `Resident memory in MB before ${requests} requests and ${mails} mails, and its highest in each half of them.`,
    tables: [
      {
        columns: ['Resident memory', 'at rest', 'highest of the first half', 'of the second'],
        rows: [row('gateway', gateway), row('worker', worker)],
      },
    ],
    plots: [
      {
        name: 'memory',
        title: 'Resident memory while work goes on',
        svg: linePlot(
          `Resident memory during ${requests} requests and ${mails} mails`,
          [
            ...gateway.map(({ megabytes }, step) => ({ x: step, y: megabytes, line: 'gateway' })),
            ...worker.map(({ megabytes }, step) => ({ x: step, y: megabytes, line: 'worker' })),
          ].map((point) => ({ ...point, x: (100 * point.x) / steps })),
          { x: { label: '% of the work' }, y: { label: 'MB', zero: true } },
        ),
      },
    ],
    goals: [['gateway', gateway] as const, ['worker', worker] as const].map(([name, points]) => ({
      what: `Memory of the ${name}, highest of the second half of the work, of the first`,
      wanted: 'no growth (at most 1.1 times)',
      found: `${number(grown(points))} times`,
      met: grown(points) <= 1.1,
    })),
  }
}
