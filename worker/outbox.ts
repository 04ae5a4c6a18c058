// The database as the worker sees it: a few functions and nothing else.
//
// Exports openOutbox() and the type of a claimed mail.

import PQueue from 'p-queue'
import type { ParameterOrFragment } from 'postgres'
import { openConnections } from '../start/connections.ts'
import type { HookTarget } from './hook.ts'
import type { MailTemplate } from './template.ts'
import type { TemplateSource } from './template_cache.ts'
import { together } from './together.ts'

export type Mail = {
  id: string
  channel: string
  /** Who sends it, if it is an SMS. */
  provider: string | null
  kind: string
  recipient: string
  subject: string | null
  html: string | null
  text: string | null
  variables: Record<string, unknown>
  attempt: number
  /** Where the template's HTML is, if it is at a URL. */
  source: TemplateSource | null
  /** Where it goes, if it is the call of a hook; the variables are its body. */
  hook: HookTarget | null
}

// Milliseconds: well below what a claim leaves of the lease, see worker.ts.
const limit = 10_000

/**
 * Opens the outbox. Connects when first used, and again whenever a connection was lost; every
 * function rejects while the database cannot be reached.
 */
export const openOutbox = (databaseUrl: string, maxConnections: number) => {
  const connections = openConnections(databaseUrl, limit, { application_name: 'pgtrue worker' })
  const turns = new PQueue({ concurrency: maxConnections })
  const sql = <T extends readonly object[]>(
    text: TemplateStringsArray,
    ...values: ParameterOrFragment<never>[]
  ): Promise<T> => turns.add(() => connections.run((client) => client<T>(text, ...values)))

  return {
    /** At most so many due mails, ours for so many milliseconds. */
    claim: async (batch: number, lease: number): Promise<Mail[]> => sql<Mail[]>`
      select id, channel, provider, kind, recipient, subject, html, text, variables, attempt,
        source, hook
      from auth_private.claim_mail(
        batch => ${batch},
        lease => make_interval(secs => ${lease / 1000})
      )
    `,

    /** Sent. False if the mail was no longer ours. */
    settleSent: together(async (mails: Mail[]): Promise<boolean[]> => {
      const ids = literal(mails.map(({ id }) => id))
      const attempts = literal(mails.map(({ attempt }) => attempt))
      const rows = await sql<{ id: string }[]>`
        select id::text
        from auth_private.settle_sent(ids => ${ids}, attempts => ${attempts}) id
      `
      const ours = new Set(rows.map(({ id }) => id))
      return mails.map(({ id }) => ours.has(id))
    }),

    /** Failed with an error. False if the mail was no longer ours. */
    settleFailed: async (mail: Mail, error: string, permanent: boolean): Promise<boolean> => {
      const [row] = await sql<{ ours: boolean }[]>`
        select auth_private.settle_mail(
          id => ${mail.id},
          attempt => ${mail.attempt},
          error => ${error},
          permanent => ${permanent}
        ) as ours
      `
      return row?.ours ?? false
    },

    /** Removes what has long expired, if the settings want it. */
    cleanUp: async (): Promise<void> => {
      await sql`select auth_private.clean_up()`
    },

    /** Milliseconds until a mail is due, below zero if one is; null if none is queued. */
    dueIn: async (): Promise<number | null> => {
      const [row] = await sql<{ milliseconds: number | null }[]>`
        select extract(epoch from auth_private.next_mail_at() - now())::float8 * 1000
          as milliseconds
      `
      return row?.milliseconds ?? null
    },

    builtinTemplate: async (kind: string): Promise<MailTemplate | undefined> => {
      const [row] = await sql<MailTemplate[]>`
        select subject, html, text
        from auth_private.builtin_templates()
        where kind = ${kind}
      `
      return row
    },

    close: connections.close,
  }
}

export type Outbox = ReturnType<typeof openOutbox>

/** An array as text: the connection does not know the types of arrays. */
const literal = (values: (string | number)[]): string => `{${values.join(',')}}`
