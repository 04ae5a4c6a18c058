create or replace function auth.magiclink(
  email text default null,
  data jsonb default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.send_magic_link(magiclink.email, magiclink.data,
    magiclink.code_challenge, magiclink.code_challenge_method, magiclink.redirect_to)
$$;

comment on function auth.magiclink is
  'Mails a link and a code that sign in; makes the user, with data as user_metadata, where there is none. Returns {}. Refuses: email format, email_provider_disabled, signup_disabled, over_email_send_rate_limit. POST /magiclink.';

grant execute on function auth.magiclink to anon, authenticated, service_role;
