create or replace function auth_private.check_code_challenge(challenge text, method text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if (coalesce(challenge, '') = '') <> (coalesce(method, '') = '') then
    perform auth_private.refuse('pkce_incomplete');
  end if;
  if coalesce(challenge, '') = '' then
    return;
  end if;
  if length(challenge) not between 43 and 128 then
    perform auth_private.refuse('code_challenge_length');
  end if;
  if challenge !~ '^[a-zA-Z0-9._~-]+$' then
    perform auth_private.refuse('code_challenge_characters');
  end if;
  if lower(method) not in ('s256', 'plain') then
    perform auth_private.refuse('code_challenge_method_unknown');
  end if;
end
$$;

comment on function auth_private.check_code_challenge is
  'Passes no PKCE, or a challenge and method that RFC 7636 allows. Refuses: validation_failed.';
