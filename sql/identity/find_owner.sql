-- Whose the account at the other site is. Its subject decides, whatever addresses say: those
-- change hands. Else an address leads to a user only if both sides have proven it: the site says
-- that it is verified, and here it is verified in an identity, or the user's own. A user who has
-- not proven the address yet loses what was set before, see auth_private.oust_squatter.

create or replace function auth_private.find_owner(
  provider text,
  subject text,
  verified text[]
)
returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  domain constant text := auth_private.linking_domain(find_owner.provider);
  owners uuid[];
begin
  select array_agg(i.user_id) into owners
  from auth.identities i
  where i.provider_id = find_owner.subject and i.provider = find_owner.provider;
  if owners is not null then
    return owners[1];
  end if;

  select array_agg(distinct i.user_id) into owners
  from auth.identities i
  join auth.users u on u.id = i.user_id
  where i.email = any (find_owner.verified)
    and auth_private.linking_domain(i.provider) = domain
    and (i.identity_data ->> 'email_verified' = 'true' or u.email = i.email);
  if owners is null and domain = 'default' then
    select array_agg(u.id) into owners
    from auth.users u
    where u.email = any (find_owner.verified::varchar[]) and not u.is_sso_user;
  end if;
  if cardinality(owners) > 1 then
    perform auth_private.refuse('accounts_multiple', array[domain]);
  end if;
  return owners[1];
end
$$;

comment on function auth_private.find_owner is
  'The user whom an account at another site belongs to, by its subject or by the addresses that the site has verified; null for nobody. Refuses: unexpected_failure where the addresses are several users''.';
