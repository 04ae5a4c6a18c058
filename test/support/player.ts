// One side of a race, with a connection of its own: statements in a transaction that stays open,
// and whether it is held up by the other side.
//
// Exports: openPlayer, Player.

import type { Sql } from 'postgres'
import { type Ask, openDoor } from './door.ts'
import { until } from './until.ts'

export type Player = {
  ask: Ask
  sql: Sql
  begin(): Promise<void>
  commit(): Promise<void>
  rollback(): Promise<void>
  /** Waits until the player's statement waits for a lock; at most 10 s. */
  isHeldUp(): Promise<void>
}

/**
 * @param connection a connection of the player's own, of which there is only one
 * @param observer another, to look from
 */
export async function openPlayer(connection: Sql, observer: Sql): Promise<Player> {
  const [row] = await connection<{ pid: number }[]>`select pg_backend_pid() as pid`
  const say = async (statement: string) => void (await connection.unsafe(statement))
  return {
    ask: openDoor(connection),
    sql: connection,
    begin: () => say('begin'),
    commit: () => say('commit'),
    rollback: () => say('rollback'),
    isHeldUp: () =>
      until(async () => {
        const held = await observer`
          select from pg_locks where pid = ${row?.pid ?? 0} and not granted
        `
        return held.length > 0
      }),
  }
}
