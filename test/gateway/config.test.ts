// What the gateway makes of the environment.

import { spawnSync } from 'node:child_process'
import t from 'tap'
import { gatewayFromEnvironment } from '../../gateway/config.ts'

const url = 'postgres://authenticator:secret@db:5432/postgres'

t.test('a login is enough; the rest has defaults', async (t) => {
  t.same(gatewayFromEnvironment({ DATABASE_URL: url, PORT: '', LOG_LEVEL: '' }), {
    databaseUrl: url,
    port: 9999,
    host: '0.0.0.0',
    poolSize: 10,
    logLevel: 'info',
    sites: {},
  })
})

t.test('reads GoTrue’s names too, and its own first', async (t) => {
  const gotrue = {
    GATEWAY_DATABASE_URL: url,
    DATABASE_URL: 'postgres://owner@db/postgres',
    GOTRUE_API_HOST: '::1',
    GOTRUE_API_PORT: '8081',
    GOTRUE_DB_MAX_POOL_SIZE: '4',
    GOTRUE_LOG_LEVEL: 'warning',
  }
  t.same(gatewayFromEnvironment(gotrue), {
    databaseUrl: url,
    port: 8081,
    host: '::1',
    poolSize: 4,
    logLevel: 'warn',
    sites: {},
  })
  t.match(gatewayFromEnvironment({ ...gotrue, PORT: '80', LOG_LEVEL: 'debug' }), {
    port: 80,
    logLevel: 'debug',
  })
  t.match(gatewayFromEnvironment({ DATABASE_URL: url, GOTRUE_PORT: '81' }), { port: 81 })
})

t.test('the program tells all faults at once, no password among them, and ends', async (t) => {
  const run = spawnSync(process.execPath, ['--import=tsx', 'gateway/main.ts'], {
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: 'canary',
      GOTRUE_API_PORT: '70000',
      GOTRUE_DB_MAX_POOL_SIZE: 'many',
      LOG_LEVEL: 'loud',
      POSTGREST_URL: 'postgrest:3000',
    },
    encoding: 'utf8',
  })
  t.equal(run.status, 1)
  t.same(run.stderr.trimEnd().split('\n'), [
    'DATABASE_URL is to look like postgres://user:password@host:5432/database',
    'GOTRUE_API_PORT is "70000": a port is a number from 1 to 65535',
    'GOTRUE_DB_MAX_POOL_SIZE is the number of connections, 1 to 1000',
    'LOG_LEVEL is "loud": it is one of trace, debug, info, warn, error, fatal, silent',
    'POSTGREST_URL is "postgrest:3000": it is to look like http://host:3000',
  ])
})
