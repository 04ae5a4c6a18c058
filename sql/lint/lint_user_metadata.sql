create or replace function auth_private.lint_user_metadata()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'error', format('policy %s on %s', p.name, p.relation_name),
    'It decides by user_metadata, which users write themselves: anybody can grant herself whatever it asks for.',
    auth_private.alter_policy(p.name, p.relation_name,
      replace(replace(p.using_text, 'raw_user_meta_data', 'raw_app_meta_data'),
        'user_metadata', 'app_metadata'),
      replace(replace(p.check_text, 'raw_user_meta_data', 'raw_app_meta_data'),
        'user_metadata', 'app_metadata'))
  from auth_private.exposed_policies() p
  where concat(p.using_text, ' ', p.check_text) ~ 'user_metadata|raw_user_meta_data'
$$;

comment on function auth_private.lint_user_metadata is
  'Finds policies that believe user_metadata.';
