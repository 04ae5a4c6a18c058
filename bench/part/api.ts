// The endpoints over HTTP, against the same SQL function called directly, against the naive way to
// call it, against bcrypt where a password is hashed, and against a peer: turn by turn.
//
// Exports: Way, Run, apiPart.

import { randomBytes } from 'node:crypto'
import { type Cpu, type CpuMeter, createCpuMeter } from '../cpu.ts'
import { startGateway, startWorker, type Target } from '../gateway.ts'
import type { Amount, Job } from '../load/jobs.ts'
import type { Sample } from '../load/sample.ts'
import { startSink } from '../mail_server.ts'
import { createNotes } from '../notes.ts'
import { openPeople, type People } from '../people.ts'
import type { Bench, Section } from '../section.ts'
import type { BenchDatabase } from '../server.ts'
import { type Member, password, type Workload } from '../workloads.ts'
import { sectionOf } from './api_section.ts'

const ways = ['HTTP', 'direct', 'naive', 'bcrypt', 'peer'] as const
export type Way = (typeof ways)[number]

/** One workload with so many connections: what each round gave, by way. */
export interface Run {
  workload: Workload
  connections: number
  samples: Map<Way, Sample[]>
  /** Of a call, in each round; empty where it can not be told. */
  cpu: Map<Way, Cpu[]>
}

interface Place {
  database: BenchDatabase
  ours: Target & { people: People }
  peer?: Target & { people: People }
  hash: string
  series: string
  /** Where all processes are on this machine. */
  meter?: CpuMeter | undefined
}

export async function apiPart(bench: Bench, chosen: Workload[]): Promise<Section> {
  const { options, server } = bench
  bench.progress('API: database and gateway')
  const closers: (() => Promise<unknown>)[] = []
  try {
    const database = await server.openDatabase()
    closers.push(() => database.close())
    const sink = await startSink()
    closers.push(() => sink.close())
    const gateway = await startGateway(database)
    closers.push(() => gateway.close())
    const [row] = await database.sql<{ hash: string }[]>`
      select auth_private.hash_password(${password}) as hash
    `
    const hash = row?.hash ?? ''
    const series = randomBytes(6).toString('hex')
    const ours = { ...gateway, people: openPeople(gateway, hash, series) }
    const pids = { gateway: gateway.pid, client: bench.loader.pid }
    const meter = server.local ? createCpuMeter(database, pids) : undefined
    const place: Place = { database, ours, hash, series, meter }
    if (options.peer) {
      const people = openPeople(options.peer, hash, series)
      place.peer = { ...options.peer, people }
      closers.push(() => people.remove())
    }

    await warmUp(bench, place, chosen)
    const runs: Run[] = []
    for (const workload of chosen) {
      if (workload.name === 'rows') {
        await createNotes(
          database.sql,
          await ours.people.sessions(Math.max(...options.connections)),
        )
      }
      const worker = workload.mails ? startWorker(database, sink.port) : undefined
      for (const connections of options.connections) {
        runs.push(await measure(bench, place, workload, connections))
      }
      await worker?.close()
    }
    return sectionOf(bench, runs)
  } finally {
    for (const close of closers.reverse()) await close()
  }
}

/** Some thousands of requests, before which the gateway's JavaScript is not compiled for speed. */
async function warmUp(bench: Bench, place: Place, chosen: Workload[]): Promise<void> {
  const { options, loader } = bench
  const connections = 16
  for (const workload of chosen) {
    if (workload.hashes || workload.mails || workload.ours || workload.pool === 'links') continue
    bench.progress(`${workload.title}, warming up the gateway`)
    await loader.run({
      kind: 'http',
      workload: workload.name,
      connections,
      amount: { seconds: options.warmUp },
      series: `${place.series}-warm`,
      ...addressOf(place.ours),
      pool: await poolOf(place.ours.people, workload, connections, 0, options.people),
    })
  }
}

/** One workload by every way in turn, round by round; round 0 only warms up. */
async function measure(
  bench: Bench,
  place: Place,
  workload: Workload,
  connections: number,
): Promise<Run> {
  const { options, loader } = bench
  const samples: Run['samples'] = new Map()
  const cpu: Run['cpu'] = new Map()
  // A round of hashes is long: at its end a core has nothing to do, which must not count for much.
  const rounds = workload.hashes ? Math.min(options.rounds, 3) : options.rounds
  for (let round = options.firstRound; round <= rounds; round++) {
    const count = round === 0 ? 'warm-up' : `round ${round} of ${rounds}`
    bench.progress(`${workload.title}, ${connections} connections, ${count}`)
    for (const way of ways) {
      const job = await jobOf(way, place, workload, connections, options, round)
      if (!job) continue
      const used = way === 'peer' ? undefined : await place.meter?.start()
      const sample = await loader.run(job)
      const spent = await used?.()
      if (round > 0) {
        samples.set(way, [...(samples.get(way) ?? []), sample])
        if (spent) cpu.set(way, [...(cpu.get(way) ?? []), each(spent, sample.done)])
      }
      // The backlog of one way would slow down the next.
      if (workload.mails) await place.database.sql`delete from auth_private.outbox`
    }
  }
  return { workload, connections, samples, cpu }
}

const each = ({ gateway, postgres, client }: Cpu, calls: number): Cpu => ({
  gateway: gateway / calls,
  postgres: postgres / calls,
  client: client / calls,
})

async function jobOf(
  way: Way,
  place: Place,
  workload: Workload,
  connections: number,
  options: Bench['options'],
  round: number,
): Promise<Job | undefined> {
  const amount = amountOf(workload, connections, options, round)
  const load = { connections, amount, series: `${place.series}-${way}-${round}-${connections}` }
  const named = { ...load, workload: workload.name }
  const calls = 'calls' in amount ? amount.calls : connections

  switch (way) {
    case 'HTTP': {
      const pool = await poolOf(place.ours.people, workload, connections, calls, options.people)
      return { kind: 'http', ...named, ...addressOf(place.ours), pool }
    }
    case 'direct':
    case 'naive': {
      if (way === 'naive' && workload.hashes) return undefined
      const pool = await poolOf(place.ours.people, workload, connections, calls, options.people)
      return { kind: 'sql', ...named, databaseUrl: place.database.gatewayUrl, pool, way }
    }
    case 'bcrypt':
      if (!workload.hashes) return undefined
      return { kind: 'bcrypt', ...load, databaseUrl: place.database.url, hash: place.hash }
    case 'peer': {
      if (!place.peer || workload.ours) return undefined
      const pool = await poolOf(place.peer.people, workload, connections, calls, options.people)
      return { kind: 'http', ...named, ...addressOf(place.peer), pool }
    }
  }
}

const addressOf = ({ url, anonKey, serviceKey }: Target) => ({ url, anonKey, serviceKey })

/** Hashes are few, and links are made before they are followed: those are counted, not timed. */
function amountOf(
  workload: Workload,
  connections: number,
  { seconds, hashes, links }: Bench['options'],
  round: number,
): Amount {
  const part = round === 0 ? 0.25 : 1
  if (workload.hashes) {
    // One connection has one core hash, the others all of them.
    const calls = connections === 1 ? hashes / 2 : hashes
    return { calls: Math.max(connections, Math.round(calls * part)) }
  }
  if (workload.pool === 'links') return { calls: Math.max(connections, Math.round(links * part)) }
  return { seconds: seconds * part }
}

async function poolOf(
  people: People,
  { pool }: Workload,
  connections: number,
  calls: number,
  most: number,
): Promise<Member[]> {
  switch (pool) {
    case 'none':
      return []
    case 'people':
      return people.people(most)
    case 'sessions':
      return people.sessions(connections)
    case 'links':
      return people.links(calls)
  }
}
