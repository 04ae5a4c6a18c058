// An application with hooks: functions in a schema of its own, which remember what they heard.
//
// Exports: openHooks, Hooks.

import type { JSONValue, Row } from 'postgres'
import type { Users } from './users.ts'

export type Hooks = {
  /** Turns a hook on: app.<name>, whose PL/pgSQL says what it answers to `event`. */
  on(name: string, body?: string, declared?: { takes?: string; returns?: string }): Promise<void>
  /** Turns a hook on that leads elsewhere. */
  at(name: string, uri: string, more?: Record<string, JSONValue>): Promise<void>
  off(name: string): Promise<void>
  /** What the hook has heard since this was last asked, oldest first. */
  heard(name: string): Promise<Row[]>
}

/** Opens the application in the users' database. */
export async function openHooks({ sql, settings }: Pick<Users, 'sql' | 'settings'>) {
  await sql.unsafe(`
    create schema app;
    create table app.heard (id integer generated always as identity, hook text, event jsonb);
    grant usage on schema app to auth_owner;
    grant all on app.heard to auth_owner;
  `)

  const hooks: Hooks = {
    async on(name, body = 'return null;', { takes = 'jsonb', returns = 'jsonb' } = {}) {
      await sql.unsafe(`
        drop function if exists app.${name};
        create function app.${name}(event ${takes}) returns ${returns} language plpgsql as $hook$
        begin
          insert into app.heard (hook, event) values ('${name}', event);
          ${body}
        end $hook$
      `)
      await hooks.at(name, `pg-functions://postgres/app/${name}`)
    },
    async at(name, uri, more = {}) {
      await settings({ [`hook_${name}_uri`]: uri, [`hook_${name}_enabled`]: true, ...more })
    },
    async off(name) {
      await settings({ [`hook_${name}_enabled`]: false })
    },
    async heard(name) {
      const rows = await sql`
        with taken as (delete from app.heard where hook = ${name} returning id, event)
        select event from taken order by id
      `
      return rows.map(({ event }) => event as Row)
    },
  }
  return hooks
}
