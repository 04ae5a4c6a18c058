-- Tells the application of a right or wrong password, and lets it refuse even the right
-- one. What it writes, as a count of failures, must outlive the refusal, so with this hook
-- refusals are returned and not raised. Of an unknown address there is nobody to tell.

create or replace function auth_private.password_attempted(claimant auth.users, valid boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  output jsonb;
  error record;
begin
  if claimant.id is null or coalesce(claimant.encrypted_password, '') = ''
    or auth_private.hook_uri('password_verification_attempt') is null
  then
    return null;
  end if;

  output := auth_private.call_hook('password_verification_attempt', jsonb_build_object(
    'user_id', claimant.id, 'valid', password_attempted.valid));
  error := auth_private.hook_error(output);
  if error.message is not null then
    return auth_private.hook_refused(error.status, error.message);
  end if;

  if jsonb_typeof(output -> 'decision') not in ('string', 'null')
    or jsonb_typeof(output -> 'message') not in ('string', 'null')
    or jsonb_typeof(output -> 'should_logout_user') not in ('boolean', 'null')
  then
    perform auth_private.refuse('hook_output_invalid');
  end if;
  if output ->> 'decision' = 'reject' then
    if output -> 'should_logout_user' = 'true' then
      delete from auth.sessions s where s.user_id = claimant.id;
    end if;
    return auth_private.refused('password_rejected', array[coalesce(
      nullif(output ->> 'message', ''),
      'Further password verification attempts will be rejected.')]);
  end if;
  if not password_attempted.valid then
    return auth_private.refused('invalid_credentials');
  end if;
  return null;
end
$$;

comment on function auth_private.password_attempted is
  'Tells the hook password_verification_attempt. Returns what is to be returned instead of a session: the refusal of a wrong password, or the hook''s; else null, always so without the hook.';
