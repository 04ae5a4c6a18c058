// A mail server that takes everything and keeps nothing but the time, as a process of its own.
//
// Run by startSink in bench/mail_server.ts, which it tells its port and every mail: to whom, and
// when DATA came, in nanoseconds of the machine's monotonic clock. It speaks no more of RFC 5321
// than a client needs, since what it does is done on the same cores as what is measured.

import * as net from 'node:net'

// Told of together, since each message between processes costs as much as a mail.
let taken: { to: string; at: string }[] = []
const note = (to: string, at: bigint): void => {
  if (taken.length === 0) {
    setTimeout(() => {
      process.send?.(taken)
      taken = []
    }, 5)
  }
  taken.push({ to, at: at.toString() })
}

const server = net.createServer({ noDelay: true }, (socket) => {
  let rest = ''
  let to = ''
  let message = false
  const hear = (line: string): string => {
    if (message) {
      if (line !== '.') return ''
      message = false
      return '250 taken\r\n'
    }
    switch (line.slice(0, 4).toUpperCase()) {
      case 'EHLO':
        return '250-sink.example.com\r\n250 PIPELINING\r\n'
      case 'RCPT':
        to = /<(.*)>/.exec(line)?.[1] ?? ''
        return '250 fine\r\n'
      case 'DATA':
        note(to, process.hrtime.bigint())
        message = true
        return '354 go on\r\n'
      case 'QUIT':
        socket.end()
        return '221 bye\r\n'
      default:
        return '250 fine\r\n'
    }
  }
  socket.on('error', () => {})
  socket.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split('\r\n')
    rest = lines.pop() ?? ''
    const answer = lines.map(hear).join('')
    if (answer) socket.write(answer)
  })
  socket.write('220 sink.example.com ESMTP\r\n')
})
server.listen(0, '127.0.0.1', () => {
  process.send?.({ port: (server.address() as net.AddressInfo).port })
})
process.on('disconnect', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
process.on('SIGINT', () => {})
