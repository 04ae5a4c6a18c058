// Asks haveibeenpwned.com, or a mirror of it, whether a password has leaked. It learns five digits
// of the password's SHA-1 and answers with all that begin so; among them we look ourselves.
//
// Exports: PwnedConfig, isPwned.

import { createHash } from 'node:crypto'
import type { Logger } from 'pino'

export interface PwnedConfig {
  userAgent: string
}

const timeoutMilliseconds = 5000

/**
 * Whether a password is among those that leaked; unknown where nobody answers in five seconds.
 *
 * @param url asked instead of https://api.pwnedpasswords.com
 */
export async function isPwned(
  config: PwnedConfig,
  password: string,
  log: Logger,
  url = 'https://api.pwnedpasswords.com',
): Promise<boolean | 'unknown'> {
  const digest = createHash('sha1').update(password.normalize('NFC')).digest('hex').toUpperCase()

  try {
    const response = await fetch(`${url.replace(/\/$/, '')}/range/${digest.slice(0, 5)}`, {
      // Answers of one length tell a listener nothing; the added ones have a count of 0.
      headers: { 'user-agent': config.userAgent, 'add-padding': 'true' },
      signal: AbortSignal.timeout(timeoutMilliseconds),
    })
    if (response.status !== 200) {
      throw new Error(`status ${response.status}`)
    }
    const leaked = (await response.text()).split(/\r?\n/)
    return leaked.some((line) => {
      const [suffix, count] = line.split(':')
      return suffix?.toUpperCase() === digest.slice(5) && Number(count) > 0
    })
  } catch (error) {
    log.warn({ err: error }, 'nobody could say whether a password has leaked')
    return 'unknown'
  }
}
