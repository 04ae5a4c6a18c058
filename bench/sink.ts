// A mail server that takes everything and keeps nothing but the time, as a process of its own.
//
// Run by startSink in bench/mail_server.ts, which it tells its port and every mail: to whom, and
// when DATA came, in nanoseconds of the machine's monotonic clock.

import type { AddressInfo } from 'node:net'
import { SMTPServer } from 'smtp-server'

const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  disableReverseLookup: true,
  onData(stream, session, callback) {
    const at = process.hrtime.bigint().toString()
    process.send?.({ to: session.envelope.rcptTo[0]?.address ?? '', at })
    stream.on('end', () => callback())
    stream.resume()
  },
})
server.on('error', () => {})
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.server.address() as AddressInfo).port })
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
process.on('SIGINT', () => {})
