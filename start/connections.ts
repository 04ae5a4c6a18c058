// Connections to Postgres, each of which serves one statement at a time and is thrown away as soon
// as it fails.
//
// postgres.js mends a connection that broke, and may lose a statement in doing so: one that comes
// between the error and the end of the socket is never answered, or gets the answer to another, and
// where bytes were still to be written, nothing is sent any more. So each of ours is a client of
// its own with one connection, which is not used again after anything but an answer came from it.
//
// Exports: Connections, openConnections.

import postgres from 'postgres'

export interface Connections {
  /**
   * Runs one statement, on a connection that nobody else uses meanwhile; there are as many of them
   * as statements run at once, so whoever calls sees to it that these are few.
   *
   * @throws what Postgres says, or an error with a code of postgres.js or Node where it can't be
   *   reached, goes away or does not answer within the limit
   */
  run<T>(statement: (sql: postgres.Sql) => PromiseLike<T>): Promise<T>
  /** Ends those that are idle, and the others once they have answered. */
  close(): Promise<void>
}

interface Client {
  sql: postgres.Sql
  /** When it is to be replaced, as the memory of a server process grows. */
  retiresAt: number
  /** Whether it may serve. */
  sound: boolean
}

/**
 * Connects when first used.
 *
 * @param limit milliseconds for connecting and the statement; then the connection is given up
 */
export function openConnections(
  url: string,
  limit: number,
  connection: Partial<postgres.ConnectionParameters> = {},
): Connections {
  const clients = new Set<Client>()
  let idle: Client[] = []
  let closed = false

  function open(): Client {
    const sql = postgres(url, {
      max: 1,
      connection,
      // Nobody is told where asking for the types of arrays fails; we read none.
      fetch_types: false,
      max_lifetime: null,
      onnotice: () => {},
      onclose: () => void discard(client),
    })
    const client = { sql, retiresAt: performance.now() + lifetime(), sound: true }
    clients.add(client)
    return client
  }

  function discard(client: Client): Promise<void> {
    client.sound = false
    clients.delete(client)
    idle = idle.filter((other) => other !== client)
    return client.sql.end({ timeout: 0 })
  }

  return {
    async run(statement) {
      const client = idle.pop() ?? open()
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(noAnswer(limit)), limit)
      })
      try {
        return await Promise.race([statement(client.sql), late])
      } catch (error) {
        if (!isAnswer(error)) void discard(client)
        throw error
      } finally {
        clearTimeout(timer)
        if (closed || performance.now() > client.retiresAt) void discard(client)
        if (client.sound) idle.push(client)
      }
    },
    async close() {
      closed = true
      await Promise.all(idle.map(discard))
    },
  }
}

/** 30 to 60 minutes, so that not all are replaced at once. */
const lifetime = () => (30 + 30 * Math.random()) * 60_000

/** Whether Postgres has refused the statement and goes on to listen. */
const isAnswer = (error: unknown) =>
  error instanceof postgres.PostgresError && error.severity === 'ERROR'

const noAnswer = (limit: number) =>
  Object.assign(new Error(`Postgres did not answer within ${limit} ms`), { code: 'ETIMEDOUT' })
