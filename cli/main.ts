// `npx pgtrue lint`: what is wrong with an application's policies, for people and for CI.
//
// Exit status: 0 nothing to mend, 1 findings, 2 it could not look.

import { parseArgs } from 'node:util'
import postgres from 'postgres'
import { countOf, type Finding, report } from './lint.ts'

const usage = `Usage: DATABASE_URL=postgres://owner:password@host/database npx pgtrue lint [--strict]

Finds tables without row-level security, policies that are slow or believe the wrong thing, and
functions that anybody can call; says for each why, and the statement that mends it.

  --strict   warnings count too: exit status 1 for them as for errors
  --json     the findings as JSON`

process.exitCode = await main(process.argv.slice(2)).catch((error: Error) => {
  console.error(error.message)
  return 2
})

async function main(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { strict: { type: 'boolean' }, json: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  if (positionals.join(' ') !== 'lint') throw new Error(usage)

  const url = process.env.DATABASE_URL
  if (!url || !URL.canParse(url)) throw new Error(`DATABASE_URL is missing or no URL.\n\n${usage}`)
  const findings = await lint(url)
  console.log(values.json ? JSON.stringify(findings, null, 2) : report(findings))
  const counted = values.strict ? findings.length : countOf(findings, 'error')
  return counted > 0 ? 1 : 0
}

async function lint(url: string): Promise<Finding[]> {
  const sql = postgres(url, { max: 1, connect_timeout: 10, onnotice: () => {} })
  try {
    const found = await sql<Finding[]>`
      select severity, rule, object, why, remedy from auth.lint()
    `
    return [...found]
  } catch (error) {
    throw new Error(`can not look into the database: ${(error as Error).message}`)
  } finally {
    await sql.end({ timeout: 1 })
  }
}
