// Hears the nudges that the database sends, as when mail is queued, and never stops trying to.
//
// Exports listen(). What follows from pg-listen: it subscribes anew whatever it was asked to
// before a connection broke, so the channel is asked for before the first connection.

import { setTimeout as delay } from 'node:timers/promises'
import pgListen from 'pg-listen'
import type { Logger } from 'pino'
import { reasonOf } from '../worker/failure.ts'

export type Source = {
  databaseUrl: string
  channel: string
  /** Of the connection, for pg_stat_activity. */
  name: string
  /** What is listened for, in words for the log. */
  what: string
}

/**
 * Calls `wake` on every notification and on every (re)connection, as what happened in between
 * went unheard. Returns at once; a database that cannot be reached is tried again for ever.
 *
 * @returns close(), which does not wait for a server that does not answer
 */
export const listen = (source: Source, wake: () => void, log: Logger) => {
  const { databaseUrl, channel, name, what } = source
  let closed = false
  const subscriber = pgListen.default(
    {
      connectionString: asPostgresReadsIt(databaseUrl),
      application_name: name,
      connectionTimeoutMillis: 10_000,
      query_timeout: 10_000,
    },
    {
      parse: (payload) => payload,
      retryTimeout: 0,
      retryInterval: (attempt) => {
        // The only way to end pg-listen's attempts.
        if (closed) throw new Error('closed')
        return Math.min(100 * 2 ** attempt, 5_000)
      },
    },
  )

  subscriber.notifications.on(channel, wake)
  subscriber.events.on('connected', () => {
    if (closed) return void subscriber.close()
    log.info(`listening for ${what}`)
    wake()
  })
  subscriber.events.on('reconnect', (attempt) => {
    if (attempt === 1) log.warn(`no longer listening for ${what}, connecting again`)
  })
  subscriber.events.on('error', (error) => {
    if (!closed) log.error({ reason: reasonOf(error) }, `cannot listen for ${what}`)
  })

  // Only when this is done are nudges heard: mail queued just before is looked for once more.
  subscriber.listenTo(channel)?.then(wake, () => {})
  subscriber.connect().catch((error: unknown) => {
    log.warn({ reason: reasonOf(error) }, `cannot listen for ${what} yet`)
  })

  return {
    close: async (): Promise<void> => {
      closed = true
      const ended = subscriber.close().catch(() => {})
      await Promise.race([ended, delay(goodbye, undefined, { ref: false })])
    },
  }
}

/** Milliseconds. */
const goodbye = 1_000

/** pg reads sslmode=require more strictly than libpq and postgres.js do, unless told not to. */
const asPostgresReadsIt = (databaseUrl: string): string => {
  const url = new URL(databaseUrl)
  if (url.searchParams.has('sslmode')) url.searchParams.set('uselibpqcompat', 'true')
  return url.href
}
