// Mails that are ready, handed to a mail server by the same library with the same settings as the
// worker's: the rate of one process that does nothing else.
//
// Exports: loadSmtp.

import { headersFor, openTransport } from '../../worker/smtp.ts'
import type { SmtpJob } from './jobs.ts'
import { createTally, type Sample } from './sample.ts'

const link = 'http://localhost:9999/verify?type=magiclink&token=0123456789abcdef0123456789abcdef'
const content = {
  subject: 'Your sign-in link',
  html: `<h2>Sign in</h2>\n<p>Follow this link:</p>\n<p><a href="${link}">Sign in</a></p>\n`,
  text: `Sign in\n\nFollow this link: ${link}\n`,
}

export async function loadSmtp({ port, connections, amount }: SmtpJob): Promise<Sample> {
  const smtp = { host: '127.0.0.1', port, adminEmail: 'auth@example.com' }
  const transport = openTransport(smtp, connections)
  const headers = headersFor(smtp, 'magic_link')
  let left = amount.calls
  const tally = createTally()
  // Twice as many as connections, as in the worker.
  await Promise.all(
    Array.from({ length: 2 * connections }, async () => {
      while (left-- > 0) {
        const began = performance.now()
        const to = { name: '', address: `ready-${left}@example.com` }
        await transport.sendMail({ to, headers, ...content })
        tally.note(performance.now() - began)
      }
    }),
  )
  transport.close()
  return tally.sample()
}
