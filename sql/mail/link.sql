-- Links lead to the configured address and never to a host that a request named. A plain
-- redirect_to stays readable; anything that decoding would change is encoded.

create or replace function auth_private.link(kind text, token text, redirect_to text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select substring(s.api_external_url from '^[a-z]+://[^/]+')
    || case kind
      when 'invite' then s.mailer_urlpaths_invite
      when 'confirmation' then s.mailer_urlpaths_confirmation
      when 'email_change' then s.mailer_urlpaths_email_change
      else s.mailer_urlpaths_recovery
    end
    || '?token=' || token
    || '&type=' || case kind
      when 'confirmation' then 'signup'
      when 'magic_link' then 'magiclink'
      else kind
    end
    || '&redirect_to=' || case
      when redirect_to ~ '[^A-Za-z0-9._~:/?-]' then auth_private.url_encode(redirect_to)
      else redirect_to
    end
  from auth_private.settings s
$$;

comment on function auth_private.link is
  'The link in a mail of kind confirmation, invite, recovery, magic_link or email_change; null without a redirect_to.';
