-- Durations are Go's: numbers with units, as 24h or 1h30m. Days are none of them.

create or replace function auth_private.ban_end(ban_duration text, present timestamptz)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  form constant text := '([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)';
  seconds numeric;
begin
  if coalesce(ban_end.ban_duration, '') = '' then
    return ban_end.present;
  end if;
  if ban_end.ban_duration = 'none' then
    return null;
  end if;
  if ban_end.ban_duration !~ ('^[-+]?(0|(' || form || ')+)$')
    or length(ban_end.ban_duration) > 100
  then
    perform auth_private.refuse('ban_duration_invalid', array[ban_end.ban_duration]);
  end if;

  select coalesce(sum(part[1]::numeric * case part[2]
      when 'h' then 3600 when 'm' then 60 when 's' then 1
      when 'ms' then 1e-3 when 'ns' then 1e-9 else 1e-6 end), 0)
  into seconds
  from regexp_matches(ban_end.ban_duration, form, 'g') part;
  -- Go counts nanoseconds in 64 bits: about 292 years.
  if seconds > 9223372036 then
    perform auth_private.refuse('ban_duration_invalid', array[ban_end.ban_duration]);
  end if;
  if seconds = 0 then
    return null;
  end if;
  return now() + make_interval(secs => seconds::double precision)
    * case when ban_end.ban_duration like '-%' then -1 else 1 end;
end
$$;

comment on function auth_private.ban_end is
  'When a ban of this duration ends that begins now; null for none or 0; the present end without a duration. Refuses: validation_failed.';
