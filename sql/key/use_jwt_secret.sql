-- Brings a secret from elsewhere, so that tokens and API keys made with it stay good.
-- The secret that was in use goes on verifying, until someone revokes it.

create or replace function auth_private.use_jwt_secret(secret text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The table's own check would print the secret into the server's log.
  if coalesce(octet_length(secret), 0) < 32 then
    perform auth_private.refuse('jwt_secret_too_short');
  end if;
  if secret = auth_private.jwt_secret() then
    return;
  end if;

  update auth_private.signing_keys k set status = 'previous' where k.status = 'in_use';
  insert into auth_private.signing_keys (secret, status) values (use_jwt_secret.secret, 'in_use');
end
$$;

comment on function auth_private.use_jwt_secret is
  'Makes this the HS256 secret in use, at least 32 bytes of it; the one before still verifies. Refuses: jwt_secret_too_short. For the owner.';
