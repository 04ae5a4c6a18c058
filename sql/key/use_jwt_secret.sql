-- Brings a secret from elsewhere, so that tokens and API keys made with it stay good.
-- The key that was in use goes on verifying, until someone revokes it.

create or replace function auth_private.use_jwt_secret(
  secret text,
  kid text default null,
  signs boolean default true
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  known auth_private.signing_keys;
begin
  -- The table's own check would print the secret into the server's log.
  if coalesce(octet_length(use_jwt_secret.secret), 0) < 32 then
    perform auth_private.refuse('jwt_secret_too_short');
  end if;
  select * into known
  from auth_private.signing_keys k
  where k.secret = use_jwt_secret.secret
  order by k.created_at desc
  limit 1;
  if known.status = 'revoked' then
    perform auth_private.refuse('jwt_secret_revoked');
  end if;

  if known.id is null then
    insert into auth_private.signing_keys (secret, status, created_at)
    values (use_jwt_secret.secret, 'standby', clock_timestamp())
    returning * into known;
  elsif known.id <> (auth_private.secret_key()).id then
    update auth_private.signing_keys k set created_at = clock_timestamp() where k.id = known.id;
  end if;
  if nullif(use_jwt_secret.kid, '') <> coalesce(known.kid, '') then
    update auth_private.signing_keys k set kid = use_jwt_secret.kid where k.id = known.id;
  end if;
  if use_jwt_secret.signs then
    perform auth_private.use_key(known.id);
  end if;
end
$$;

comment on function auth_private.use_jwt_secret is
  'Makes this the HS256 secret that API keys are signed with, at least 32 bytes of it, and the key in use unless signs is false; what was in use before still verifies. kid names it in the headers of its tokens; null leaves its name. Refuses: validation_failed for one that is too short or revoked. For the owner.';
