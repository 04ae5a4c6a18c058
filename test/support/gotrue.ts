// The real GoTrue, as its owner has built it: a clone of github.com/supabase/auth with the program
// `auth` in it, as `make build` leaves it.
//
// Exports: prepareDatabase, gotrueEnvironment, migrateGoTrue, serveGoTrue, keyFor, secret.

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { SignJWT } from 'jose'
import type { Sql } from 'postgres'
import { until } from './until.ts'

type Environment = Record<string, string | undefined>

export const secret = 'a secret of GoTrue that has at least 32 characters'

/** What its migrations want to be there; it logs in as the owner of everything. */
export async function prepareDatabase(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create role anon; create role authenticated; create role service_role;
    create schema auth;
    alter role current_user set search_path = auth, public;
  `)
}

/** What it needs to be told. Mails and SMS are not limited, and nothing that is an error is logged. */
export function gotrueEnvironment(
  folder: string,
  { databaseUrl, port, smtpPort }: { databaseUrl: string; port: number; smtpPort: number },
): Environment {
  return {
    PATH: process.env.PATH,
    DATABASE_URL: databaseUrl,
    API_EXTERNAL_URL: `http://127.0.0.1:${port}`,
    PORT: String(port),
    DB_NAMESPACE: 'auth',
    GOTRUE_API_HOST: '127.0.0.1',
    GOTRUE_DB_DRIVER: 'postgres',
    GOTRUE_DB_MIGRATIONS_PATH: join(folder, 'migrations'),
    GOTRUE_JWT_SECRET: secret,
    GOTRUE_JWT_AUD: 'authenticated',
    GOTRUE_JWT_DEFAULT_GROUP_NAME: 'authenticated',
    GOTRUE_LOG_LEVEL: 'fatal',
    GOTRUE_MAILER_SECURE_EMAIL_CHANGE_ENABLED: 'true',
    GOTRUE_RATE_LIMIT_EMAIL_SENT: '100000000',
    GOTRUE_RATE_LIMIT_SMS_SENT: '100000000',
    GOTRUE_SECURITY_REFRESH_TOKEN_ALGORITHM_VERSION: '2',
    GOTRUE_SECURITY_REFRESH_TOKEN_ROTATION_ENABLED: 'true',
    GOTRUE_SITE_URL: 'http://localhost:3000',
    GOTRUE_SMTP_HOST: '127.0.0.1',
    GOTRUE_SMTP_PORT: String(smtpPort),
    GOTRUE_SMTP_ADMIN_EMAIL: 'auth@example.com',
    GOTRUE_SMTP_SENDER_NAME: 'pgtrue',
  }
}

export function migrateGoTrue(folder: string, env: Environment): void {
  execFileSync(join(folder, 'auth'), ['migrate'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** @throws if it ends instead of answering, or does not answer in 30 s */
export async function serveGoTrue(
  folder: string,
  env: Environment,
): Promise<{ close(): Promise<void> }> {
  const child = spawn(join(folder, 'auth'), ['serve'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  await until(async () => {
    if (child.exitCode !== null) throw new Error('GoTrue does not start')
    const response = await fetch(`${env.API_EXTERNAL_URL}/health`).catch(() => undefined)
    return response?.ok ?? false
  })
  return {
    async close() {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** The API key of a role. */
export const keyFor = (role: string): Promise<string> =>
  new SignJWT({ role })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime('1d')
    .sign(new TextEncoder().encode(secret))
