create or replace function auth_private.lint_policies_to_public()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', format('policy %s on %s', p.name, p.relation_name),
    'It is for everybody, yet asks who is signed in: requests without a user try it in vain, on every row.',
    format('alter policy %s on %s to authenticated;', p.name, p.relation_name)
  from auth_private.exposed_policies() p
  where p.roles = '{0}'
    and concat(p.using_text, ' ', p.check_text)
      ~ ('\mauth\.(uid|email|email_domain|session_id|aal|is_anonymous)\('
        || '|\mauth\.role\(\).*''authenticated''')
$$;

comment on function auth_private.lint_policies_to_public is
  'Finds policies for everybody that only a signed-in user can pass.';
