-- A look without a lock, so that what is hopeless is refused early. It may be wrong when
-- others are sending: auth_private.take_send is not.

create or replace function auth_private.sends_exhausted(channel text)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select l.size = 0 or exists (
    select
    from auth_private.rate_limits r
    where r.bucket = sends_exhausted.channel || '_sent' and r.client = ''
      and case when l.pace is null
        then r.taken >= l.size and r.full_at > clock_timestamp()
        else r.taken is null and r.full_at + l.pace > clock_timestamp() + l.size * l.pace
      end
  )
  from auth_private.send_limit(sends_exhausted.channel) l
$$;

comment on function auth_private.sends_exhausted is
  'Whether nothing is left of what the instance may send by a channel: email or sms.';
