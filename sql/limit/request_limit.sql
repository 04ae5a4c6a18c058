-- GoTrue's buckets, rates and bursts. Two names that share a rate are two buckets.

create or replace function auth_private.request_limit(
  bucket text,
  out pace interval,
  out burst integer
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select
    -- Three years are as good as more, and no arithmetic overflows.
    case when named.rate > 0
      then interval '1 second' * least(named.seconds / named.rate, 1e8)::float8 end,
    least(named.burst, 2147483647)::integer
  from auth_private.settings s
  cross join lateral (
    values
      ('signup', s.rate_limit_otp, 300, 30::numeric),
      ('otp', s.rate_limit_otp, 300, 30),
      ('magiclink', s.rate_limit_otp, 300, 30),
      ('recover', s.rate_limit_otp, 300, 30),
      ('resend', s.rate_limit_otp, 300, 30),
      ('user', s.rate_limit_otp, 300, 30),
      ('token', s.rate_limit_token_refresh, 300, 30),
      ('verify', s.rate_limit_verify, 300, 30),
      ('anonymous', s.rate_limit_anonymous_users, 3600, ceil(s.rate_limit_anonymous_users))
  ) named (bucket, rate, seconds, burst)
  where named.bucket = request_limit.bucket
$$;

comment on function auth_private.request_limit is
  'How much a client may take from a bucket: burst at once, and one more after each pace; pace is null where nothing may be taken, and all is null for a bucket that there is not.';
