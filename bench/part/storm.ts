// Whether those who only read have to wait for those who sign in: GET /user while a hundred
// sign-ins wait for their hash, against GET /user in an idle system.
//
// Exports: storm.

import { randomBytes } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { figure, number, ratio, spread } from '../figures.ts'
import { startGateway } from '../gateway.ts'
import type { Sample } from '../load/sample.ts'
import { openPeople } from '../people.ts'
import { linePlot } from '../report/plots.ts'
import type { Part, Section } from '../section.ts'
import { password } from '../workloads.ts'

const waiting = 100
const readers = 4

export const storm: Part = {
  name: 'storm',
  about: `GET /user while ${waiting} sign-ins wait`,
  async run(bench) {
    bench.progress('Storm: database and gateway')
    const database = await bench.server.openDatabase()
    const gateway = await startGateway(database)
    try {
      const [row] = await database.sql<{ hash: string }[]>`
        select auth_private.hash_password(${password}) as hash
      `
      const series = randomBytes(6).toString('hex')
      const people = openPeople(gateway, row?.hash ?? '', series)
      const [signers, pool] = [await people.people(waiting), await people.sessions(readers)]
      const target = { url: gateway.url, anonKey: gateway.anonKey, serviceKey: gateway.serviceKey }
      const read = (seconds: number) =>
        bench.loader.run({
          kind: 'http',
          ...target,
          series,
          workload: 'user',
          connections: readers,
          pool,
          amount: { seconds },
        })
      const signIn = (calls: number) =>
        bench.loader.run({
          kind: 'http',
          ...target,
          series,
          workload: 'signin',
          connections: waiting,
          pool: signers,
          amount: { calls },
        })

      const idle: Sample[] = []
      const stormy: Sample[] = []
      const seconds = bench.options.seconds * 2
      await read(seconds / 2)
      for (let round = 1; round <= bench.options.rounds; round++) {
        bench.progress(`Storm, round ${round} of ${bench.options.rounds}`)
        idle.push(await read(seconds))
        const signedIn = signIn(bench.options.quick ? waiting : waiting * 2)
        // Once the first is hashed, all have come.
        await wait(200)
        stormy.push(await read(seconds))
        await signedIn
      }
      return sectionOf(idle, stormy)
    } finally {
      await gateway.close()
      await database.close()
    }
  },
}

function sectionOf(idle: Sample[], stormy: Sample[]): Section {
  const parts = ['p50', 'p95', 'p99'] as const
  const slower = ratio(
    stormy.map((sample) => sample.p99),
    idle.map((sample) => sample.p99),
  )
  const row = (name: string, samples: Sample[]) => [
    name,
    ...parts.map((part) => spread(figure(samples.map((sample) => sample[part])))),
    String(samples.reduce((sum, sample) => sum + sample.failed, 0)),
  ]
  return {
    title: 'A storm of sign-ins',
    text:
      `GET /user by ${readers} connections, in milliseconds, in an idle system and while ` +
      `${waiting} connections sign in by password. Median of the rounds, lowest and highest.`,
    tables: [
      {
        columns: ['GET /user', 'p50 ms', 'p95 ms', 'p99 ms', 'Failed'],
        rows: [row('idle', idle), row(`${waiting} sign-ins wait`, stormy)],
      },
    ],
    plots: [
      {
        name: 'storm',
        title: 'Latency of GET /user, idle and in the storm',
        svg: linePlot(
          'GET /user: latency while a hundred sign-ins wait, and idle',
          [...curve('idle', idle), ...curve(`${waiting} sign-ins wait`, stormy)],
          {
            x: { label: 'percentile', domain: [0, 100] },
            y: { label: 'milliseconds', type: 'log', tickFormat: ',' },
          },
        ),
      },
    ],
    goals: [
      {
        what: `p99 of GET /user while ${waiting} sign-ins wait, of idle`,
        wanted: 'at most 3 times',
        found: `${number(slower.median)} times`,
        met: slower.median <= 3,
      },
    ],
  }
}

/** The median over the rounds of each percentile. */
function curve(line: string, samples: Sample[]) {
  return (samples[0]?.curve ?? []).map((_, index, { length }) => ({
    x: (100 * (index + 1)) / length,
    y: figure(samples.map(({ curve }) => curve[index] ?? NaN)).median,
    line,
  }))
}
