// A company that sends SMS, as the worker sees it: an HTTP API that keeps what it is posted.
//
// Exports `openSmsProvider`.

import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import { until } from './until.ts'

/** One request of the worker. */
export type Posted = {
  method: string
  path: string
  headers: IncomingHttpHeaders
  form: Record<string, string>
}

/** What it answers, and after how many milliseconds. */
export type SmsAnswer = { status?: number; body?: unknown; headers?: Record<string, string> }

/** Accounts for each provider, of the shape of real ones and easy to find where they must not be. */
export const accounts = {
  twilio: {
    ACCOUNT_SID: 'ACcanary00000000000000000000000001',
    AUTH_TOKEN: 'canary-token',
    MESSAGE_SERVICE_SID: 'MGcanary00000000000000000000000001',
  },
  messagebird: { ACCESS_KEY: 'canary-key', ORIGINATOR: 'pgtrue' },
  vonage: { API_KEY: 'canary-key', API_SECRET: 'canary-secret', FROM: 'pgtrue' },
  textlocal: { API_KEY: 'canary-key', SENDER: 'PGTRUE' },
}

/** Opens it on a free port; it is closed when the test `t` ends. It takes everything, as Twilio. */
export async function openSmsProvider(t: Pick<Test, 'teardown'>) {
  const posted: Posted[] = []
  const taken: SmsAnswer = { status: 201, body: { sid: 'SM1', status: 'queued' } }
  let answer = taken

  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request
      posted.push({ method, path, headers, form: Object.fromEntries(new URLSearchParams(body)) })
      const { status = 200, body: said = '', headers: more = {} } = answer
      response.writeHead(status, { 'content-type': 'application/json', ...more })
      response.end(typeof said === 'string' ? said : JSON.stringify(said))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accounts,
    posted,
    /** What it says from now on; without an argument it takes everything again. */
    answers(other: SmsAnswer = taken) {
      answer = other
    },
    /** The oldest SMS to this number that nobody has taken; waits up to 10 s for one. */
    async next(phone: string): Promise<{ text: string; code: string }> {
      const at = () => posted.findIndex(({ form }) => form.To?.endsWith(`+${phone}`))
      await until(() => at() >= 0)
      const text = posted.splice(at(), 1)[0]?.form.Body ?? ''
      return { text, code: /\d{6,10}/.exec(text)?.[0] ?? '' }
    },
  }
}

export type SmsProvider = Awaited<ReturnType<typeof openSmsProvider>>
