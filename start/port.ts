// Ports of this machine: whether one is taken, and one that is free.
//
// Exports `isTaken`, `freePort` and `refuseTaken`.

import { type AddressInfo, createServer } from 'node:net'
import type { Port } from './config.ts'

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

/**
 * Sees to it that all of these can be listened on.
 *
 * @throws with a line for each that can not, naming the variable to set
 */
export async function refuseTaken(ports: Port[]): Promise<void> {
  const faults: string[] = []
  for (const [index, { variable, number }] of ports.entries()) {
    const twin = ports.slice(0, index).find((port) => port.number === number)
    if (twin) faults.push(`${twin.variable} and ${variable} are both ${number}: change one.`)
    else if (await isTaken(number)) {
      faults.push(`Port ${number} is in use: set ${variable} to a free one.`)
    }
  }
  if (faults.length > 0) throw new Error(faults.join('\n'))
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
