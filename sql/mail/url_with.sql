-- Adds what a redirect says, to the query or the fragment or both. The target's own
-- parameters are kept, unless they have the same name. The result is a header's value,
-- so letters beyond ASCII are encoded. In the fragment GoTrue encodes twice what is no plus
-- sign, and so do we, for clients that expect it.

create or replace function auth_private.url_with(url text, query jsonb, fragment jsonb)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select split_part(target.text, '?', 1)
    || coalesce('?' || (
      select string_agg(pair.text, '&' order by pair.name collate "C", pair.place)
      from (
        select split_part(kept.text, '=', 1) as name, kept.place, kept.text
        from string_to_table(nullif(substring(target.text from '\?(.*)$'), ''), '&')
          with ordinality kept (text, place)
        -- Names alone: a server that logs plans shows what a condition compares with.
        where kept.text <> ''
          and split_part(kept.text, '=', 1) not in (select jsonb_object_keys(query))
        union all
        select key, 0, key || '=' || auth_private.url_encode(value)
        from jsonb_each_text(query)
      ) pair
    ), '')
    || coalesce('#' || (
      select string_agg(key || '=' || replace(auth_private.url_encode(value), '%', '%25'), '&'
        order by key collate "C")
      from jsonb_each_text(fragment)
    ), '')
  from (
    select string_agg(
      case when ascii(letter) > 127 then auth_private.url_encode(letter) else letter end,
      '' order by place) as text
    from string_to_table(split_part(url, '#', 1), null) with ordinality l (letter, place)
  ) target
$$;

comment on function auth_private.url_with is
  'A URL with parameters set in its query and its fragment replaced, both sorted by name.';
