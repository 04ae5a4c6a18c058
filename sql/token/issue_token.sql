-- Makes what a mail carries: a link's token of 256 random bits and a code to type. They
-- know nothing of each other: the link can't be worked out from the code, and only the
-- code needs a cap on attempts. Both replace what was mailed before.

create or replace function auth_private.issue_token(
  user_id uuid,
  kind auth.one_time_token_type,
  address text,
  pkce boolean default false,
  out token text,
  out code text
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  token := case when pkce then 'pkce_' else '' end
    || encode(auth_private.random_bytes(32), 'hex');
  code := auth_private.issue_code(issue_token.user_id, issue_token.kind, issue_token.address);

  insert into auth.one_time_tokens as t (
    id, user_id, token_type, token_hash, relates_to, created_at, updated_at
  )
  values (
    gen_random_uuid(), issue_token.user_id, issue_token.kind,
    auth_private.sha256_hex(issue_token.token), issue_token.address,
    now() at time zone 'utc', now() at time zone 'utc'
  )
  on conflict (user_id, token_type) do update
  set token_hash = excluded.token_hash,
    relates_to = excluded.relates_to,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at;
end
$$;

comment on function auth_private.issue_token is
  'A fresh link token (with the prefix pkce_ for a PKCE flow) and a fresh code for this user and purpose, kept as hashes.';
