create or replace function auth_private.profile_emails(
  profile jsonb,
  out candidate text,
  out candidate_verified boolean,
  out verified text[],
  out data jsonb
)
returns record
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select
    coalesce(told.candidate ->> 'email', ''),
    coalesce((told.candidate ->> 'verified')::boolean, false),
    told.verified,
    coalesce(profile -> 'data', '{}') || jsonb_strip_nulls(jsonb_build_object(
      'sub', profile ->> 'subject',
      'email', told.candidate ->> 'email',
      'email_verified', coalesce((told.candidate ->> 'verified')::boolean, false),
      'phone_verified', coalesce((profile #>> '{data,phone_verified}')::boolean, false)))
  from (
    select
      (array_agg(
        e.it order by coalesce((e.it ->> 'primary')::boolean, false) desc, e.place desc
      ))[1] as candidate,
      coalesce(array_agg(e.it ->> 'email')
        filter (where (e.it ->> 'verified')::boolean), '{}') as verified
    from (
      select i.it || jsonb_build_object(
        'email', lower((i.it ->> 'email') collate "C") collate "default") as it, i.place
      from jsonb_array_elements(coalesce(profile -> 'emails', '[]')) with ordinality i (it, place)
      where i.it ->> 'email' <> ''
    ) e
  ) told
$$;

comment on function auth_private.profile_emails is
  'Of a verified profile: the address that counts (the primary, else the last; empty for none), whether the site has verified it, all that it has verified, and what becomes identity_data.';
