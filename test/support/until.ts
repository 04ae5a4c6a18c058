// Waiting for a condition, with a limit.
//
// Exports `until`.

import { setTimeout as wait } from 'node:timers/promises'

/** Asks again and again until the answer is yes; fails after so many seconds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  seconds = 30,
): Promise<void> {
  const limit = Date.now() + seconds * 1_000
  while (!(await condition())) {
    if (Date.now() > limit) throw new Error(`not so after ${seconds} s: ${condition}`)
    await wait(20)
  }
}
