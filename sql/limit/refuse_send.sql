create or replace function auth_private.refuse_send(channel text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if channel = 'sms' then
    perform auth_private.refuse('sms_sent_limit');
  end if;
  perform auth_private.refuse('email_sent_limit');
end
$$;

comment on function auth_private.refuse_send is
  'Refuses what would send one more mail or SMS than the instance may: over_email_send_rate_limit, over_sms_send_rate_limit.';
