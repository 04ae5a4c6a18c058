// A lane: so many at once, so many waiting, and a refusal beyond that. A storm in one lane delays
// nobody in another, and memory stays bounded.
//
// Exports: Lane, LaneOptions, createLane.

import PQueue from 'p-queue'

export interface Lane {
  /** Runs the work when its turn comes; throws what full() or late() makes where it does not. */
  run<T>(work: () => Promise<T>): Promise<T>
  /** How many wait. */
  waiting(): number
  /** Resolves once nothing runs or waits. */
  idle(): Promise<void>
}

export interface LaneOptions {
  /** How many run at once. */
  concurrency: number
  /** How many may wait. */
  limit: number
  /** Milliseconds that one may wait. */
  patience: number
  /** Makes the error for those beyond the limit. */
  full: () => Error
  /** Makes the error for those whose turn did not come in time. */
  late: () => Error
}

export function createLane({ concurrency, limit, patience, full, late }: LaneOptions): Lane {
  const queue = new PQueue({ concurrency })
  return {
    run(work) {
      if (queue.size >= limit) {
        return Promise.reject(full())
      }
      if (queue.pending < concurrency) {
        return queue.add(work)
      }
      const waiting = new AbortController()
      const timer = setTimeout(() => waiting.abort(late()), patience)
      const start = () => {
        clearTimeout(timer)
        return work()
      }
      return queue.add(start, { signal: waiting.signal })
    },
    waiting: () => queue.size,
    idle: () => queue.onIdle(),
  }
}
