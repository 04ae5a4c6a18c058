-- Signs with the key in use. An HS256 key is here. Of an asymmetric one only the gateway has
-- the private part: it is handed header and claims in the token's place, and signs them on the
-- way out. What it is handed stands behind a mark that it has drawn for this one statement, so
-- that nothing a client has sent can pass for it.
--
-- Without a gateway, as in psql, there is no such token: null. All else is as always, and the
-- refresh token beside it buys a token at the gateway.

create or replace function auth_private.sign_jwt(claims jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  signer constant jsonb := nullif(current_setting('request.signer', true), '');
  k auth_private.signing_keys;
begin
  select * into k from auth_private.signing_keys s where s.status = 'in_use';
  if not found then
    perform auth_private.refuse('signing_key_missing');
  end if;
  if k.alg = 'HS256' then
    return auth_private.hmac_jwt(claims, k);
  end if;

  if signer is null then
    return null;
  end if;
  if not coalesce(signer -> 'kids' ? k.kid, false) then
    perform auth_private.refuse('signing_key_elsewhere', array[k.kid]);
  end if;
  return (signer ->> 'mark') || '.' || auth_private.jwt_input(claims, k);
end
$$;

comment on function auth_private.sign_jwt is
  'The claims as a signed JWT in compact form (RFC 7519, RFC 7515). Where the key in use is asymmetric: for a gateway, as request.signer, what it is to sign, after its mark; null for everybody else. Refuses: unexpected_failure without a key in use, or one that the gateway does not have.';
