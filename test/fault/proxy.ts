// A way to Postgres that can be cut, and that can swallow everything.
//
// Exports `openProxy`.

import { once } from 'node:events'
import * as net from 'node:net'
import type { Test } from 'tap'

export type Proxy = {
  /** The same address, by this way. */
  url(databaseUrl: string): string
  /** From now on, nothing gets through in either direction, and nobody is told. */
  hang(): void
  /** Lets everything through again. Connections that have lost something are of no use. */
  mend(): void
  /** Cuts each connection after so many packets of answers, with a reset or not; 0 for never. */
  cutEvery(packets: number): void
  /** How many packets did not get through. */
  swallowed(): number
  /** How many connections were cut. */
  cuts(): number
}

/** Opens a way to this server; it is closed when the test `t` ends. */
export async function openProxy(t: Pick<Test, 'teardown'>, databaseUrl: string): Promise<Proxy> {
  const { hostname, port } = new URL(databaseUrl)
  const sockets = new Set<net.Socket>()
  let hangs = false
  let every = 0
  let packets = 0
  let cuts = 0
  let swallowed = 0

  const server = net.createServer((client) => {
    const postgres = net.connect(Number(port), hostname)
    for (const [from, to] of [
      [client, postgres],
      [postgres, client],
    ] as const) {
      sockets.add(from)
      from.on('data', (bytes) => void (hangs ? swallowed++ : to.write(bytes)))
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      from.on('error', () => to.destroy())
    }
    postgres.on('data', () => {
      if (every === 0 || ++packets % every !== 0) return
      // By turns as if a server had closed it, and as if a machine were gone.
      if (++cuts % 2 === 0) client.resetAndDestroy()
      else client.end()
      postgres.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })

  return {
    url(address) {
      const url = new URL(address)
      url.port = String((server.address() as net.AddressInfo).port)
      return url.href
    },
    hang: () => void (hangs = true),
    mend: () => void (hangs = false),
    cutEvery: (count) => void (every = count),
    swallowed: () => swallowed,
    cuts: () => cuts,
  }
}
