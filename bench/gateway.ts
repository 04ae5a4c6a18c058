// The gateway of a database as a process of its own, and what a client needs to know of it.
//
// Exports: Target, Gateway, startGateway, startWorker.

import { setTimeout as wait } from 'node:timers/promises'
import { freePort } from '../start/port.ts'
import { startProgram } from './program.ts'
import type { BenchDatabase } from './server.ts'

/** A server that speaks GoTrue's API. */
export interface Target {
  /** Without a slash at the end. */
  url: string
  anonKey: string
  serviceKey: string
}

export interface Gateway extends Target {
  pid: number
  close(): Promise<void>
}

/** Starts `gateway/main.ts` as in production; its log goes nowhere. */
export async function startGateway(database: BenchDatabase): Promise<Gateway> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const program = startProgram('gateway/main.ts', {
    DATABASE_URL: database.gatewayUrl,
    PORT: String(port),
    HOST: '127.0.0.1',
  })
  await answering(`${url}/health`, program.child)
  const [keys] = await database.sql<{ anonKey: string; serviceKey: string }[]>`
    select auth.api_key('anon') as "anonKey", auth.api_key('service_role') as "serviceKey"
  `
  if (!keys) throw new Error('the database gave no API keys')
  return { url, ...keys, pid: program.pid, close: () => program.close() }
}

/** Starts `worker/main.ts`, which sends to a mail server on this port. */
export function startWorker(database: BenchDatabase, smtpPort: number) {
  return startProgram('worker/main.ts', {
    DATABASE_URL: database.workerUrl,
    SMTP_HOST: '127.0.0.1',
    SMTP_PORT: String(smtpPort),
    SMTP_ADMIN_EMAIL: 'auth@example.com',
    LOG_LEVEL: 'warn',
  })
}

/** Waits until a URL answers, at most 30 s. */
export async function answering(url: string, child: { exitCode: number | null }): Promise<void> {
  const limit = Date.now() + 30_000
  for (;;) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    if (child.exitCode !== null) throw new Error(`${url}: its program ended`)
    if (Date.now() > limit) throw new Error(`${url} did not answer in 30 s`)
    await wait(20)
  }
}
