create or replace function auth_private.url_encode(value text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(string_agg(
    case
      when c.letter ~ '^[A-Za-z0-9._~-]$' then c.letter
      when c.letter = ' ' then '+'
      else regexp_replace(
        upper(encode(convert_to(c.letter, 'UTF8'), 'hex')), '(..)', '%\1', 'g')
    end, '' order by c.place), '')
  from string_to_table(url_encode.value, null) with ordinality c (letter, place)
$$;

comment on function auth_private.url_encode is
  'A value for a query string or a fragment (application/x-www-form-urlencoded).';
