-- The table of the notes, and who may do what with it. Safe to run again.
--
--   psql "$DATABASE_URL" -f examples/notes/schema.sql

create table if not exists public.notes (
  id bigint generated always as identity primary key,
  user_id uuid not null default auth.uid() references auth.users on delete cascade,
  body text not null check (length(body) between 1 and 2000),
  created_at timestamptz not null default now()
);

-- Row-level security, the index and the four usual policies: everybody her own rows.
select auth.protect('public.notes', owner => 'user_id');
