-- Spends a code that was mailed or sent by SMS. The guess is counted first and compared
-- afterwards, in rows that stay locked, so guesses sent side by side are counted too. The
-- caller returns its refusal and doesn't raise it: raising would forget the count.

create or replace function auth_private.spend_code(
  kinds auth.one_time_token_type[],
  address text,
  code text
)
returns auth_private.one_time_codes
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  guessed auth_private.one_time_codes;
  spent auth_private.one_time_codes;
begin
  -- The user first, as in auth_private.spend_link.
  perform
  from auth.users u
  where u.id in (
    select c.user_id
    from auth_private.one_time_codes c
    where c.relates_to = spend_code.address and c.token_type = any (spend_code.kinds)
  )
  order by u.id
  for no key update;

  for guessed in
    update auth_private.one_time_codes c
    set attempts = c.attempts + 1
    from auth_private.settings s
    where c.relates_to = spend_code.address
      and c.token_type = any (spend_code.kinds)
      and c.attempts < s.mailer_otp_max_attempts
      and c.created_at + make_interval(secs => case when auth_private.is_phone(c.relates_to)
        then s.sms_otp_exp else s.mailer_otp_exp end) >= now()
    returning c.*
  loop
    if guessed.code_hash = auth_private.code_hash(spend_code.address, spend_code.code) then
      spent := guessed;
    end if;
  end loop;

  delete from auth_private.one_time_codes c
  where c.user_id = spent.user_id and c.token_type = spent.token_type;
  return spent;
end
$$;

comment on function auth_private.spend_code is
  'The code''s row, deleted; a null row, and a guess counted, where the code is wrong, old or guessed at too often.';
