// An application's hook at a URL: it believes only what the standardwebhooks package verifies.
//
// Exports: openWebhook, secret, Heard.

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Webhook } from 'standardwebhooks'
import type { Row } from 'postgres'
import type { Test } from 'tap'
import { until } from './until.ts'

/** One verified call. */
export type Heard = { method: string; path: string; headers: IncomingHttpHeaders; body: Row }

/** What it answers; `hang` for never. */
export type Said = { status?: number; headers?: Record<string, string>; body?: string } | 'hang'

/** A secret as the settings take it. */
export const secret = () => `v1,whsec_${randomBytes(24).toString('base64')}`

/** Opens it on a free port; it is closed when the test `t` ends. It answers {} to everything. */
export async function openWebhook(t: Pick<Test, 'teardown'>, secrets: string) {
  const heard: Heard[] = []
  const refused: string[] = []
  const taken: Said = { headers: { 'content-type': 'application/json' }, body: '{}' }
  let said: Said = taken

  const server = createServer((request, response) => {
    let text = ''
    request.setEncoding('utf8').on('data', (part: string) => (text += part))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      try {
        // Whoever has any one of the secrets can verify.
        for (const one of secrets.split('|')) {
          const webhook = new Webhook(one.replace('v1,', ''))
          const body = webhook.verify(text, headers as Record<string, string>) as Row
          if (one === secrets.split('|')[0]) heard.push({ method, path, headers, body })
        }
      } catch (error) {
        refused.push((error as Error).message)
        response.writeHead(401).end()
        return
      }
      if (said === 'hang') return
      response.writeHead(said.status ?? 200, said.headers)
      response.end(said.body ?? '')
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    heard,
    /** What the signature of calls was refused for. */
    refused,
    /** What it says from now on; without an argument it takes everything again. */
    says(other: Said = taken) {
      said = other
    },
    /** The oldest call that nobody has taken; waits up to 10 s for one. */
    async next(): Promise<Heard> {
      await until(() => heard.length > 0)
      return heard.shift() as Heard
    },
  }
}
