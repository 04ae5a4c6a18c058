// A real SMTP server that keeps what it is sent, for tests to read.
//
// Exports `openInbox`.

import { EventEmitter, once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { type ParsedMail, simpleParser } from 'mailparser'
import { SMTPServer } from 'smtp-server'
import type { Test } from 'tap'

export type Mail = {
  to: string
  from: string
  subject: string
  html: string
  text: string
  /** Where the links of the HTML part lead, or of the text part if there is no other. */
  links: string[]
}

export type Inbox = {
  host: string
  port: number
  /** Takes the oldest mail to this address out of the inbox; waits a minute for one. */
  next(address: string): Promise<Mail>
  /** The mails to this address that nobody has taken, or all. */
  waiting(address?: string): Mail[]
}

/** Opens an inbox on a free port; it is closed when the test `t` ends. */
export async function openInbox(t: Pick<Test, 'teardown'>): Promise<Inbox> {
  const mails: Mail[] = []
  const arrivals = new EventEmitter().setMaxListeners(0)

  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, callback) {
      simpleParser(stream).then((parsed) => {
        for (const { address } of session.envelope.rcptTo) mails.push(readMail(parsed, address))
        arrivals.emit('mail')
        callback()
      }, callback)
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  t.teardown(() => new Promise<void>((resolve) => server.close(() => resolve())))

  const isFor = (address: string) => (mail: Mail) => mail.to.toLowerCase() === address.toLowerCase()
  return {
    host: '127.0.0.1',
    port: (server.server.address() as AddressInfo).port,
    waiting: (address) => (address ? mails.filter(isFor(address)) : [...mails]),
    async next(address) {
      const limit = AbortSignal.timeout(60_000)
      while (!mails.some(isFor(address))) {
        await once(arrivals, 'mail', { signal: limit }).catch(() => {
          const others = mails.map((mail) => `${mail.to}: ${mail.subject}`).join(', ')
          throw new Error(`no mail to ${address} in a minute; here are: ${others || 'none'}`)
        })
      }
      return mails.splice(mails.findIndex(isFor(address)), 1)[0] as Mail
    },
  }
}

function readMail(parsed: ParsedMail, to: string): Mail {
  const html = parsed.html || ''
  const text = parsed.text ?? ''
  const hrefs = [...html.matchAll(/\shref="([^"]+)"/g)].map((match) =>
    (match[1] as string).replaceAll('&amp;', '&'),
  )
  const urls = text.match(/https?:\/\/[^\s<>"]+/g) ?? []
  const links = [...new Set(html ? hrefs : urls)]
  return { to, from: parsed.from?.text ?? '', subject: parsed.subject ?? '', html, text, links }
}
