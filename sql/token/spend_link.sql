-- Spends a mailed link. The statement that finds the token also deletes it, so of two
-- calls racing with one link exactly one succeeds.

create or replace function auth_private.spend_link(
  token text,
  kinds auth.one_time_token_type[]
)
returns auth.one_time_tokens
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  spent auth.one_time_tokens;
begin
  -- The user before what was mailed, here and wherever both are locked: in any other
  -- order a link and its code, used at once, would wait for each other.
  perform
  from auth.users u
  where u.id in (
    select t.user_id
    from auth.one_time_tokens t
    where t.token_hash = auth_private.sha256_hex(spend_link.token)
  )
  for no key update;

  delete from auth.one_time_tokens t
  using auth_private.settings s
  where t.token_hash = auth_private.sha256_hex(spend_link.token)
    and t.token_type = any (spend_link.kinds)
    and t.created_at at time zone 'utc' + make_interval(secs => s.mailer_otp_exp) >= now()
  returning t.* into spent;

  if not found then
    perform auth_private.refuse('link_expired');
  end if;
  return spent;
end
$$;

comment on function auth_private.spend_link is
  'The link''s row, deleted. Refuses: otp_expired for an unknown, spent or old token.';
