-- Try policies by hand: begin; select auth.act_as('ann@example.com'); select … ; rollback.
-- An invoker without a search_path of its own, since only such a function may switch
-- roles; it reads auth.users by the caller's own rights.

create or replace function auth.act_as(who text, aal text default 'aal1')
returns jsonb
language plpgsql volatile
as $$
declare
  actor auth.users;
  claims pg_catalog.jsonb;
  role pg_catalog.text;
begin
  select * into actor
  from auth.users u
  where pg_catalog.lower(act_as.who) in (u.email::pg_catalog.text, u.id::pg_catalog.text)
  order by u.is_sso_user
  limit 1;
  if not found then
    perform auth_private.refuse('nobody_to_act_as', array[act_as.who]);
  end if;

  role := actor.role;
  claims := auth_private.session_claims(null, actor) operator(pg_catalog.-)
    'session_id'::pg_catalog.text operator(pg_catalog.||)
    pg_catalog.jsonb_build_object('aal', act_as.aal);
  perform pg_catalog.set_config('request.jwt.claims', claims::pg_catalog.text, true);
  perform pg_catalog.set_config('request.jwt.claim.sub', actor.id::pg_catalog.text, true);
  perform pg_catalog.set_config('role', coalesce(nullif(role, ''), 'anon'), true);
  return claims;
end
$$;

comment on function auth.act_as is
  'Puts the rest of the transaction in the shoes of a user, by e-mail address or id: role and claims, which it returns. Refuses: user_not_found. For the owner.';
