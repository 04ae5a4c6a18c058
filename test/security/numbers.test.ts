// S-01 to S-32 each have a test that is named by the number, or wait for something that is said.

import * as fs from 'node:fs'
import t from 'tap'
import { waiting } from './waiting.ts'

const tested = new Set(
  fs
    .readdirSync('test/security')
    .flatMap((file) => /^s(\d\d)_\w+\.test\.ts$/.exec(file)?.[1] ?? []),
)

t.test('every number is accounted for', async (t) => {
  for (let n = 1; n <= 32; n++) {
    const number = String(n).padStart(2, '0')
    const reason = waiting[`S-${number}`]
    t.ok(tested.has(number) || reason, `S-${number}${reason ? ` waits for ${reason}` : ''}`)
    if (!tested.has(number)) t.notMatch(reason, /is tested/)
  }
})

for (const [number, reason] of Object.entries(waiting)) t.comment(`${number} waits for ${reason}`)
