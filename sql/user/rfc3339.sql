create or replace function auth_private.rfc3339(moment timestamptz)
returns text
language sql stable strict
return to_char(moment at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

comment on function auth_private.rfc3339 is
  'A moment in UTC as RFC 3339 writes it, with microseconds.';
