-- pgcrypto's default cost for bcrypt is 6, which is far too cheap: the cost is always
-- said, and the settings allow none below 10.

create or replace function auth_private.hash_password(password text)
returns text
language sql volatile strict
begin atomic
  select crypt(auth_private.normal_password(password), gen_salt('bf', s.password_hash_cost))
  from auth_private.settings s;
end;

comment on function auth_private.hash_password is
  'bcrypt hash of a password of at most 72 bytes, at the cost of the settings (10: about 50 ms).';
