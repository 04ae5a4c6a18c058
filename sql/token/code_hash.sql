-- Six digits are soon tried through, so a plain hash would hide nothing. The pepper is
-- no part of the auth schema: whoever reads or dumps only that has no way to the code.

create or replace function auth_private.code_hash(address text, code text)
returns bytea
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.hmac_sha256(convert_to(address || chr(10) || code, 'UTF8'), s.value)
  from auth_private.secrets s
  where s.name = 'otp_pepper'
$$;

comment on function auth_private.code_hash is
  'How a mailed code is kept: HMAC-SHA256 over the address and the code under this database''s pepper.';
