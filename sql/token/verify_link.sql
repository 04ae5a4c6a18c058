-- What opening a mailed link does. Mail scanners open links too and so spend them before
-- the person can: with mailer_link_confirmation_page opening shows a button, and only
-- pressing it spends the link. Off by default, since clients of GoTrue may follow links
-- without a browser.

create or replace function auth.verify_link(
  type text default null,
  token text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not (select s.mailer_link_confirmation_page from auth_private.settings s)
    or coalesce(verify_link.type, '') = '' or coalesce(verify_link.token, '') = ''
  then
    perform auth.confirm_link(verify_link.type, verify_link.token, verify_link.redirect_to);
    return null;
  end if;

  perform auth_private.respond(200, jsonb_build_object(
    'Content-Type', 'text/html; charset=utf-8',
    'Cache-Control', 'no-store',
    'Referrer-Policy', 'no-referrer',
    'Content-Security-Policy',
      'default-src ''none''; style-src ''unsafe-inline''; base-uri ''none''; frame-ancestors ''none'''
  ));
  return to_jsonb(auth_private.link_page(
    'verify/confirm?type=' || auth_private.url_encode(verify_link.type)
    || '&token=' || auth_private.url_encode(verify_link.token)
    || '&redirect_to=' || auth_private.url_encode(coalesce(verify_link.redirect_to, ''))
  ));
end
$$;

comment on function auth.verify_link is
  'Opens a mailed link: follows it like auth.confirm_link or, with mailer_link_confirmation_page, returns a page with a button that does. GET /verify.';

grant execute on function auth.verify_link to anon, authenticated, service_role;
