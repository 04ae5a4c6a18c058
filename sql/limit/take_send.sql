create or replace function auth_private.take_send(channel text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  allowed constant record := auth_private.send_limit(take_send.channel);
  bucket constant text := take_send.channel || '_sent';
begin
  if allowed.size = 0 then
    return false;
  end if;
  if allowed.size is null then
    return true;
  end if;
  if allowed.pace is not null then
    -- An hour that began under another setting is no bucket.
    delete from auth_private.rate_limits r
    where r.bucket = take_send.channel || '_sent' and r.client = '' and r.taken is not null;
    return auth_private.take_from_bucket(bucket, '', allowed.pace, allowed.size) is null;
  end if;

  insert into auth_private.rate_limits as r (bucket, client, full_at, taken)
  values (bucket, '', clock_timestamp() + interval '1 hour', 1)
  on conflict on constraint rate_limits_pkey do update
  set taken = case when r.full_at > clock_timestamp() then coalesce(r.taken, 0) + 1 else 1 end,
    full_at = case when r.full_at > clock_timestamp() then r.full_at
      else clock_timestamp() + interval '1 hour' end
  where coalesce(r.taken, 0) < allowed.size or r.full_at <= clock_timestamp();
  return found;
end
$$;

comment on function auth_private.take_send is
  'Takes one of the mails or SMS that the instance may send. False where none is left.';
