-- The column is for whoever runs the database: nothing here writes it.

create or replace function auth_private.session_tag(session auth.sessions)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case when session.tag = any (s.sessions_tags) then session.tag else s.sessions_tags[1] end
  from auth_private.settings s
$$;

comment on function auth_private.session_tag is
  'Which of the settings'' sessions_tags a session counts as: its own tag, or the first; null where there are none.';
