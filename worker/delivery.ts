// One claimed mail, SMS or call of a hook: made, handed to who sends it, and settled.
//
// Exports openDelivery().

import { setTimeout as delay } from 'node:timers/promises'
import type { Logger } from 'pino'
import {
  describe,
  isPermanent,
  noTemplate,
  reasonOf,
  withoutSecrets,
  type Failure,
} from './failure.ts'
import { callHook } from './hook.ts'
import type { Mail, Outbox } from './outbox.ts'
import { headersFor, type SmtpOptions, type Transport } from './smtp.ts'
import type { SendSms } from './sms/send.ts'
import { renderMail, renderSms, type MailContent } from './template.ts'
import { openTemplates } from './template_cache.ts'

const names: Record<string, string> = { sms: 'SMS', hook: 'call of a hook' }

/**
 * @param giveUp tells when to stop trying to settle with a database that cannot be reached
 * @returns a function that delivers a mail and never rejects; the signal ends an attempt whose
 *   lease is about to
 */
export const openDelivery = (
  outbox: Outbox,
  smtp: SmtpOptions,
  transport: Transport,
  sendSms: SendSms,
  log: Logger,
  giveUp: AbortSignal,
) => {
  const fetchTemplate = openTemplates(log)

  const deliver = async (mail: Mail, signal: AbortSignal): Promise<void> => {
    const what = names[mail.channel] ?? 'mail'
    const about = { mail: mail.id, kind: mail.kind, attempt: mail.attempt }
    try {
      if (mail.channel === 'sms') await deliverSms(mail, signal)
      else if (mail.channel === 'hook') await deliverHook(mail, signal)
      else await deliverMail(mail, signal)
    } catch (error) {
      const reason = describe(error as Failure, mail)
      const permanent = isPermanent(error as Failure)
      log.warn({ ...about, reason, permanent }, `${what} not sent`)
      await settle(mail, reason, permanent)
      return
    }
    log.info(about, `${what} sent`)
    await settle(mail, null, false)
  }

  const deliverMail = async (mail: Mail, signal: AbortSignal): Promise<void> => {
    const content = await compose(mail)
    const to = { name: '', address: mail.recipient }
    await transport.sendMail({ to, headers: headersFor(smtp, mail.kind), ...content, signal })
  }

  const deliverSms = async (mail: Mail, signal: AbortSignal): Promise<void> => {
    const { Code, Channel } = mail.variables
    const text = renderSms(mail.text ?? '', mail.variables, (error) => {
      const reason = withoutSecrets(reasonOf(error), mail)
      log.error({ mail: mail.id, reason }, 'sms_template is broken, using the built-in')
    })
    const sms = { phone: mail.recipient, text, code: String(Code), channel: String(Channel) }
    await sendSms(mail.provider ?? '', sms, signal)
  }

  const deliverHook = async (mail: Mail, signal: AbortSignal): Promise<void> => {
    const { metadata } = mail.variables as { metadata?: { uuid?: string } }
    const target = mail.hook ?? { uri: '', secrets: '' }
    await callHook(mail.kind, target, metadata?.uuid ?? mail.id, mail.variables, signal)
  }

  /** A broken template of the user's own never holds a mail back: the built-in takes its place. */
  const compose = async (mail: Mail): Promise<MailContent> => {
    const { subject, html, text, source } = mail
    if (subject === null || html === null) throw noTemplate(mail.kind)
    try {
      const fetched = source ? await fetchTemplate(source) : undefined
      const body = fetched === undefined ? { html, text } : { html: fetched, text: null }
      return renderMail({ subject, ...body }, mail.variables)
    } catch (error) {
      const reason = withoutSecrets(reasonOf(error), mail)
      log.error(
        { mail: mail.id, kind: mail.kind, reason },
        'template is broken, using the built-in',
      )
    }
    const builtin = await outbox.builtinTemplate(mail.kind)
    if (!builtin) throw noTemplate(mail.kind)
    return renderMail(builtin, mail.variables)
  }

  /** Tries until the database has heard it, since a sent mail that it takes for unsent is sent again. */
  const settle = async (mail: Mail, error: string | null, permanent: boolean): Promise<void> => {
    for (let wait = 100; ; wait = Math.min(wait * 2, 5_000)) {
      try {
        const ours =
          error === null
            ? await outbox.settleSent(mail)
            : await outbox.settleFailed(mail, error, permanent)
        if (!ours) log.warn({ mail: mail.id }, 'mail was taken over or removed meanwhile')
        return
      } catch (fault) {
        log.error({ mail: mail.id, reason: reasonOf(fault) }, 'cannot settle mail')
      }
      if (giveUp.aborted) return
      await delay(wait, undefined, { signal: giveUp }).catch(() => {})
    }
  }

  return deliver
}
