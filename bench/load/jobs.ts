// What the process that makes the load can be asked to do.
//
// Exports: Amount, HttpJob, SqlJob, BcryptJob, SmtpJob, Job.

import type { Member } from '../workloads.ts'

/** How much: for so many seconds, or so many calls. */
export type Amount = { seconds: number } | { calls: number }

interface Load {
  connections: number
  amount: Amount
  /** Goes into the addresses of new people, so that nobody signs up twice. */
  series: string
}

export interface HttpJob extends Load {
  kind: 'http'
  url: string
  anonKey: string
  serviceKey: string
  workload: string
  /** In the order of their turn; who has been served comes last again. */
  pool: Member[]
}

export interface SqlJob extends Load {
  kind: 'sql'
  /** Logs in as the gateway does. */
  databaseUrl: string
  workload: string
  pool: Member[]
  /** One statement a call, or a transaction with the settings of a request, as the naive way is. */
  way: 'direct' | 'naive'
}

/** Nothing but bcrypt, at the cost of this hash. */
export interface BcryptJob extends Load {
  kind: 'bcrypt'
  /** Logs in as the owner. */
  databaseUrl: string
  hash: string
}

/** Nothing but SMTP, to a mail server on this port. */
export interface SmtpJob {
  kind: 'smtp'
  port: number
  connections: number
  amount: { calls: number }
}

export type Job = HttpJob | SqlJob | BcryptJob | SmtpJob
