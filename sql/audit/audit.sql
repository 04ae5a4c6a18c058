-- Written in the transaction of the event: what is rolled back did not happen.

create or replace function auth_private.audit(
  action text,
  log_type text,
  actor auth.users,
  traits jsonb default null
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
  select
    '00000000-0000-0000-0000-000000000000', gen_random_uuid(),
    json_strip_nulls(json_build_object(
      'actor_id', (audit.actor).id,
      'actor_via_sso', (audit.actor).is_sso_user,
      'actor_username', coalesce(nullif((audit.actor).phone, ''), (audit.actor).email, ''),
      'actor_name', (audit.actor).raw_user_meta_data ->> 'full_name',
      'action', audit.action,
      'log_type', audit.log_type,
      'traits', audit.traits
    )),
    now(), ''
  from auth_private.settings s
  where not s.audit_log_disable_postgres
$$;

comment on function auth_private.audit is
  'Writes an audit row in GoTrue''s form, unless the settings have them off.';
