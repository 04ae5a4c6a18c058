-- Where a link leads in the end: what the request asks for if that is allowed, else
-- where it came from if that is, else the application's own URL. Never an error.

create or replace function auth_private.redirect_target(redirect_to text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when auth_private.redirect_allowed(redirect_target.redirect_to)
      then redirect_target.redirect_to
    when auth_private.redirect_allowed(auth_private.request_header('referer'))
      then auth_private.request_header('referer')
    else s.site_url
  end
  from auth_private.settings s
$$;

comment on function auth_private.redirect_target is
  'The allowed one of: the URL asked for, the request''s Referer, site_url.';
