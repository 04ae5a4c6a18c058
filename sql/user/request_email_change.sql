create or replace function auth_private.request_email_change(
  actor auth.users,
  email text,
  redirect_to text,
  code_challenge text,
  code_challenge_method text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.cool_down(actor.id::text, 'email_change');
  update auth.users u
  set email_change = request_email_change.email
  where u.id = actor.id
  returning * into strict asked;

  -- A user without any address has none that could object.
  if actor.is_anonymous and (select s.mailer_autoconfirm from auth_private.settings s) then
    perform auth_private.apply_email_change(asked);
    perform auth_private.refresh_providers(asked.id);
    return;
  end if;
  perform auth_private.send_email_change(asked, request_email_change.redirect_to,
    request_email_change.code_challenge, request_email_change.code_challenge_method);
end
$$;

comment on function auth_private.request_email_change is
  'Notes the address that a user wants and mails the links that confirm it; applies it at once for an anonymous user with autoconfirm. Refuses: over_email_send_rate_limit.';
