-- The same letters can be written in several ways, as é in one character or as e and an
-- accent, and another keyboard or program writes them otherwise. NFC and no more: most
-- of what people type is in it already, so hashes can still move to and from GoTrue,
-- which hashes what it gets.

create or replace function auth_private.normal_password(password text)
returns text
language sql stable strict
return case
  when getdatabaseencoding() = 'UTF8' then normalize(password, nfc)
  else password
end;

comment on function auth_private.normal_password is
  'A password in Unicode''s normal form NFC, in which it is measured and hashed.';
