create or replace function auth.get_user()
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  aud constant jsonb := auth.jwt() -> 'aud';
  token_aud constant text := case jsonb_typeof(aud) when 'array' then aud ->> 0
    else aud #>> '{}' end;
begin
  if coalesce(token_aud, '') = '' or token_aud <> coalesce(
    nullif(auth_private.request_header('x-jwt-aud'), ''), token_aud)
  then
    perform auth_private.refuse('audience_mismatch');
  end if;

  return auth_private.user_json(auth_private.current_user_row());
end
$$;

comment on function auth.get_user is
  'The user of the request. Refuses: validation_failed where the token is for another audience. GET /user.';

grant execute on function auth.get_user to authenticated, service_role;
