-- The next migration: npm run migrate -- commit "what it does"

set local role auth_owner;

reset role;

--! include index.sql
