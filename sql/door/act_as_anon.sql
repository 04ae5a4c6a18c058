create or replace function auth.act_as_anon()
returns jsonb
language plpgsql volatile
as $$
begin
  perform pg_catalog.set_config('request.jwt.claims', '{"role": "anon"}', true);
  perform pg_catalog.set_config('request.jwt.claim.sub', '', true);
  perform pg_catalog.set_config('role', 'anon', true);
  return '{"role": "anon"}';
end
$$;

comment on function auth.act_as_anon is
  'Puts the rest of the transaction in the shoes of a request without a user. For the owner.';
