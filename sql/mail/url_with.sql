-- Adds what a redirect says, to the query or the fragment or both. The target's own
-- parameters are kept, unless they have the same name.

create or replace function auth_private.url_with(url text, query jsonb, fragment jsonb)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select split_part(split_part(url, '#', 1), '?', 1)
    || coalesce('?' || (
      select string_agg(pair.text, '&' order by pair.name, pair.place)
      from (
        select split_part(kept.text, '=', 1) as name, kept.place, kept.text
        from string_to_table(
          nullif(substring(split_part(url, '#', 1) from '\?(.*)$'), ''), '&'
        ) with ordinality kept (text, place)
        where kept.text <> '' and not coalesce(query, '{}') ? split_part(kept.text, '=', 1)
        union all
        select key, 0, key || '=' || auth_private.url_encode(value)
        from jsonb_each_text(query)
      ) pair
    ), '')
    || coalesce('#' || (
      select string_agg(key || '=' || auth_private.url_encode(value), '&' order by key)
      from jsonb_each_text(fragment)
    ), '')
$$;

comment on function auth_private.url_with is
  'A URL with parameters set in its query and its fragment replaced, both sorted by name.';
