// Puts limits around the way to other sites: of time, for the whole answer, and of size.
//
// Exports: createReach.

import { Fault } from './fault.ts'

const largest = 1024 * 1024

/**
 * A fetch that gives up after `timeout` milliseconds, even in the middle of a body, reads no more
 * than 1 MiB, and follows no redirect: where a site sends us on, its configuration is wrong.
 */
export function createReach(through: typeof fetch, timeout: number): typeof fetch {
  return async (input, init) => {
    const limit = AbortSignal.timeout(timeout)
    const signal = init?.signal ? AbortSignal.any([init.signal, limit]) : limit
    const response = await through(input, { ...init, redirect: 'manual', signal })
    const body = await read(response)
    const { status, statusText, headers } = response
    return new Response(body.length > 0 ? body : null, { status, statusText, headers })
  }
}

async function read(response: Response): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of (response.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > largest) {
      throw new Fault('the answer is too large')
    }
    chunks.push(chunk)
  }
  const body = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    body.set(chunk, at)
    at += chunk.length
  }
  return body
}
