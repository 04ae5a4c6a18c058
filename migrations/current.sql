-- The next migration: npm run migrate -- commit "what it does"

set local role auth_owner;

-- Sites of one's own, by the administrator's API.
drop function auth_private.call_as_gateway;

reset role;

--! include index.sql
