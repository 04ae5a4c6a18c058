// Whether a call costs the same however many users there are: databases of several sizes, asked in
// turn. The outbox has a row parked for every user up to 100,000.
//
// Exports: growth.

import { randomBytes } from 'node:crypto'
import { figure, number, percent, ratio, spread } from '../figures.ts'
import { type Gateway, startGateway } from '../gateway.ts'
import { rateOf } from '../load/sample.ts'
import { openPeople, type People } from '../people.ts'
import { linePlot } from '../report/plots.ts'
import type { Bench, Part, Section } from '../section.ts'
import type { BenchDatabase } from '../server.ts'
import { type Member, password, type Workload, workload } from '../workloads.ts'
import { sample, seed } from './growth_seed.ts'

const connections = 4
const asked = ['refresh', 'user', 'signin', 'magiclink', 'verify', 'admin_list']
const limit = 1.2

interface Size {
  users: number
  database: BenchDatabase
  gateway: Gateway
  people: People
}

interface Found {
  title: string
  /** Milliseconds of a call in each round, by size. */
  costs: number[][]
}

export const growth: Part = {
  name: 'growth',
  about: 'the cost of a call with 1,000 to 1,000,000 users',
  async run(bench) {
    const sizes: Size[] = []
    let seeding = ''
    try {
      for (const users of bench.options.sizes) {
        const began = performance.now()
        sizes.push(await open(bench, users))
        const seconds = number((performance.now() - began) / 1000)
        seeding = `${users.toLocaleString('en-US')} users with five sessions each were made in ${seconds} s.`
      }
      const found: Found[] = []
      for (const name of asked) found.push(await measure(bench, sizes, workload(name)))
      found.push(await measureOutbox(bench, sizes))
      return sectionOf(bench, found, seeding)
    } finally {
      for (const { gateway, database } of sizes) {
        await gateway.close()
        await database.close()
      }
    }
  },
}

async function open({ server, progress }: Bench, users: number): Promise<Size> {
  const size = users.toLocaleString('en-US')
  const database = await server.openDatabase()
  const [row] = await database.sql<{ hash: string }[]>`
    select auth_private.hash_password(${password}) as hash
  `
  const hash = row?.hash ?? ''
  await seed(database, users, hash, (done) => {
    progress(`Growth: ${done.toLocaleString('en-US')} of ${size} users made`)
  })
  await database.sql`
    insert into auth_private.outbox (kind, recipient, attempts, last_error, parked_at)
    select 'magic_link', 'parked-' || n || '@example.com', 30, 'no such address', now()
    from generate_series(1, ${Math.min(users, 100_000)}::integer) n
  `
  await database.sql`vacuum analyze auth_private.outbox`
  const gateway = await startGateway(database)
  const people = openPeople(gateway, hash, randomBytes(6).toString('hex'))
  return { users, database, gateway, people }
}

/** A call in turn at every size, by 4 connections; who asks comes from all over the table. */
async function measure(
  { options, loader, progress }: Bench,
  sizes: Size[],
  { name, title, hashes, pool: kind }: Workload,
): Promise<Found> {
  const costs = sizes.map((): number[] => [])
  const pools = await Promise.all(
    sizes.map(({ database, users }) => sample(database, users, options.quick ? 50 : 2000)),
  )
  for (let round = options.firstRound; round <= options.rounds; round++) {
    progress(`Growth: ${title}, round ${round} of ${options.rounds}`)
    for (const [index, size] of sizes.entries()) {
      const { url, anonKey, serviceKey } = size.gateway
      const links: Member[] = kind === 'links' ? await size.people.links(options.links / 3) : []
      const sampled = await loader.run({
        kind: 'http',
        url,
        anonKey,
        serviceKey,
        series: randomBytes(6).toString('hex'),
        workload: name,
        connections,
        // A refresh token is good for one refresh, so a pool of them is read anew.
        pool: kind === 'links' ? links : await fresh(size, pools[index] ?? [], name),
        amount: hashes
          ? { calls: Math.max(connections, Math.ceil(options.hashes / 2)) }
          : kind === 'links'
            ? { calls: links.length }
            : { seconds: options.seconds },
      })
      if (sampled.fault) throw new Error(`${title} at ${size.users} users: ${sampled.fault}`)
      if (round > 0) costs[index]?.push((1000 * connections) / rateOf(sampled))
    }
  }
  return { title, costs }
}

async function fresh(size: Size, pool: Member[], name: string): Promise<Member[]> {
  return name === 'refresh' ? sample(size.database, size.users, pool.length) : pool
}

/** A mail queued, claimed and settled, as the worker does it, beside the parked ones. */
async function measureOutbox({ options, progress }: Bench, sizes: Size[]): Promise<Found> {
  const costs = sizes.map((): number[] => [])
  const mails = options.quick ? 10 : 300
  for (let round = options.firstRound; round <= options.rounds; round++) {
    progress(`Growth: the outbox, round ${round} of ${options.rounds}`)
    for (const [index, { database }] of sizes.entries()) {
      const began = performance.now()
      await database.sql.begin(async (sql) => {
        for (let mail = 0; mail < mails; mail++) {
          await sql`insert into auth_private.outbox (kind, recipient) values ('magic_link', 'a@b.c')`
          await sql`
            select auth_private.settle_mail(c.id, c.attempt)
            from auth_private.claim_mail(1, interval '1 minute') c
          `
        }
      })
      if (round > 0) costs[index]?.push((performance.now() - began) / mails)
    }
  }
  return { title: 'Queue, claim and settle a mail', costs }
}

function sectionOf({ options }: Bench, found: Found[], seeding: string): Section {
  const { sizes } = options
  const smallest = sizes[0] ?? 0
  const growths = found.map(({ title, costs }) => ({
    title,
    costs,
    factors: costs.map((cost) => ratio(cost, costs[0] ?? [])),
  }))
  return {
    title: 'Growth',
    text:
      `Milliseconds a call keeps one of ${connections} connections busy, by the number of users, ` +
      `median of the rounds. ${seeding} A mail is parked in the outbox for each user up to 100,000.`,
    tables: [
      {
        columns: [
          'Call',
          ...sizes.map((users) => `${users.toLocaleString('en-US')} users`),
          `of ${smallest.toLocaleString('en-US')}`,
        ],
        rows: growths.map(({ title, costs, factors }) => [
          title,
          ...costs.map((cost) => spread(figure(cost))),
          percent(factors.at(-1)?.median ?? NaN),
        ]),
      },
    ],
    plots: [
      {
        name: 'growth',
        title: 'Cost of a call by the number of users',
        svg: linePlot(
          `Cost of a call by number of users, of its cost with ${smallest.toLocaleString('en-US')}`,
          growths.flatMap(({ title, factors }) =>
            factors.map(({ median }, index) => ({ x: sizes[index] ?? 0, y: median, line: title })),
          ),
          {
            x: { label: 'users (logarithmic)', type: 'log', tickFormat: ',', ticks: sizes },
            y: { label: 'times the cost', domain: [0, highest(growths)], zero: true },
          },
        ),
      },
    ],
    goals: growths.map(({ title, factors }) => {
      const last = factors.at(-1)?.median ?? NaN
      return {
        what: `${title}: cost with the most users, of that with the fewest`,
        wanted: `at most ${limit} times`,
        found: `${number(last)} times`,
        met: last <= limit,
      }
    }),
  }
}

const highest = (growths: { factors: { median: number }[] }[]): number =>
  Math.max(2, ...growths.flatMap(({ factors }) => factors.map(({ median }) => median * 1.05)))
