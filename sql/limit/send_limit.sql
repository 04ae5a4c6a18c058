create or replace function auth_private.send_limit(
  channel text,
  out size integer,
  out pace interval
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- More than a million would be more than an interval of so many paces can hold.
  select least(split_part(l.told, '/', 1)::numeric, 1000000)::integer,
    least(nullif(split_part(l.told, '/', 2), '')::interval, interval '30 days')
  from auth_private.settings s
  cross join lateral (
    select case send_limit.channel when 'sms' then s.rate_limit_sms_sent
      else s.rate_limit_email_sent end as told
  ) l
$$;

comment on function auth_private.send_limit is
  'How many mails or SMS (channel sms) the instance may send: size in an hour; or, where pace is not null, size at once and one more after each pace. A null size is no limit.';
