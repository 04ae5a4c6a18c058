// The tap runner as a child process, and what it counted.
//
// Exports `runTap`.

import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { Parser, type Result } from 'tap-parser'

/** Counted in assertions; `failures` tells each that failed, with its test and why. */
export type Verdict = { passed: number; failed: number; failures: string[]; ok: boolean }

/**
 * Runs these test files, or all of them, showing tap's own report as it grows.
 *
 * @param environment variables for the tests, beside those of this process
 * @param stopping stops tap early, when aborted
 * @returns how many assertions passed and failed, and which; `ok` only if tap says so and some ran
 */
export async function runTap(
  files: string[],
  environment: Record<string, string>,
  stopping: AbortSignal,
): Promise<Verdict> {
  const folder = fs.mkdtempSync(join(tmpdir(), 'pgtrue-tap-'))
  const tapFile = join(folder, 'output.tap')
  // The pretty report moves the cursor, which only a terminal understands.
  const reporter = process.stdout.isTTY
    ? ['--reporter=base', `--output-file=${tapFile}`]
    : ['--reporter=tap']
  const tap = spawn(
    process.execPath,
    [tapProgram(), 'run', ...reporter, ...(files.length > 0 ? files : testFiles())],
    {
      env: { ...process.env, ...environment },
      stdio: ['inherit', process.stdout.isTTY ? 'inherit' : 'pipe', 'inherit'],
    },
  )
  if (tap.stdout) {
    tap.stdout.pipe(process.stdout, { end: false })
    tap.stdout.pipe(fs.createWriteStream(tapFile))
  }
  stopping.addEventListener('abort', () => tap.kill('SIGTERM'))
  const status = await new Promise((resolve) => tap.once('close', resolve))

  const counted = count(fs.existsSync(tapFile) ? fs.readFileSync(tapFile, 'utf8') : '')
  fs.rmSync(folder, { recursive: true })
  return { ...counted, ok: status === 0 && counted.failed === 0 && counted.passed > 0 }
}

function tapProgram(): string {
  const require = createRequire(import.meta.url)
  const packageFile = require.resolve('tap/package.json')
  return join(dirname(packageFile), require(packageFile).bin.tap)
}

function testFiles(): string[] {
  return fs
    .readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test', file))
    .sort()
}

function count(tap: string): Omit<Verdict, 'ok'> {
  const counted = { passed: 0, failed: 0 }
  const failures = new Set<string>()
  const parser = new Parser()
  parser.on('pass', () => counted.passed++)
  parser.on('fail', (result: Result) => {
    counted.failed++
    failures.add(tell(result))
  })
  // A file can fail without an assertion that does: by its time limit, or by its exit status.
  parser.on('assert', (file) => {
    if (!file.ok) failures.add(tell(file))
  })
  parser.end(tap)
  return { ...counted, failures: [...failures] }
}

function tell({ fullname, diag }: Result): string {
  return `not ok: ${fullname}${diag ? ` ${JSON.stringify(diag, null, 2)}` : ''}`
}
