// What many ask for at the same time, done at once.
//
// Exports together().

/**
 * Collects while the last call is on its way: the first asks at once and alone, and those who come
 * meanwhile go together as soon as it is back. So nobody waits for company, and the busier it is,
 * the fewer calls there are.
 *
 * @param ask answers a list, one for one; where it rejects, all of the list are rejected
 */
export function together<T, R>(ask: (list: T[]) => Promise<R[]>): (one: T) => Promise<R> {
  type Asked = { one: T; resolve(answer: R): void; reject(reason: unknown): void }
  let collected: Asked[] = []
  let busy = false

  const go = async (): Promise<void> => {
    busy = true
    while (collected.length > 0) {
      const list = collected
      collected = []
      try {
        const answers = await ask(list.map(({ one }) => one))
        list.forEach(({ resolve }, index) => resolve(answers[index] as R))
      } catch (error) {
        for (const { reject } of list) reject(error)
      }
    }
    busy = false
  }

  return (one) =>
    new Promise((resolve, reject) => {
      collected.push({ one, resolve, reject })
      if (!busy) void go()
    })
}
