-- Without a SET clause, so that it melts into the query that reads from it, and its rows
-- come in order from an index.

create or replace function auth_private.listed_users(aud text, filter text)
returns setof auth.users
language sql stable
begin atomic
  select *
  from auth.users u
  where u.aud = listed_users.aud
    and (u.instance_id = '00000000-0000-0000-0000-000000000000' or u.instance_id is null)
    and (
      coalesce(listed_users.filter, '') = ''
      or u.email like '%' || listed_users.filter || '%'
      or u.raw_user_meta_data ->> 'full_name' ilike '%' || listed_users.filter || '%'
    );
end;

comment on function auth_private.listed_users is
  'The users of an audience; with a filter those that have it in the address or, in any case, in the full name.';
