-- Durations as Go writes them, which is what GoTrue's variables hold. What Postgres takes for
-- an interval is good too, but for a bare number, which one reads as seconds and another as
-- minutes, and for infinity, with which nothing can be computed.

create or replace function auth_private.setting_duration(value text)
returns interval
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  unit constant text := '([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)';
  parsed interval;
begin
  if nullif(setting_duration.value, '') is null then
    return null;
  end if;
  if setting_duration.value ~ '^[+-]?0$' then
    return interval '0';
  end if;

  if setting_duration.value ~ ('^[+-]?(' || unit || ')+$') then
    select make_interval(secs => sum(part.text[1]::numeric * case part.text[2]
        when 'h' then 3600 when 'm' then 60 when 's' then 1 when 'ms' then 0.001
        when 'ns' then 0.000000001 else 0.000001 end)::double precision)
      * case when setting_duration.value like '-%' then -1 else 1 end
    into parsed
    from regexp_matches(setting_duration.value, unit, 'g') part (text);
  elsif setting_duration.value ~ ':|[a-zA-Z]$' then
    parsed := setting_duration.value::interval;
  end if;

  if parsed is null or not isfinite(parsed) then
    raise exception using errcode = 'invalid_datetime_format', message = 'not a duration';
  end if;
  return parsed;
end
$$;

comment on function auth_private.setting_duration is
  'The duration that is written as 1h30m or as an interval of Postgres; null for nothing. Raises invalid_datetime_format for anything else, a number without a unit among them.';
