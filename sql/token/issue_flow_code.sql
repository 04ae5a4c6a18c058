create or replace function auth_private.issue_flow_code(user_id uuid, method text)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  code text := gen_random_uuid()::text;
begin
  update auth.flow_state f
  set auth_code = auth_private.sha256_hex(code), auth_code_issued_at = now(), updated_at = now()
  where f.id = (
    select latest.id
    from auth.flow_state latest
    where latest.user_id = issue_flow_code.user_id
      and latest.authentication_method = issue_flow_code.method
    order by latest.created_at desc
    limit 1
  );

  if not found then
    perform auth_private.refuse('verify_flow_not_found');
  end if;
  return code;
end
$$;

comment on function auth_private.issue_flow_code is
  'A code for the newest flow of this user and method, kept as a hash. Refuses: flow_state_not_found.';
