-- For instances that are being tried out: nobody is written to who has not agreed to it.

create or replace function auth_private.may_get_mail(address text)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select s.external_email_authorized_addresses = '{}'
    or exists (
      select
      from unnest(s.external_email_authorized_addresses) authorized
      where lower(authorized) in (
        lower(may_get_mail.address),
        lower(regexp_replace(may_get_mail.address, '\+[^@]+@', '@'))
      )
    )
  from auth_private.settings s
$$;

comment on function auth_private.may_get_mail is
  'Whether external_email_authorized_addresses, unless it is empty, has this address or what it is without its +label.';
