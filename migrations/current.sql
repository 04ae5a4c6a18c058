-- The next migration: npm run migrate -- commit "what it does"

set local role auth_owner;

-- These take or return something else from here on.
drop function if exists auth_private.call(text, jsonb, jsonb, jsonb, text, text, text);
drop function if exists auth_private.enter(jsonb, jsonb, text);

reset role;

--! include index.sql
