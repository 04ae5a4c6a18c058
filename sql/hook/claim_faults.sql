-- The claims that Supabase's clients and policies stand on, checked as GoTrue does, in the
-- words of its JSON schema.

create or replace function auth_private.claim_faults(claims jsonb)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  with given as (
    select 'root' as name, null::integer as item, coalesce(claims, 'null') as value
    union all
    select c.key, null, c.value
    from jsonb_each(case jsonb_typeof(claims) when 'object' then claims else '{}' end) c
    union all
    select 'amr', a.place::integer - 1, a.value
    from jsonb_array_elements(
      case jsonb_typeof(claims -> 'amr') when 'array' then claims -> 'amr' else '[]' end)
      with ordinality a (value, place)
  ),
  expected (place, name, types) as (
    values
      (1, 'root', '{object}'::text[]),
      (2, 'aud', '{string,array}'), (3, 'exp', '{integer}'), (4, 'jti', '{string}'),
      (5, 'iat', '{integer}'), (6, 'iss', '{string}'), (7, 'nbf', '{integer}'),
      (8, 'sub', '{string}'), (9, 'email', '{string}'), (10, 'phone', '{string}'),
      (11, 'app_metadata', '{object}'), (12, 'user_metadata', '{object}'),
      (13, 'role', '{string}'), (14, 'aal', '{string}'), (15, 'amr', '{array}'),
      (16, 'session_id', '{string}'), (17, 'client_id', '{string}')
  ),
  typed as (
    select g.name, g.item,
      case
        when jsonb_typeof(g.value) <> 'number' then jsonb_typeof(g.value)
        when trunc((g.value #>> '{}')::numeric) = (g.value #>> '{}')::numeric then 'integer'
        else 'number'
      end as type
    from given g
  ),
  faults (place, item, text) as (
    select 0, r.place::integer, format('(root): %s is required', r.name)
    from unnest('{aud,exp,iat,sub,email,phone,role,aal,session_id,is_anonymous}'::text[])
      with ordinality r (name, place)
    where jsonb_typeof(claims) = 'object' and not claims ? r.name
    union all
    select e.place, null, format('%s: Invalid type. Expected: %s, given: %s',
      case e.name when 'root' then '(root)' else e.name end,
      case array_length(e.types, 1) when 1 then e.types[1]
        else '[' || array_to_string(e.types, ',') || ']' end,
      t.type)
    from expected e
    join typed t on t.name = e.name and t.item is null
    where t.type <> all (e.types)
    union all
    select 15, t.item, format('amr.%s: %s', t.item, said.text)
    from typed t
    cross join unnest(array[
      'Must validate at least one schema (anyOf)',
      'Invalid type. Expected: string, given: ' || t.type]) said (text)
    where t.item is not null and t.type not in ('string', 'object')
  )
  select coalesce(array_agg(f.text order by f.place, f.item, f.text desc), '{}')
  from faults f
$$;

comment on function auth_private.claim_faults is
  'What is wrong with the claims of an access token, a line each; empty for good ones.';
