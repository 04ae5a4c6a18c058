// What many ask for at once.

import t from 'tap'
import { together } from '../../worker/together.ts'

/** A question that is answered when we say so, and what was asked. */
function openAsk() {
  const asked: { list: number[]; answer(): void; fail(error: Error): void }[] = []
  const ask = (list: number[]) =>
    new Promise<string[]>((resolve, reject) => {
      asked.push({ list, answer: () => resolve(list.map((n) => `answer ${n}`)), fail: reject })
    })
  return { asked, one: together(ask) }
}

const settled = (promises: Promise<string>[]) => Promise.allSettled(promises)

t.test('asks at once, and for those who come meanwhile together', async (t) => {
  const { asked, one } = openAsk()
  const first = one(1)
  const others = [one(2), one(3), one(4)]
  t.same(
    asked.map(({ list }) => list),
    [[1]],
  )

  asked[0]?.answer()
  t.equal(await first, 'answer 1')
  t.same(
    asked.map(({ list }) => list),
    [[1], [2, 3, 4]],
  )
  asked[1]?.answer()
  t.same(await Promise.all(others), ['answer 2', 'answer 3', 'answer 4'])
})

t.test('a failure is told to all of its list, and the next are asked for', async (t) => {
  const { asked, one } = openAsk()
  const first = one(1)
  const lost = settled([one(2), one(3)])
  asked[0]?.answer()
  await first
  const next = one(4)
  asked[1]?.fail(new Error('gone'))
  t.match(await lost, [
    { status: 'rejected', reason: { message: 'gone' } },
    { status: 'rejected', reason: { message: 'gone' } },
  ])
  asked[2]?.answer()
  t.equal(await next, 'answer 4')
})

t.test('whoever comes when all is done is asked for at once', async (t) => {
  const { asked, one } = openAsk()
  const first = one(1)
  asked[0]?.answer()
  await first
  const second = one(2)
  t.equal(asked.length, 2)
  asked[1]?.answer()
  t.equal(await second, 'answer 2')
})
