// Waiting for a condition, with a limit.
//
// Exports `until`.

import { setTimeout as wait } from 'node:timers/promises'

/** Asks again and again until the answer is yes; fails after 10 s. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const limit = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error(`not so after 10 s: ${condition}`)
    await wait(20)
  }
}
