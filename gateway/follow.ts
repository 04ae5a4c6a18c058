// Follows something that may change at any time: looks whenever it is told that it may have, one
// look at a time, and until one succeeds.
//
// Exports: follow.

import type { Logger } from 'pino'

/** Milliseconds before another look after one that failed. */
const pause = 1000

/**
 * Of two looks at once the earlier might end last, and what it saw would stay; so whoever is told
 * of a change while looking looks once more.
 */
export function follow(lookOnce: () => Promise<void>, log: Logger) {
  let looking = false
  let again = false
  let closed = false
  let timer: NodeJS.Timeout | undefined

  async function lookUntilSeen(): Promise<void> {
    looking = true
    while (again && !closed) {
      again = false
      try {
        await lookOnce()
      } catch (error) {
        log.error({ err: error }, 'configuration not read again')
        timer = setTimeout(look, pause)
        break
      }
    }
    looking = false
  }

  function look(): void {
    clearTimeout(timer)
    again = true
    if (!looking) void lookUntilSeen()
  }

  return {
    look,
    close(): void {
      closed = true
      clearTimeout(timer)
    },
  }
}
