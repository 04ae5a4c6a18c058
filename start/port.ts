// Ports of this machine: whether one is taken, and one that is free.
//
// Exports `isTaken` and `freePort`.

import { type AddressInfo, createServer } from 'node:net'

/** Whether something listens on this port of 127.0.0.1, or we may not. */
export async function isTaken(port: number): Promise<boolean> {
  return (await listen(port)) === undefined
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const port = await listen(0)
  if (port === undefined) throw new Error('no port of 127.0.0.1 is free')
  return port
}

async function listen(port: number): Promise<number | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
