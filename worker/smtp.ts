// The mail server: what the environment says of it, and a pool of connections to it.
//
// Exports SmtpOptions, smtpFromEnvironment(), openTransport() and headersFor().

import { Transform } from 'node:stream'
import { createTransport } from 'nodemailer'

export type SmtpOptions = {
  host: string
  port: number
  user?: string
  pass?: string
  /** TLS from the first byte; without it STARTTLS is used where the server offers it. */
  secure?: boolean
  adminEmail: string
  senderName?: string
  /** Further headers of every mail; $messageType in a value is the mail's kind. */
  headers?: Record<string, string[]>
}

const names = ['HOST', 'PORT', 'USER', 'PASS', 'ADMIN_EMAIL', 'SENDER_NAME', 'HEADERS']
// Of the database, and of GoTrue's that change nothing here.
const others = ['MAX_FREQUENCY', 'LOGGING_ENABLED']

/**
 * The mail server as GoTrue's variables name it, with or without their prefix: SMTP_HOST, _PORT,
 * _USER, _PASS, _ADMIN_EMAIL, _SENDER_NAME and _HEADERS. An empty variable counts as missing.
 *
 * @throws Error that lists all faults, each with what is allowed
 */
export const smtpFromEnvironment = (env: Record<string, string | undefined>): SmtpOptions => {
  const read = (name: string) => env[`SMTP_${name}`] || env[`GOTRUE_SMTP_${name}`] || undefined
  const host = read('HOST')
  const port = Number(read('PORT') ?? 587)
  const user = read('USER')
  const pass = read('PASS')
  const adminEmail = read('ADMIN_EMAIL')
  const senderName = read('SENDER_NAME')
  const headers = readHeaders(read('HEADERS') ?? '{}')

  const faults: string[] = []
  if (!host || /[\s/@]/.test(host)) {
    faults.push('SMTP_HOST: the name or address of the mail server, as smtp.example.com')
  }
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    faults.push('SMTP_PORT: a number from 1 to 65535; 587 if not set')
  }
  if ((user === undefined) !== (pass === undefined)) {
    faults.push('SMTP_USER, SMTP_PASS: both, or neither where the server asks for no login')
  }
  if (!adminEmail || !/^[^\s@<>]+@[^\s@<>]+$/.test(adminEmail)) {
    faults.push('SMTP_ADMIN_EMAIL: the address that mail comes from, as no-reply@example.com')
  }
  if (!headers) {
    faults.push('SMTP_HEADERS: JSON of names to lists of values, as {"X-Kind": ["$messageType"]}')
  }
  for (const given of Object.keys(env).filter((name) => name.startsWith('GOTRUE_SMTP_'))) {
    const known = [...names, ...others].includes(given.slice('GOTRUE_SMTP_'.length))
    if (!known) faults.push(`${given}: there are GOTRUE_SMTP_${names.join(', _')}`)
  }
  if (faults.length > 0 || !host || !adminEmail || !headers) {
    throw new Error(`the mail server is not set up:\n  ${faults.join('\n  ')}`)
  }
  return { host, port, user, pass, secure: port === 465, adminEmail, senderName, headers }
}

/** Headers as GoTrue has them, or nothing where they are none (RFC 5322, section 2.2). */
const readHeaders = (json: string): Record<string, string[]> | undefined => {
  try {
    const headers = JSON.parse(json) as Record<string, string[]>
    const good =
      Object.getPrototypeOf(headers) === Object.prototype &&
      Object.entries(headers).every(
        ([name, values]) =>
          /^[!-9;-~]+$/.test(name) &&
          Array.isArray(values) &&
          values.every((value) => typeof value === 'string' && !/\p{Cc}/u.test(value)),
      )
    return good ? headers : undefined
  } catch {
    return undefined
  }
}

/**
 * A nodemailer transport that keeps so many connections open.
 *
 * Its limits of time are well below the worker's lease: a server that hangs costs a slot for
 * seconds and never leads to a mail sent twice.
 */
export const openTransport = (smtp: SmtpOptions, maxConnections: number) => {
  const transport = createTransport(
    {
      pool: true,
      host: smtp.host,
      port: smtp.port,
      secure: smtp.secure ?? smtp.port === 465,
      auth: smtp.user === undefined ? undefined : { user: smtp.user, pass: smtp.pass ?? '' },
      maxConnections,
      maxMessages: 1000,
      // One more try at once, for a connection that the server closed while it was idle.
      maxRequeues: 1,
      connectionTimeout: 10_000,
      greetingTimeout: 10_000,
      socketTimeout: 20_000,
      disableFileAccess: true,
      disableUrlAccess: true,
    },
    {
      from: { name: smtp.senderName ?? '', address: smtp.adminEmail },
    },
  )
  // A mail is made in some fifty pieces, and each would be written by itself.
  transport.use('stream', (mail, done) => {
    mail.message.transform(() => inOnePiece())
    done()
  })
  return transport
}

const inOnePiece = (): Transform => {
  const pieces: Buffer[] = []
  return new Transform({
    transform(piece: Buffer, _encoding, done) {
      pieces.push(piece)
      done()
    },
    flush(done) {
      done(null, Buffer.concat(pieces))
    },
  })
}

/** The settings' own headers of a mail of this kind, as nodemailer takes them. */
export const headersFor = ({ headers = {} }: SmtpOptions, kind: string) => {
  // GoTrue's name of this one.
  const type = kind === 'reauthentication' ? 'reauthenticate' : kind
  const own = Object.entries(headers).flatMap(([key, values]) =>
    values.map((value) => ({ key, value: value.replaceAll('$messageType', type) })),
  )
  // RFC 3834: keeps out-of-office replies away.
  return [{ key: 'Auto-Submitted', value: 'auto-generated' }, ...own]
}

export type Transport = ReturnType<typeof openTransport>
