-- What is typed, from a mail or an SMS. A new code replaces the one before, whose guesses
-- are forgotten with it.

create or replace function auth_private.issue_code(
  user_id uuid,
  kind auth.one_time_token_type,
  address text,
  code text default null
)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  issued constant text := coalesce(issue_code.code, auth_private.random_digits((
    select case when auth_private.is_phone(issue_code.address) then s.sms_otp_length
      else s.mailer_otp_length end
    from auth_private.settings s
  )));
begin
  -- The user first, as in auth_private.spend_link.
  perform from auth.users u where u.id = issue_code.user_id for no key update;

  insert into auth_private.one_time_codes as c (user_id, token_type, code_hash, relates_to)
  values (
    issue_code.user_id, issue_code.kind,
    auth_private.code_hash(issue_code.address, issued), issue_code.address
  )
  on conflict (user_id, token_type) do update
  set code_hash = excluded.code_hash,
    relates_to = excluded.relates_to,
    attempts = 0,
    created_at = now();
  return issued;
end
$$;

comment on function auth_private.issue_code is
  'A fresh code for this user, purpose and address, random unless one is given, kept as a hash.';
