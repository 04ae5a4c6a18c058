// Hashes and encodings, against Node's own.

import { createHash, createHmac, randomBytes } from 'node:crypto'
import t from 'tap'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)
const samples = [0, 1, 2, 3, 4, 31, 32, 63, 64, 65, 1000].map((size) => randomBytes(size))

t.test('HMAC-SHA256 is that of RFC 2104', async (t) => {
  for (const data of samples) {
    for (const key of samples) {
      const [row] = await sql`select auth_private.hmac_sha256(${data}, ${key}) as hmac`
      t.same(row?.hmac, createHmac('sha256', key).update(data).digest())
    }
  }
})

t.test('the hash of a secret is SHA-256 of its UTF-8, in hex', async (t) => {
  for (const text of ['', 'abc', 'ü', '日本', '🙂', 'x'.repeat(10_000)]) {
    const [row] = await sql`select auth_private.sha256_hex(${text}) as hash`
    t.equal(row?.hash, createHash('sha256').update(text).digest('hex'))
  }
})

t.test('base64url has no padding and no line breaks, and reads back', async (t) => {
  for (const data of samples) {
    const [row] = await sql`
      select auth_private.base64url(${data}) as text,
        auth_private.from_base64url(auth_private.base64url(${data})) as data
    `
    t.same(row, { text: data.toString('base64url'), data })
  }
})

t.test('what is no base64url reads as nothing', async (t) => {
  for (const text of ['A', 'AAAAA', 'AA==', 'A+', 'A/', 'A A', 'AA\n', 'ÄA', '..', 'AA.AA', null]) {
    const [row] = await sql`select auth_private.from_base64url(${text}) as data`
    t.equal(row?.data, null, String(text))
  }
})

t.test('a code is kept under a pepper that the database alone has', async (t) => {
  const [pepper] = await sql`select value from auth_private.secrets where name = 'otp_pepper'`
  t.equal(pepper?.value.length, 32)
  const [row] = await sql`select auth_private.code_hash('ann@example.com', '123456') as hash`
  const hmac = createHmac('sha256', pepper?.value).update('ann@example.com\n123456')
  t.same(row?.hash, hmac.digest())
})
