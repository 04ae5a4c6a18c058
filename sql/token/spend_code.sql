-- Spends a mailed code. The guess is counted first and compared afterwards, in a row
-- that stays locked, so guesses sent side by side are counted too. The caller returns
-- its refusal and doesn't raise it: raising would forget the count.

create or replace function auth_private.spend_code(
  user_id uuid,
  kinds auth.one_time_token_type[],
  address text,
  code text
)
returns auth.one_time_token_type
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  guessed auth_private.one_time_codes;
begin
  for guessed in
    update auth_private.one_time_codes c
    set attempts = c.attempts + 1
    from auth_private.settings s
    where c.user_id = spend_code.user_id
      and c.token_type = any (spend_code.kinds)
      and c.attempts < s.mailer_otp_max_attempts
      and c.created_at + make_interval(secs => s.mailer_otp_exp) >= now()
    returning c.*
  loop
    if guessed.code_hash = auth_private.code_hash(spend_code.address, spend_code.code) then
      delete from auth_private.one_time_codes c
      where c.user_id = guessed.user_id and c.token_type = guessed.token_type;
      return guessed.token_type;
    end if;
  end loop;

  return null;
end
$$;

comment on function auth_private.spend_code is
  'What the code was mailed for, the code deleted; null, and a guess counted, where it is wrong, old or guessed at too often.';
