// Random bytes and digits.

import t from 'tap'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)

t.test('random bytes are as many as asked for, and never the same', async (t) => {
  const rows = await sql`
    select n, auth_private.random_bytes(n) as bytes from generate_series(16, 115) n
  `
  t.ok(rows.every(({ n, bytes }) => bytes.length === n))
  t.equal(new Set(rows.map(({ bytes }) => bytes.toString('hex', 0, 16))).size, 100)
})

t.test('digits are as many as asked for, and all of them come', async (t) => {
  for (const length of [6, 7, 8, 9, 10]) {
    const rows = await sql<{ code: string }[]>`
      select auth_private.random_digits(${length}) as code from generate_series(1, 2000)
    `
    const form = new RegExp(`^\\d{${length}}$`)
    t.ok(
      rows.every(({ code }) => form.test(code)),
      `${length} digits`,
    )
    for (const place of [0, length - 1]) {
      const count = Array.from({ length: 10 }, (_, digit) => {
        return rows.filter(({ code }) => code[place] === String(digit)).length
      })
      // 200 are expected of each digit; 110 is more than six standard deviations away.
      t.ok(Math.min(...count) > 110 && Math.max(...count) < 290, `place ${place}: ${count}`)
    }
    t.ok(new Set(rows.map(({ code }) => code)).size > 1980)
  }
})
