create or replace function auth_private.validate_email(email text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(email, '') = '' then
    perform auth_private.refuse('email_required');
  end if;
  if octet_length(email) > 255 then
    perform auth_private.refuse('email_too_long');
  end if;
  if not auth_private.is_email(email) then
    perform auth_private.refuse('email_invalid');
  end if;

  return lower(email collate "C");
end
$$;

comment on function auth_private.validate_email is
  'The address in lower case. Refuses: email_required, email_too_long, email_invalid.';
