// A lane: so many at once, so many waiting, and a refusal beyond that. A storm in one lane delays
// nobody in another, and memory stays bounded. It is on the way of every request, so it is no more
// than a count and a list: a general queue cost a tenth of the gateway's work.
//
// Exports: Lane, LaneOptions, createLane.

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

/** One that waits: it begins, or is told that its turn did not come. */
interface Waiter {
  since: number
  begin(): void
  refuse(error: Error): void
}

export function createLane({ concurrency, limit, patience, full, late }: LaneOptions): Lane {
  // In the order in which they came, so who has waited longest is the first of the set.
  const waiters = new Set<Waiter>()
  const watchers: (() => void)[] = []
  let running = 0
  let timer: NodeJS.Timeout | undefined

  /** One timer for all: it is set for the first, and everybody is as patient as the first. */
  const watch = () => {
    const [first] = waiters
    timer = first && setTimeout(refuseLate, first.since + patience - performance.now()).unref()
  }
  const refuseLate = () => {
    for (const waiter of waiters) {
      if (performance.now() - waiter.since < patience) break
      waiters.delete(waiter)
      waiter.refuse(late())
    }
    watch()
  }

  const next = () => {
    const [first] = waiters
    if (first) {
      waiters.delete(first)
      first.begin()
      return
    }
    running--
    if (running > 0) return
    for (const idle of watchers.splice(0)) idle()
  }

  const turn = () =>
    new Promise<void>((begin, refuse) => {
      waiters.add({ since: performance.now(), begin, refuse })
      if (!timer) watch()
    })

  return {
    async run(work) {
      if (running >= concurrency) {
        if (waiters.size >= limit) throw full()
        await turn()
      } else {
        running++
      }
      try {
        return await work()
      } finally {
        next()
      }
    },
    waiting: () => waiters.size,
    idle: () =>
      running === 0 ? Promise.resolve() : new Promise((resolve) => watchers.push(resolve)),
  }
}
