// The bench runs and reports. How fast things are is not for a test to say.

import { spawn } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'

t.setTimeout(300_000)

const out = fs.mkdtempSync(join(tmpdir(), 'pgtrue-bench-test-'))
t.teardown(() => fs.rmSync(out, { recursive: true }))

async function bench(...args: string[]): Promise<{ code: number | null; output: string }> {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, ['--import', 'tsx', 'bench/main.ts', ...args], {
    env: { PATH, HOME, TMPDIR: out },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text))
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, output }
}

t.test('measures what it is asked for, and writes a report with plots', async (t) => {
  const report = join(out, 'report')
  const options = ['--quick', '--rounds', '1', '--connections', '2', '--rows', '1000']
  const { code, output } = await bench('refresh', 'rls', ...options, '--out', report)
  t.equal(code, 0, output)

  const text = fs.readFileSync(join(report, 'report.md'), 'utf8')
  for (const heading of ['# How fast', '## The API over HTTP', '## Row-level security']) {
    t.ok(text.includes(`${heading}\n`), heading)
  }
  const cells = /^\| Refresh a session \|(.*)\|$/m.exec(text)?.[1]?.split('|') ?? []
  const [connections, rate, , , direct, , , , failed] = cells.map((cell) => cell.trim())
  t.equal(connections, '2')
  t.ok(parseFloat(rate ?? '') > 0, 'refreshes came over HTTP')
  t.ok(parseFloat(direct ?? '') > 0, 'and by the direct call')
  t.equal(failed, '0')
  if (fs.existsSync('/proc/self/schedstat')) {
    const cpu = (way: string) =>
      (new RegExp(`^\\| Refresh a session \\| 2 \\| ${way} \\|(.*)\\|$`, 'm').exec(text)?.[1] ?? '')
        .split('|')
        .map((cell) => Number(cell.replace(',', '')))
    const [gateway = NaN, postgres = NaN, client = NaN, all = NaN] = cpu('HTTP')
    t.ok(gateway > 0 && postgres > 0 && client > 0, 'and used the CPU everywhere')
    t.ok(all > Math.max(gateway, postgres, client), 'the sum of which is told')
    t.ok((cpu('direct')[1] ?? 0) > 0, 'a direct call does so in Postgres')
  }

  t.same(fs.readdirSync(report).sort(), ['api.svg', 'report.md', 'rls.svg'])
  for (const plot of ['api.svg', 'rls.svg']) {
    const svg = fs.readFileSync(join(report, plot), 'utf8')
    t.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg"[^]*<circle[^]*<\/svg>\n$/)
    t.notMatch(svg, /NaN|undefined/)
  }
  const left = fs.readdirSync(out).filter((name) => name.startsWith('pgtrue-'))
  t.same(left, [], 'nothing of the database is left')
})

t.test('says what is wrong with what it is asked', async (t) => {
  const { code, output } = await bench('nonsense', '--rounds', '0', '--peer', 'http://localhost')
  t.equal(code, 2)
  t.match(output, /^nonsense: none of refresh, user/m)
  t.match(output, /^--rounds: 0 is not what it takes$/m)
  t.match(output, /^--peer-key: the peer’s service_role key$/m)

  const file = join(out, 'file')
  fs.writeFileSync(file, 'kept')
  const early = await bench('refresh', '--out', file)
  t.equal(early.code, 2, 'a folder that can not be is told before anything is measured')
  t.match(early.output, /^--out: EEXIST/m)
  t.equal(fs.readFileSync(file, 'utf8'), 'kept')
})
