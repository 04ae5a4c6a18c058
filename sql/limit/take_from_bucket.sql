-- Takes one from a token bucket. When it will be full again is all that has to be known of
-- it, so that one upsert tests and takes: of any number of parallel requests exactly as many
-- pass as the bucket holds.
--
-- By the clock, not by the beginning of the transaction: who had to wait for another request
-- began before that one took.

create or replace function auth_private.take_from_bucket(
  bucket text,
  client text,
  pace interval,
  burst integer
)
returns interval
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  was_full boolean;
begin
  if pace is null or burst < 1 then
    return interval '5 minutes';
  end if;

  insert into auth_private.rate_limits as r (bucket, client, full_at)
  values (take_from_bucket.bucket, take_from_bucket.client, clock_timestamp() + pace)
  on conflict on constraint rate_limits_pkey do update
  set full_at = greatest(r.full_at, clock_timestamp()) + pace
  where greatest(r.full_at, clock_timestamp()) + pace <= clock_timestamp() + burst * pace
  returning r.full_at <= clock_timestamp() + pace into was_full;

  if not found then
    return (
      select r.full_at + pace - burst * pace - clock_timestamp()
      from auth_private.rate_limits r
      where r.bucket = take_from_bucket.bucket and r.client = take_from_bucket.client
    );
  end if;

  -- A few buckets that nobody uses any more go with each that comes into use, so the table
  -- never grows past what is in use.
  if was_full then
    delete from auth_private.rate_limits r
    using (
      select o.bucket, o.client
      from auth_private.rate_limits o
      where o.full_at < now() and o.client <> ''
      order by o.full_at
      limit 10
      for update skip locked
    ) unused
    where r.bucket = unused.bucket and r.client = unused.client;
  end if;
  return null;
end
$$;

comment on function auth_private.take_from_bucket is
  'Takes one from the bucket, which holds burst and gets one back after each pace (null: never). Returns null, or, having taken nothing, how long to wait.';
