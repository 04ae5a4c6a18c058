// npm run test:mutants: takes each security property away, in a copy of this folder, and sees its
// test fail. A test that passes without its property tests nothing.
//
//   npm run test:mutants              all of them, about 20 s each
//   npm run test:mutants -- S-07      these

import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mutants } from './mutant_table.ts'

const asked = process.argv.slice(2)
const root = fs.mkdtempSync(join(tmpdir(), 'pgtrue-mutant-'))
const left = new Set(['node_modules', '.git', '.pgtrue', '.tap'])
fs.cpSync('.', root, {
  recursive: true,
  verbatimSymlinks: true,
  filter: (path) => !left.has(path.split('/')[0] as string),
})
fs.symlinkSync(join(process.cwd(), 'node_modules'), join(root, 'node_modules'))
// The code is made anew at each migration, whatever has been committed of it.
const current = join(root, 'migrations/current.sql')
if (!/^--! include index\.sql$/m.test(fs.readFileSync(current, 'utf8'))) {
  fs.appendFileSync(current, '\n--! include index.sql\n')
}

let survived = 0
for (const { number, test, file, from, to } of mutants) {
  if (asked.length > 0 && !asked.includes(number)) continue
  const path = join(root, file)
  const sound = fs.readFileSync(path, 'utf8')
  if (!sound.includes(from)) throw new Error(`${number}: ${file} no longer says: ${from}`)
  fs.writeFileSync(
    path,
    sound.replace(from, () => to),
  )
  const run = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'test/support/main.ts', `test/security/${test}.test.ts`],
    { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 28 },
  )
  fs.writeFileSync(path, sound)
  // A failed assertion, not a program that does not start.
  const failed = /^ +not ok \d+ - (?!test\/)(.*)/m.exec(run.stdout)?.[1]
  if (failed === undefined) survived++
  console.log(
    `${number} ${failed === undefined ? 'SURVIVED' : `killed by: ${failed.slice(0, 90)}`}`,
  )
}
fs.rmSync(root, { recursive: true })
console.log(`${survived} survived`)
process.exitCode = survived === 0 ? 0 : 1
