// The tap runner as a child process, and what became of each file.
//
// Exports: Outcome, runTap, testFiles.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, normalize } from 'node:path'
import { Parser, type Result } from 'tap-parser'

/** Of one file: counted in assertions; `failures` tells each that failed, and why. */
export interface Outcome {
  passed: number
  failed: number
  failures: string[]
  ok: boolean
}

/**
 * Runs these test files, showing tap's own report as it grows.
 *
 * @param options of tap, as --timeout=0
 * @param environment variables for the tests, beside those of this process
 * @param stopping stops tap early, when aborted
 * @returns what became of each file; one that did not run is not ok
 */
export async function runTap(
  files: string[],
  options: string[],
  environment: Record<string, string>,
  stopping: AbortSignal,
): Promise<Map<string, Outcome>> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'pgtrue-tap-'))
  const tapFile = join(folder, 'output.tap')
  // The pretty report moves the cursor, which only a terminal understands.
  const terminal = process.stdout.isTTY
  const reporter = terminal ? ['--reporter=base', `--output-file=${tapFile}`] : ['--reporter=tap']
  const tap = spawn(process.execPath, [tapProgram(), 'run', ...reporter, ...options, ...files], {
    env: { ...process.env, ...environment },
    stdio: ['inherit', terminal ? 'inherit' : 'pipe', 'inherit'],
  })
  const stop = () => tap.kill('SIGTERM')
  stopping.addEventListener('abort', stop)

  const { parser, outcomes } = follow(files)
  const complete = once(parser, 'complete')
  tap.stdout?.pipe(process.stdout, { end: false })
  tap.stdout?.pipe(parser)
  const [status] = await once(tap, 'close')
  if (terminal) parser.end(fs.existsSync(tapFile) ? fs.readFileSync(tapFile) : '')
  await complete

  // What is wrong with the run, and with none of its files.
  if (status !== 0 && [...outcomes.values()].every(({ ok }) => ok)) {
    const failures = [`tap ended with ${status}`]
    outcomes.set('tap', { passed: 0, failed: 0, failures, ok: false })
  }
  stopping.removeEventListener('abort', stop)
  fs.rmSync(folder, { recursive: true })
  return outcomes
}

/** These files and those of these folders, or all there are. */
export function testFiles(asked: string[]): string[] {
  return (asked.length > 0 ? asked : ['test'])
    .map(normalize)
    .flatMap((path) => {
      if (!fs.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [path]
      return fs
        .readdirSync(path, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.test.ts'))
        .map((file) => join(path, file))
    })
    .sort()
}

function tapProgram(): string {
  const require = createRequire(import.meta.url)
  const packageFile = require.resolve('tap/package.json')
  return join(dirname(packageFile), require(packageFile).bin.tap)
}

function follow(files: string[]) {
  const outcomes = new Map<string, Outcome>()
  for (const file of files) {
    outcomes.set(file, { passed: 0, failed: 0, failures: [`not run: ${file}`], ok: false })
  }
  const parser = new Parser()
  const outcomeOf = (name: string) => outcomes.get(name.split(' > ')[0] ?? '')
  parser.on('pass', ({ fullname }: Result) => {
    const outcome = outcomeOf(fullname)
    if (outcome) outcome.passed++
  })
  parser.on('fail', (result: Result) => {
    const outcome = outcomeOf(result.fullname)
    outcome?.failures.push(tell(result))
    if (outcome) outcome.failed++
  })
  // Of the file as a whole: it can also fail by its time limit, or by its exit status.
  parser.on('assert', (result) => {
    const outcome = outcomeOf(result.fullname)
    if (!outcome) return
    outcome.ok = result.ok
    outcome.failures.shift()
    if (!result.ok) outcome.failures.push(tell(result))
  })
  return { parser, outcomes }
}

function tell({ fullname, diag }: Result): string {
  return `not ok: ${fullname}${diag ? ` ${JSON.stringify(diag, null, 2)}` : ''}`
}
