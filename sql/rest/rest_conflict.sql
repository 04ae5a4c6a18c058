-- Each merged row is counted in a setting: whether anything was new decides the status of
-- the answer.

create or replace function auth_private.rest_conflict(query jsonb, target jsonb, names text[])
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    ' on conflict ('
      || string_agg((auth_private.rest_column(target, name)).identifier, ', ' order by n)
      || ') do '
      || case
        when query ->> 'resolution' = 'merge-duplicates' and names <> '{}' then 'update set '
          || (select string_agg(format('%s = excluded.%1$s', w), ', ') from unnest(names) as w)
          || ' where pg_catalog.set_config(''pgtrue.merged'', (coalesce(nullif('
          || 'pg_catalog.current_setting(''pgtrue.merged'', true), ''''), ''0'')'
          || '::integer + 1)::text, true) is not null'
        else 'nothing'
      end, '')
  from jsonb_array_elements_text(
    coalesce(nullif(query -> 'conflict', 'null'), target -> 'key')
  ) with ordinality as conflict (name, n)
  where query ->> 'resolution' is not null
$$;

comment on function auth_private.rest_conflict is
  'What an insert does with rows that exist by the columns in conflict, else by the primary key, as SQL; empty where neither is known. Refuses: 42703.';

grant execute on function auth_private.rest_conflict to authenticator;
