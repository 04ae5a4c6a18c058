create or replace function auth_private.half_confirmed()
returns text
language sql immutable
return 'Confirmation link accepted. Please proceed to confirm link sent to the other email';

comment on function auth_private.half_confirmed is
  'What is said after the first of two confirmations of a new address.';
