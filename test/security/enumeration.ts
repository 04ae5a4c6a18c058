// npm run enumeration: whether the time of an answer tells who has an account. Pairs of requests,
// one about a known and one about an unknown address, in random order, and two samples compared.
//
//   npm run enumeration               300 pairs for each endpoint
//   npm run enumeration -- 50         so many
//
// Two-sided Mann-Whitney test of the two samples, with ties, by its normal approximation. A
// difference counts if p < 0.01 after Holm's correction over all endpoints AND the probability of
// telling the two apart by one answer is more than 0.60 (0.5 is a coin; the common-language effect
// size). To be run on a machine that does nothing else.

import { randomInt } from 'node:crypto'
import type { Sql } from 'postgres'
import { openStack, type Stack } from '../support/stack.ts'

const pairs = Number(process.argv[2] ?? 300)
const password = 'correct horse battery'
const closing: (() => unknown)[] = []
const t = { teardown: (close: () => unknown) => void closing.unshift(close) }

type Endpoint = {
  name: string
  path: string
  body: (email: string) => object
  /** Asks for answers that make a new user where there is none, so each address serves once. */
  unconfirmed?: boolean
}
const endpoints: Endpoint[] = [
  {
    name: 'sign-in',
    path: '/token?grant_type=password',
    body: (email) => ({ email, password: 'wrong' }),
  },
  { name: 'sign-up', path: '/signup', body: (email) => ({ email, password }) },
  { name: 'OTP', path: '/otp', body: (email) => ({ email }) },
  { name: 'magic link', path: '/magiclink', body: (email) => ({ email }) },
  { name: 'recover', path: '/recover', body: (email) => ({ email }) },
  {
    name: 'resend',
    path: '/resend',
    body: (email) => ({ type: 'signup', email }),
    unconfirmed: true,
  },
]

const stack = await openStack(t as never)
try {
  const rows = []
  for (const endpoint of endpoints)
    rows.push({ name: endpoint.name, ...(await compare(stack, endpoint)) })
  report(rows)
} finally {
  for (const close of closing) await close()
}

/** Samples in milliseconds. */
async function compare(stack: Stack, { name, path, body, unconfirmed }: Endpoint) {
  const slug = name.replaceAll(/\W/g, '')
  const known = (n: number) => `known${n}.${slug}@example.com`
  const unknown = (n: number) => `other${n}.${slug}@example.com`
  await makeUsers(stack.sql, known, unconfirmed ?? false)
  const ask = async (email: string) => {
    const init = { method: 'POST', body: JSON.stringify(body(email)) }
    const began = performance.now()
    const response = await fetch(stack.api + path, init)
    const text = await response.text()
    return { time: performance.now() - began, status: response.status, text }
  }
  const samples = { known: [] as number[], unknown: [] as number[] }
  const statuses = { known: new Set<number>(), unknown: new Set<number>() }
  for (let n = 0; n < pairs; n++) {
    const order = randomInt(2) ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    for (const arm of order) {
      const { time, status } = await ask(arm === 'known' ? known(n) : unknown(n))
      samples[arm].push(time)
      statuses[arm].add(status)
    }
  }
  return { ...samples, statuses: `${[...statuses.known]} / ${[...statuses.unknown]}` }
}

async function makeUsers(sql: Sql, email: (n: number) => string, unconfirmed: boolean) {
  const emails = Array.from({ length: pairs }, (_, n) => email(n)).join(' ')
  // One hash for all, and nothing mailed: only the request that is measured shall do anything.
  await sql`
    select auth_private.insert_user(gen_random_uuid(), null, null, e, null, h.hash, '{}')
    from string_to_table(${emails}, ' ') e,
      (select auth_private.hash_password(${password}) as hash) h
  `
  if (!unconfirmed) {
    await sql`update auth.users set email_confirmed_at = now() where email = any (string_to_array(${emails}, ' '))`
  }
  await sql`analyze`
}

type Row = { name: string; known: number[]; unknown: number[]; statuses: string }

function report(rows: Row[]): void {
  const tests = rows.map((row) => ({ ...row, ...mannWhitney(row.known, row.unknown) }))
  const order = [...tests].sort((a, b) => a.p - b.p)
  const holm = new Map<string, number>()
  let largest = 0
  for (const [n, test] of order.entries()) {
    largest = Math.max(largest, Math.min(1, test.p * (order.length - n)))
    holm.set(test.name, largest)
  }
  console.log(
    `${pairs} pairs each; milliseconds; p after Holm's correction; chance to tell by one answer\n`,
  )
  console.log('endpoint      known median  unknown median   p        chance  statuses     verdict')
  let told = 0
  for (const { name, known, unknown, effect, statuses } of tests) {
    const p = holm.get(name) as number
    const tells = p < 0.01 && effect > 0.6
    told += Number(tells)
    console.log(
      name.padEnd(14) +
        median(known).toFixed(2).padStart(12) +
        median(unknown).toFixed(2).padStart(16) +
        p.toFixed(4).padStart(10) +
        effect.toFixed(3).padStart(8) +
        `  ${statuses.padEnd(12)} ${tells ? 'TELLS' : 'alike'}`,
    )
  }
  process.exitCode = told === 0 ? 0 : 1
}

function median(sample: number[]): number {
  return [...sample].sort((a, b) => a - b)[Math.floor(sample.length / 2)] as number
}

/** p, two-sided, and the probability that one value of each is told apart: U/nm or 1 - U/nm. */
function mannWhitney(a: number[], b: number[]): { p: number; effect: number } {
  const all = [
    ...a.map((value) => ({ value, a: true })),
    ...b.map((value) => ({ value, a: false })),
  ]
  all.sort((x, y) => x.value - y.value)
  let ranks = 0
  let ties = 0
  for (let start = 0; start < all.length;) {
    let end = start
    while (end < all.length && all[end]?.value === all[start]?.value) end++
    const rank = (start + 1 + end) / 2
    ranks += rank * all.slice(start, end).filter((one) => one.a).length
    ties += (end - start) ** 3 - (end - start)
    start = end
  }
  const [n, m] = [a.length, b.length]
  const u = ranks - (n * (n + 1)) / 2
  const variance = ((n * m) / 12) * (n + m + 1 - ties / ((n + m) * (n + m - 1)))
  const z = Math.max(0, Math.abs(u - (n * m) / 2) - 0.5) / Math.sqrt(variance)
  const share = u / (n * m)
  return { p: 2 * upperTail(z), effect: Math.max(share, 1 - share) }
}

/** Of the normal distribution (Abramowitz and Stegun, 26.2.17: off by less than 1e-7). */
function upperTail(z: number): number {
  const s = 1 / (1 + 0.2316419 * z)
  const polynomial =
    s * (0.31938153 + s * (-0.356563782 + s * (1.781477937 + s * (-1.821255978 + s * 1.330274429))))
  return (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * polynomial
}
