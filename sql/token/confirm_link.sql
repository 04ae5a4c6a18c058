-- Follows a link from a mail: ends in a redirect, since a person is looking. What goes
-- wrong is undone and told to the application in the URL.

create or replace function auth.confirm_link(
  type text default null,
  token text default null,
  redirect_to text default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant text := auth_private.redirect_target(confirm_link.redirect_to);
  said jsonb;
  destination text;
  message text;
  code text;
begin
  if coalesce(confirm_link.type, '') = '' then
    perform auth_private.refuse('verify_without_type');
  end if;
  if coalesce(confirm_link.token, '') = '' then
    perform auth_private.refuse('verify_link_without_token');
  end if;

  begin
    destination := auth_private.follow_link(confirm_link.type, confirm_link.token, target);
  exception when others then
    if sqlstate not like 'PT%' then
      raise;
    end if;
    get stacked diagnostics message = message_text, code = pg_exception_detail;
    said := jsonb_strip_nulls(jsonb_build_object(
      'error', auth_private.oauth_error(substr(sqlstate, 3)::integer),
      'error_code', code,
      'error_description', message));
    destination := auth_private.url_with(target,
      case when confirm_link.token like 'pkce\_%' then said end, said || '{"sb": ""}');
  end;

  perform auth_private.respond(303, jsonb_build_object('Location', destination));
end
$$;

comment on function auth.confirm_link is
  'Follows a mailed link: status 303 and a Location with the session in its fragment, with a code to exchange for a PKCE flow, or with error, error_code and error_description. POST /verify/confirm, which the page of auth.verify_link leads to.';

grant execute on function auth.confirm_link to anon, authenticated, service_role;
