// What the program is shipped as: exact packages, and containers that may do little.

import * as fs from 'node:fs'
import t from 'tap'

const read = (file: string) => fs.readFileSync(file, 'utf8')

t.test('every package has one version, and the lock file has it, too', async (t) => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'))
  const { packages } = JSON.parse(read('package-lock.json'))
  const named = { ...dependencies, ...devDependencies } as Record<string, string>
  for (const [name, version] of Object.entries(named)) {
    t.match(version, /^(npm:[@\w/-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/, name)
    t.equal(packages[`node_modules/${name}`]?.version, version.replace(/^npm:.*@/, ''), name)
  }
  const unsealed = Object.entries(packages as Record<string, { integrity?: string }>).filter(
    ([path, { integrity }]) => path !== '' && !integrity,
  )
  t.same(unsealed, [], 'each has a checksum')
})

t.test('the image is built from the lock file, and runs as nobody special', async (t) => {
  const lines = read('Dockerfile').split('\n')
  t.ok(lines.some((line) => /^RUN npm ci .*--ignore-scripts/.test(line)))
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM')))
  t.same(
    last.filter((line) => line.startsWith('USER')),
    ['USER node'],
  )
  t.match(read('.dockerignore'), /^\.git$/m)
})

t.test('the parts can write nowhere and gain nothing', async (t) => {
  const compose = read('docker-compose.yml')
  const [, shared = ''] = /^x-pgtrue: &pgtrue\n((?: .*\n)+)/m.exec(compose) ?? []
  for (const line of [
    '  read_only: true',
    '  cap_drop: [ALL]',
    "  security_opt: ['no-new-privileges:true']",
    '  pids_limit: 200',
  ]) {
    t.ok(shared.split('\n').includes(line), line)
  }
  for (const part of ['migrate', 'gateway', 'worker']) {
    const [, own = ''] = new RegExp(`^  ${part}:\\n((?:    .*\\n)+)`, 'm').exec(compose) ?? []
    t.match(own, /^    <<: \*pgtrue\n/, part)
    t.notMatch(own, /privileged|volumes|read_only|cap_|security_opt|user:/, part)
  }
  const [, db = ''] = /^  db:\n((?:    .*\n)+)/m.exec(compose) ?? []
  t.match(db, /no-new-privileges:true/)
  t.notMatch(db, /ports/, 'the database is not open to the outside')
})
