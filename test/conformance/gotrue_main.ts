// `npm run test:gotrue -- FOLDER`: the conformance table against the real GoTrue, to see whether
// what it says of GoTrue is so. FOLDER is a clone of github.com/supabase/auth with its program
// `auth`, as `make build` leaves it.
//
// A case may end otherwise where one of its rules is in differences.ts, whatever it is that differs,
// or for a reason in unlike.ts. Anything else is a fault of the table, or of pgtrue, and is printed.

import { resolve } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import PQueue from 'p-queue'
import type { Case, Json } from './case.ts'
import { groups } from './cases/index.ts'
import { differences } from './differences.ts'
import { openGoTrue } from './gotrue.ts'
import { type Check, createRunner } from './run.ts'
import { unlike } from './unlike.ts'

const [folder] = process.argv.slice(2)
if (!folder) {
  console.error('npm run test:gotrue -- FOLDER, a clone of github.com/supabase/auth that is built')
  process.exit(1)
}

const closers: (() => unknown)[] = []
const only = process.env.CONFORMANCE
const found = { alike: 0, 'different on purpose': 0, 'not to be compared': 0, unexplained: 0 }
const used = new Set<string>()

try {
  const gotrue = await openGoTrue(
    { teardown: (close) => void closers.push(close) },
    resolve(folder),
  )
  const run = await createRunner(gotrue.stack)
  for (const { settings, cases } of groups) {
    const chosen = cases.filter(({ name, rules }) => !only || `${name} ${rules}`.includes(only))
    if (chosen.length === 0) continue
    const served = await gotrue.serve(settings)
    const queue = new PQueue({ concurrency: 4 })
    await Promise.all(chosen.map((row) => queue.add(async () => note(row, await run.case(row)))))
    await served.close()
  }
} finally {
  for (const close of closers.reverse()) await close()
}

const stale = Object.keys(unlike).filter((name) => !only && !used.has(name))
for (const name of stale) console.log(`unlike.ts: "${name}" is not unlike`)
console.log(
  Object.entries(found)
    .map(([what, count]) => `${count} ${what}`)
    .join(', '),
)
process.exit(found.unexplained + stale.length > 0 ? 1 : 0)

function note({ name, rules }: Case, checks: Check[]): void {
  const odd = checks.filter((check) => !isDeepStrictEqual(plain(check.found), plain(check.wanted)))
  if (odd.length === 0) return void found.alike++
  if (name in unlike) {
    used.add(name)
    return void found['not to be compared']++
  }
  if (odd.some(wantsPgtrue)) return void found['not to be compared']++
  if (rules.split(' ').some((rule) => rule in differences)) {
    return void found['different on purpose']++
  }
  found.unexplained++
  console.log(`${name} [${rules}]`)
  for (const { title, found, wanted } of odd) {
    console.log(
      `  ${title}\n    GoTrue: ${JSON.stringify(found)}\n    wanted: ${JSON.stringify(wanted)}`,
    )
  }
}

/** Whether a step asks for pgtrue's own functions or tables, or for an SMS. */
function wantsPgtrue({ title, found }: Check): boolean {
  return (
    /auth_private|auth\.configure/.test(title) ||
    /sms_send_failed|no SMS can be sent/.test(JSON.stringify(found))
  )
}

/** Without what is alike to any client: nanoseconds, and the link that Go adds to a redirect. */
function plain(value: unknown): Json {
  const text = JSON.stringify(value ?? null)
    .replace(/(\.\d{1,6})\d{0,3}Z"/g, (_, fraction: string) => `${fraction.replace(/0+$/, '')}Z"`)
    .replace(/"<a href=[^>]*>See Other<\/a>\.\\n\\n"/g, '""')
  return JSON.parse(text) as Json
}
