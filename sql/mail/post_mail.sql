-- The one way into the outbox for a mail that is to be read by someone.

create or replace function auth_private.post_mail(
  kind text,
  recipient auth.users,
  address text,
  variables jsonb
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if auth_private.hook_uri('send_email') is not null then
    perform auth_private.hook_email(post_mail.kind, post_mail.recipient, post_mail.address,
      jsonb_build_object(
        'token', variables -> 'Token',
        'token_hash', variables -> 'TokenHash',
        'redirect_to', variables -> 'RedirectTo',
        'old_email', variables -> 'OldEmail',
        'old_phone', variables -> 'OldPhone',
        'provider', variables -> 'Provider',
        'factor_type', variables -> 'FactorType'
      ));
    return;
  end if;

  insert into auth_private.outbox (kind, user_id, recipient, locale, variables)
  select
    post_mail.kind, (post_mail.recipient).id, post_mail.address,
    -- Users write it themselves; no name of a language is longer.
    left(coalesce((post_mail.recipient).raw_user_meta_data ->> 'locale', ''), 35),
    jsonb_build_object(
      'SiteURL', s.site_url,
      'Email', coalesce((post_mail.recipient).email, ''),
      'Data', coalesce((post_mail.recipient).raw_user_meta_data, '{}')
    ) || post_mail.variables
  from auth_private.settings s;
end
$$;

comment on function auth_private.post_mail is
  'Queues a mail about the user to the address: the variables, and those that every kind has. With the hook send_email, gives it to that. Refuses what the hook refuses.';
