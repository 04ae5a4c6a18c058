-- The one way into the outbox for a mail that is to be read by someone.

create or replace function auth_private.post_mail(
  kind text,
  recipient auth.users,
  address text,
  variables jsonb
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
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
  from auth_private.settings s
$$;

comment on function auth_private.post_mail is
  'Queues a mail about the user to the address: the variables, and those that every kind has.';
