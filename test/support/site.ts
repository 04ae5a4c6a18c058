// A site on the internet, as far as a gateway can tell: says what a test wants, remembers who asked.
//
// Exports: openSite, Site.

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { Test } from 'tap'

export type Asked = {
  method: string
  path: string
  headers: Record<string, string | string[] | undefined>
  body: string
}

export type Site = {
  url: string
  /** What it says from now on; with silent nothing at all, with broken it hangs up. */
  answers(answer: {
    status?: number
    headers?: Record<string, string>
    body?: unknown
    silent?: boolean
    broken?: boolean
  }): void
  /** What it was asked since it was last looked at. */
  asked(): Asked[]
}

/** Opens a site; it is closed when the test `t` ends. */
export async function openSite(t: Pick<Test, 'teardown'>): Promise<Site> {
  let answer: Parameters<Site['answers']>[0] = {}
  const asked: Asked[] = []
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request
      asked.push({ method, path: url, headers, body })
      if (answer.silent) return
      if (answer.broken) {
        request.socket.destroy()
        return
      }
      response.writeHead(answer.status ?? 200, answer.headers)
      response.end(
        typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body ?? {}),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers: (next) => (answer = next),
    asked: () => asked.splice(0),
  }
}
