// Sends the mail and the SMS that the database has queued.
//
// Exports startWorker(). The table says what there is to send; a nudge, a new connection and a
// timer only say when to look. Any number of workers may run on one database.

import { setTimeout as delay } from 'node:timers/promises'
import PQueue from 'p-queue'
import type { Logger } from 'pino'
import { listen } from '../start/listener.ts'
import { openDelivery } from './delivery.ts'
import { reasonOf } from './failure.ts'
import { openOutbox } from './outbox.ts'
import { openSms, type SmsOptions } from './sms/send.ts'
import { openTransport, type SmtpOptions } from './smtp.ts'

export type WorkerOptions = {
  /** Logs in as auth_worker. */
  databaseUrl: string
  smtp: SmtpOptions
  /** Our accounts with those who send SMS; none if left out. */
  sms?: SmsOptions
  log: Logger
}

// Milliseconds.
const lease = 60_000
const attemptLimit = 45_000
const longestSleep = 30_000
const betweenCleanups = 600_000
// A mail that is due and yet not to be had is locked by someone: it is no use to ask at once.
const shortestSleep = 200
// The listener wakes us as soon as the database is back.
const sleepAfterFault = 5_000
// Whoever claims so many at once stays awake and looks again, since nudges may be left out then:
// see auth_private.claim_mail. A little longer than promised, as clocks may differ in speed.
const many = 5
const awakeFor = 3_500
const awakePause = 20
const closingLimit = 10_000
const settlingLimit = 2_000

const batch = 50
const connections = 5

/**
 * Starts to send, and resolves without waiting for the database. Neither a dead database nor a
 * dead mail server ends it: it logs, and tries again.
 *
 * @returns close(), which claims no more, gives the mails in flight ten seconds and puts back the
 *   rest
 */
export const startWorker = async ({ databaseUrl, smtp, sms, log }: WorkerOptions) => {
  const giveUp = new AbortController()
  const outbox = openOutbox(databaseUrl, connections)
  const transport = openTransport(smtp, connections)
  const sendSms = openSms(sms ?? { accounts: {} }, log)
  const deliver = openDelivery(outbox, smtp, transport, sendSms, log, giveUp.signal)
  // Twice the connections, so that some mails are made or settled while others are sent.
  const deliveries = new PQueue({ concurrency: 2 * connections })
  const logFault = (error: unknown) => log.error({ reason: reasonOf(error) }, 'cannot send mail')
  let closing = false
  let nudged = false
  let draining: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  /** Claims and sends until the outbox is empty. Returns how long it may sleep. */
  const drain = async (): Promise<number> => {
    let awakeUntil = 0
    for (;;) {
      await deliveries.onSizeLessThan(batch / 2)
      if (closing) return longestSleep
      nudged = false
      const mails = await outbox.claim(batch, lease)
      const limit = AbortSignal.timeout(attemptLimit)
      for (const mail of mails) deliveries.add(() => deliver(mail, limit)).catch(logFault)
      if (mails.length >= many) awakeUntil = performance.now() + awakeFor
      if (mails.length === batch || nudged) continue
      if (performance.now() < awakeUntil) {
        await delay(awakePause)
        continue
      }
      return (await outbox.dueIn()) ?? longestSleep
    }
  }

  const wake = (): void => {
    nudged = true
    if (draining || closing) return
    clearTimeout(timer)
    draining = drain()
      .catch((error: unknown) => {
        logFault(error)
        return sleepAfterFault
      })
      .then((sleep) => {
        draining = undefined
        if (closing) return
        const pause = Math.min(Math.max(sleep, shortestSleep), longestSleep)
        timer = setTimeout(wake, nudged ? 0 : pause)
      })
  }

  const cleanUp = () =>
    outbox.cleanUp().catch((error: unknown) => {
      log.error({ reason: reasonOf(error) }, 'cannot clean up')
    })
  const cleaning = setInterval(() => void cleanUp(), betweenCleanups)

  const listener = listen(
    { databaseUrl, channel: 'pgtrue_outbox', name: 'pgtrue worker', what: 'mail' },
    wake,
    log,
  )
  wake()
  void cleanUp()

  const close = async (): Promise<void> => {
    closing = true
    clearTimeout(timer)
    clearInterval(cleaning)
    await listener.close()
    const idle = Promise.resolve(draining).then(() => deliveries.onIdle())
    const limit = (time: number) => Promise.race([idle, delay(time, undefined, { ref: false })])

    await limit(closingLimit)
    giveUp.abort()
    transport.close({ force: true })
    await limit(settlingLimit)
    await outbox.close()
  }
  return { close }
}
