// A lane: so many at once, so many waiting, and a refusal beyond that. A storm in one lane delays
// nobody in another, and memory stays bounded.
//
// Exports: Lane, createLane.

import PQueue from 'p-queue'

export interface Lane {
  /** Runs the work when its turn comes; throws what full() makes if too many wait already. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** How many wait. */
  waiting(): number
  /** Resolves once nothing runs or waits. */
  idle(): Promise<void>
}

/**
 * @param concurrency how many run at once
 * @param limit how many may wait
 * @param full makes the error for those beyond the limit
 */
export function createLane(concurrency: number, limit: number, full: () => Error): Lane {
  const queue = new PQueue({ concurrency })
  return {
    run(work) {
      if (queue.size >= limit) {
        return Promise.reject(full())
      }
      return queue.add(work)
    },
    waiting: () => queue.size,
    idle: () => queue.onIdle(),
  }
}
