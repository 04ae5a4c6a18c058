// Mail: from a commit to DATA at the mail server, how many a second, and what NOTIFY costs.
//
// Exports: mail.

import { setTimeout as wait } from 'node:timers/promises'
import { figure, type Figure, number, percent, ratio, spread } from '../figures.ts'
import { startWorker } from '../gateway.ts'
import { percentile, rateOf } from '../load/sample.ts'
import { type Sink, startSink } from '../mail_server.ts'
import { barPlot } from '../report/plots.ts'
import type { Bench, Part, Section } from '../section.ts'
import type { BenchDatabase } from '../server.ts'
import { commitRate } from './mail_commits.ts'

interface Found {
  /** Milliseconds of each mail, sorted. */
  latencies: number[]
  /** Mails a second, by number of workers. */
  one: number[]
  two: number[]
  /** The same by nodemailer alone, in one process, out of no outbox. */
  alone: number[]
  /** Commits that queue a mail, a second. */
  notifying: number[]
  silent: number[]
}

export const mail: Part = {
  name: 'mail',
  about: 'from commit to SMTP, mails a second, the cost of NOTIFY',
  async run(bench) {
    bench.progress('Mail: database and mail server')
    const database = await bench.server.openDatabase()
    const sink = await startSink()
    try {
      const found: Found = { latencies: [], one: [], two: [], alone: [], notifying: [], silent: [] }
      found.latencies = await latencies(bench, database, sink)
      for (let round = 1; round <= bench.options.rounds; round++) {
        bench.progress(`Mails a second, round ${round} of ${bench.options.rounds}`)
        found.one.push(await sendingRate(bench, database, sink, 1))
        found.two.push(await sendingRate(bench, database, sink, 2))
        found.alone.push(
          rateOf(
            await bench.loader.run({
              kind: 'smtp',
              port: sink.port,
              connections: 5,
              amount: { calls: bench.options.mails },
            }),
          ),
        )
      }
      for (let round = bench.options.firstRound; round <= bench.options.rounds; round++) {
        bench.progress(`Commits with and without NOTIFY, round ${round} of ${bench.options.rounds}`)
        const [silent, notifying] = [
          await commitRate(bench, database, sink.port, false),
          await commitRate(bench, database, sink.port, true),
        ]
        if (round === 0) continue
        found.silent.push(silent)
        found.notifying.push(notifying)
      }
      return sectionOf(found)
    } finally {
      await sink.close()
      await database.close()
    }
  },
}

/** One mail after the other, each asked for when the last has come. */
async function latencies(bench: Bench, database: BenchDatabase, sink: Sink): Promise<number[]> {
  const worker = startWorker(database, sink.port)
  const list: number[] = []
  try {
    const count = bench.options.quick ? 20 : 300
    // The first mails also wait for the worker to start and to connect.
    for (let turn = -5; turn < count; turn++) {
      if (turn % 20 === 0) bench.progress(`Mail: from commit to DATA, ${turn} of ${count}`)
      const email = `mail-${turn}@example.com`
      const came = new Promise<bigint>((resolve) => {
        sink.mails.once('mail', (_, at) => resolve(at))
      })
      await database.sql`select auth.magiclink(email => ${email})`
      const committed = process.hrtime.bigint()
      const taken = Number((await came) - committed) / 1e6
      if (turn >= 0) list.push(taken)
      await until(async () => {
        const [row] = await database.sql`select from auth_private.outbox limit 1`
        return row === undefined
      })
    }
    return list.sort((a, b) => a - b)
  } finally {
    await worker.close()
  }
}

/** Workers with a full outbox, from the first tenth of the mails to the last. */
async function sendingRate(
  bench: Bench,
  database: BenchDatabase,
  sink: Sink,
  count: number,
): Promise<number> {
  const { mails } = bench.options
  await queue(database, mails)
  const times: bigint[] = []
  const note = (_: string, at: bigint) => times.push(at)
  sink.mails.on('mail', note)
  const workers = Array.from({ length: count }, () => startWorker(database, sink.port))
  try {
    await until(() => times.length >= mails)
    // Without the first: by then all workers are up, and know how mails are made.
    const first = times[Math.floor(mails / 10)] ?? 0n
    const last = times[mails - 1] ?? 0n
    return ((mails - 1 - Math.floor(mails / 10)) * 1e9) / Number(last - first)
  } finally {
    sink.mails.off('mail', note)
    await Promise.all(workers.map((worker) => worker.close()))
  }
}

/** Magic links, as auth.magiclink would queue them. */
async function queue({ sql }: BenchDatabase, count: number): Promise<void> {
  await sql`
    insert into auth_private.outbox (kind, recipient, variables)
    select 'magic_link', 'queued-' || n || '@example.com', jsonb_build_object(
      'SiteURL', 'http://localhost:3000', 'Email', 'queued-' || n || '@example.com', 'Data', '{}',
      'Token', '123456', 'TokenHash', encode(sha256(n::text::bytea), 'hex'), 'RedirectTo', '',
      'ConfirmationURL', 'http://localhost:9999/verify?type=magiclink&token=' || n)
    from generate_series(1, ${count}) n
  `
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 120_000
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error('the mails did not come in two minutes')
    await wait(2)
  }
}

function sectionOf({ latencies, one, two, alone, notifying, silent }: Found): Section {
  const p = (part: number) => percentile(latencies, part)
  const waits: Figure = { median: p(0.5), low: p(0.05), high: p(0.95) }
  const cost = ratio(notifying, silent)
  const rows: [string, Figure, string][] = [
    ['mails a second, one worker', figure(one), spread(figure(one))],
    ['mails a second, two workers', figure(two), spread(figure(two))],
    ['mails a second, nodemailer alone', figure(alone), spread(figure(alone))],
    ['commits a second, with NOTIFY', figure(notifying), spread(figure(notifying))],
    ['commits a second, without', figure(silent), spread(figure(silent))],
  ]
  return {
    title: 'Mail',
    text:
      'From the commit of auth.magiclink, as its client hears of it, to DATA at a local mail ' +
      'server, one mail at a time; mails a second out of a full outbox, and by the same library in a process that ' +
      'does nothing else; and commits that queue a ' +
      'mail, on 16 connections, with the trigger that notifies the worker and without it, while a ' +
      'worker sends.',
    tables: [
      {
        columns: ['From commit to DATA', 'p50 ms', 'p95 ms', 'p99 ms'],
        rows: [[`${latencies.length} mails`, number(p(0.5)), number(p(0.95)), number(p(0.99))]],
      },
      {
        columns: ['Rate', 'a second'],
        rows: [
          ...rows.map(([name, , text]) => [name, text]),
          ['one worker, of nodemailer alone', percent(ratio(one, alone).median)],
          ['commits with NOTIFY, of those without', percent(cost.median)],
        ],
      },
    ],
    plots: [
      {
        name: 'mail',
        title: 'Mails and commits a second',
        svg: barPlot(
          'Mails a second, and commits that queue one',
          rows.map(([bar, values]) => ({ bar, ...values, label: number(values.median) })),
          { label: 'a second' },
        ),
      },
    ],
    goals: [
      {
        what: 'From commit to DATA, p50',
        wanted: 'under 10 ms',
        found: `${number(waits.median)} ms`,
        met: waits.median < 10,
      },
      {
        what: 'Mails a second with two workers',
        wanted: 'at least 1,000',
        found: number(figure(two).median),
        met: figure(two).median >= 1000,
      },
      {
        what: 'Commits that notify, of those that do not',
        wanted: 'the same within the spread',
        found: percent(cost.median),
        met: figure(notifying).high >= figure(silent).low,
      },
    ],
  }
}
