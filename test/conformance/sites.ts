// The sites that the gateway asks: a captcha's provider and the list of leaked passwords.
//
// Exports: openSites, leaked, unanswered.

import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'

/** A password that has leaked, and one of which nobody can say. */
export const leaked = 'a leaked password'
export const unanswered = 'nobody knows this'

const sha1 = (text: string) => createHash('sha1').update(text).digest('hex').toUpperCase()

/**
 * Opens them; they are closed when the test `t` ends. The captcha's provider takes the response
 * "good", is silent to "dead", and of others says what it was posted.
 */
export async function openSites(t: Pick<Test, 'teardown'>) {
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => (body += text))
    request.on('end', () => {
      if (request.method === 'GET') {
        const prefix = request.url?.split('/').at(-1)
        if (sha1(unanswered).startsWith(prefix ?? '')) return void response.writeHead(503).end()
        return void response.end(`${sha1(leaked).slice(5)}:7\r\n`)
      }
      const form = new URLSearchParams(body)
      if (form.get('response') === 'dead') return void request.destroy()
      const success = form.get('response') === 'good'
      const posted = [...form].map(([name, value]) => `${name}=${value}`)
      response.end(JSON.stringify({ success, ...(!success && { 'error-codes': posted }) }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { captchaUrl: `${url}/siteverify`, pwnedUrl: url }
}
