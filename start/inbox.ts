// An inbox for trying things: it takes every mail, whoever it is for, and shows it in a browser.
//
// Exports `startInbox`.

import { mkdirSync } from 'node:fs'

export type InboxOptions = {
  smtpPort: number
  webPort: number
  /** Where mails are kept, so that they are still there after a restart. */
  folder: string
}

/**
 * Starts MailDev in this process.
 *
 * @returns the URL to look at mails, and its `close`
 */
export async function startInbox(options: InboxOptions) {
  // It takes a second to load, so only those who want it pay for it.
  const { MailDev } = await import('maildev').catch((cause: unknown) => {
    const message = 'The inbox (maildev) is not installed: run "npm install", or set SMTP_HOST'
    throw new Error(message, { cause })
  })
  // Mails hold links that sign people in.
  mkdirSync(options.folder, { recursive: true, mode: 0o700 })
  const inbox = new MailDev({
    smtp: options.smtpPort,
    ip: '127.0.0.1',
    web: options.webPort,
    webIp: '127.0.0.1',
    mailDirectory: options.folder,
    maxEmails: 1_000,
    silent: true,
  })
  await quietly(() => inbox.start())
  return { url: `http://127.0.0.1:${options.webPort}`, close: () => inbox.stop() }
}

/** Even when told to be silent, the library says on the console where it listens. */
async function quietly(work: () => Promise<unknown>): Promise<void> {
  const { info } = console
  console.info = () => undefined
  try {
    await work()
  } finally {
    console.info = info
  }
}
