// A mail server with every illness that they have (RFC 5321, section 4.2 and 4.5.3), spoken line by
// line, since a server that is made to be well can't be made to hang.
//
// Exports: openIllMailServer, illnesses.

import { once } from 'node:events'
import * as net from 'node:net'
import type { Test } from 'tap'

/** How it is ill, and what the worker then says of the mail. */
export const illnesses = {
  'closes every connection': /ECONNECTION|closed/i,
  'is too busy to greet': /421/,
  'never greets': /Greeting never received|ETIMEDOUT/,
  'refuses the login': /535/,
  'refuses the sender': /550/,
  'has no room': /452/,
  greylists: /451/,
  'cuts the line amid the message': /ECONNECTION|closed|ECONNRESET|EPIPE/i,
  'never says whether it took the message': /ETIMEDOUT|Timeout/i,
  'refuses the message for now': /450/,
} satisfies Record<string, RegExp>

export type Illness = keyof typeof illnesses

/** Opens it on a free port, well; it is closed when the test `t` ends. */
export async function openIllMailServer(t: Pick<Test, 'teardown'>) {
  const received: string[] = []
  const seen = new Set<string>()
  const sockets = new Set<net.Socket>()
  let illness: Illness | undefined

  const server = net.createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined)
    const say = (line: string) => void socket.write(`${line}\r\n`)
    if (illness === 'closes every connection') return void socket.end()
    if (illness === 'never greets') return
    if (illness === 'is too busy to greet') return void socket.end('421 too busy\r\n')
    say('220 ill.example.com ESMTP')

    let rest = ''
    let recipient = ''
    let message = false
    socket.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\r\n')
      rest = lines.pop() ?? ''
      for (const line of lines) hear(line)
    })

    function hear(line: string): void {
      if (message) {
        if (illness === 'cuts the line amid the message') return void socket.destroy()
        if (line !== '.') return
        message = false
        if (illness === 'never says whether it took the message') return
        if (illness === 'refuses the message for now') return say('450 not now')
        received.push(recipient)
        return say('250 taken')
      }
      const command = line.slice(0, 4).toUpperCase()
      if (command === 'EHLO') return say('250-ill.example.com\r\n250 AUTH PLAIN')
      if (command === 'AUTH') {
        return say(illness === 'refuses the login' ? '535 who are you' : '235 welcome')
      }
      if (command === 'MAIL' && illness === 'refuses the sender') return say('550 who are you')
      if (command === 'MAIL' && illness === 'has no room') return say('452 no room')
      if (command === 'RCPT') {
        recipient = /<(.*)>/.exec(line)?.[1] ?? ''
        const known = seen.has(recipient)
        seen.add(recipient)
        if (illness === 'greylists' && !known) return say('451 come back later')
      }
      message = command === 'DATA'
      say(message ? '354 go on' : '250 fine')
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })

  return {
    host: '127.0.0.1',
    port: (server.address() as net.AddressInfo).port,
    /** The addresses whose mail it took, in turn. */
    received,
    fallIll(how: Illness) {
      illness = how
    },
    recover() {
      illness = undefined
    },
  }
}
