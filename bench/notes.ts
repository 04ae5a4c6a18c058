// The application's table that is read under RLS.
//
// Exports: createNotes.

import type { Sql } from 'postgres'
import { type Member, page } from './workloads.ts'

/** A page of notes for each of these people, in the usual form: policy, index and grant. */
export async function createNotes(sql: Sql, people: Member[]): Promise<void> {
  const owners = people.map(({ access = '' }) => {
    const claims = Buffer.from(access.split('.')[1] ?? '', 'base64url').toString()
    return (JSON.parse(claims) as { sub: string }).sub
  })
  await sql.unsafe(`
    create table public.notes (
      id bigint generated always as identity primary key,
      user_id uuid not null default auth.uid() references auth.users on delete cascade,
      title text not null
    );
    create index notes_user_id_idx on public.notes (user_id);
    alter table public.notes enable row level security;
    create policy own on public.notes to authenticated using ((select auth.uid()) = user_id);
    grant select on public.notes to authenticated;
  `)
  await sql`
    insert into public.notes (user_id, title)
    select owner, 'note ' || n
    from unnest(${owners}::uuid[]) owner
    cross join generate_series(1, ${page}) n
  `
  await sql`analyze public.notes`
}
