// The layout of refresh tokens, byte by byte: what GoTrue's newer algorithm makes, we read, and
// the other way round.

import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto'
import t from 'tap'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)

/** The reference: 00, session id, counter as varint, 16 bytes of HMAC, 4 bytes of SHA-256. */
function reference(id: string, counter: bigint, key: Buffer): Buffer {
  const varint: number[] = []
  let rest = counter
  for (; rest > 127n; rest >>= 7n) varint.push(Number(rest & 127n) | 128)
  varint.push(Number(rest))
  const said = Buffer.from([0, ...Buffer.from(id.replaceAll('-', ''), 'hex'), ...varint])
  const hmac = createHmac('sha256', key).update(said).digest().subarray(0, 16)
  const signed = Buffer.concat([said, hmac])
  return Buffer.concat([signed, createHash('sha256').update(signed).digest().subarray(0, 4)])
}

const id = randomUUID()
const key = randomBytes(32)
const counters = [
  0n,
  1n,
  127n,
  128n,
  129n,
  255n,
  300n,
  16383n,
  16384n,
  2n ** 31n,
  2n ** 56n - 1n,
  2n ** 56n,
  2n ** 63n - 1n,
]

t.test('a session’s token is the reference’s, and reads back', async (t) => {
  for (const counter of counters) {
    const expected = reference(id, counter, key)
    const [made] = await sql`
      select auth_private.refresh_token(jsonb_populate_record(null::auth.sessions, ${sql.json({
        id,
        refresh_token_counter: counter.toString(),
        refresh_token_hmac_key: key.toString('base64url'),
      })})) as token
    `
    t.equal(made?.token, expected.toString('base64url'), String(counter))

    const [read] = await sql`
      select session_id, counter, said, signature
      from auth_private.parse_refresh_token(${made?.token})
    `
    t.same(read, {
      session_id: id,
      counter: counter.toString(),
      said: expected.subarray(0, -20),
      signature: expected.subarray(-20, -4),
    })
  }
})

t.test('anything else is read as none', async (t) => {
  const good = reference(id, 300n, key)
  /** With a right checksum, so that only the layout is wrong. */
  const checked = (bytes: number[]) => {
    const sum = createHash('sha256').update(Buffer.from(bytes)).digest().subarray(0, 4)
    return Buffer.from([...bytes, ...sum])
  }
  const head = [...good.subarray(0, 17)]
  const tail = [...good.subarray(-20, -4)]
  const bad: [string, Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['another version', checked([1, ...good.subarray(1, -4)])],
    ['no counter', checked([...head, ...tail])],
    ['a counter that ends nowhere', checked([...head, 0xac, 0x82, ...tail])],
    ['a counter that ends too soon', checked([...head, 0x2c, 0x02, ...tail])],
    ['a counter of ten bytes', checked([...head, ...Array(9).fill(0xff), 1, ...tail])],
    ['a short signature', checked([...head, 0, ...tail.slice(2)])],
    ['a wrong checksum', Buffer.from([...good.subarray(0, -1), good.at(-1)! ^ 1])],
    ['one byte more', Buffer.from([...good, 0])],
    ['one byte less', good.subarray(0, -1)],
  ]
  for (const [title, bytes] of bad) {
    const [read] = await sql`
      select session_id from auth_private.parse_refresh_token(${bytes.toString('base64url')})
    `
    t.equal(read?.session_id, null, title)
  }
})
