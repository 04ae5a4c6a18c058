create or replace function auth_private.set_request(claims jsonb, request jsonb)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select
    set_config('request.jwt.claims', claims::text, true),
    set_config('request.jwt.claim.sub', coalesce(claims ->> 'sub', ''), true),
    set_config('request.headers', coalesce(request ->> 'headers', '{}'), true),
    set_config('request.method', coalesce(request ->> 'method', ''), true),
    set_config('request.path', coalesce(request ->> 'path', ''), true),
    set_config('request.remote_addr', coalesce(request ->> 'remote_addr', ''), true),
    set_config('request.pwned', coalesce(request ->> 'pwned', ''), true),
    set_config('request.signer', coalesce(request ->> 'signer', ''), true),
    -- A function of the application may have left its answer on the connection.
    set_config('response.status', '', true),
    set_config('response.headers', '', true)
$$;

comment on function auth_private.set_request is
  'Tells the rest of the transaction whose request it serves, under PostgREST''s names: claims, and of the request headers, method, path and remote_addr; pwned, which says whether the password in it has leaked; and signer, the keys that the gateway can sign with and its mark, see auth_private.sign_jwt. Nothing is answered yet.';

grant execute on function auth_private.set_request to authenticator;
