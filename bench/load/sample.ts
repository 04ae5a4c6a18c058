// What one round of load comes to.
//
// Exports: Sample, createTally, percentile.

/** Latencies in milliseconds. */
export interface Sample {
  /** Answers that were as they should be. */
  done: number
  failed: number
  /** What the first failure said. */
  fault?: string
  seconds: number
  p50: number
  p95: number
  p99: number
  /** The percentiles 2, 4, … 100. */
  curve: number[]
}

export const rateOf = (sample: Sample): number => sample.done / sample.seconds

/** The value below which such a part (0 to 1) of the sorted values lies. */
export function percentile(sorted: number[], part: number): number {
  const index = Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)
  return sorted[Math.max(0, index)] ?? NaN
}

/**
 * Counts answers as they come. With a time, those that come later do not count, since by then some
 * connections have stopped.
 *
 * @param limit seconds; without it the time until the last answer is taken
 */
export function createTally(limit?: number) {
  const began = performance.now()
  const end = limit === undefined ? Infinity : began + limit * 1000
  const latencies: number[] = []
  let failed = 0
  let fault: string | undefined
  let last = began

  return {
    over: () => performance.now() >= end,
    /** @param wrong what was wrong with the answer */
    note(milliseconds: number, wrong?: string) {
      const now = performance.now()
      if (now > end) return
      last = now
      if (wrong === undefined) {
        latencies.push(milliseconds)
        return
      }
      failed++
      fault ??= wrong
    },
    sample(): Sample {
      latencies.sort((a, b) => a - b)
      return {
        done: latencies.length,
        failed,
        ...(fault !== undefined && { fault }),
        seconds: limit ?? (last - began) / 1000,
        p50: percentile(latencies, 0.5),
        p95: percentile(latencies, 0.95),
        p99: percentile(latencies, 0.99),
        curve: Array.from({ length: 50 }, (_, index) => percentile(latencies, (index + 1) / 50)),
      }
    },
  }
}
