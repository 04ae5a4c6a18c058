-- 63 random bits modulo 10^10 at most: the bias is below one in a hundred million.

create or replace function auth_private.random_digits(length integer)
returns text
language sql volatile strict
set search_path = pg_catalog, pg_temp
as $$
  select lpad(((bits.number & 9223372036854775807) % (10 ^ length)::bigint)::text, length, '0')
  from (
    select ('x' || encode(auth_private.random_bytes(8), 'hex'))::bit(64)::bigint as number
  ) bits
$$;

comment on function auth_private.random_digits is
  'So many random decimal digits.';
