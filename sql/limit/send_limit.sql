create or replace function auth_private.send_limit(
  channel text,
  out size integer,
  out pace interval
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A million paces of 30 days are about what an interval can hold. By case, since least
  -- takes null for no candidate.
  select
    case when l.told is not null
      then least(split_part(l.told, '/', 1)::numeric, 1000000)::integer end,
    case when l.told like '%/%'
      then least(split_part(l.told, '/', 2)::interval, interval '30 days') end
  from auth_private.settings s
  cross join lateral (
    select case send_limit.channel when 'sms' then s.rate_limit_sms_sent
      else s.rate_limit_email_sent end as told
  ) l
$$;

comment on function auth_private.send_limit is
  'How many mails or SMS (channel sms) the instance may send: size in an hour; or, where pace is not null, size at once and one more after each pace. A null size is no limit.';
