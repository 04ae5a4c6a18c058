-- The next migration: npm run migrate -- commit "what it does"

set local role auth_owner;

drop function auth_private.session_json(auth.sessions, auth.users, text);

reset role;

--! include index.sql
