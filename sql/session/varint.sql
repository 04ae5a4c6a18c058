create or replace function auth_private.varint(number bigint)
returns bytea
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
  rest bigint := number;
  bytes bytea := '';
begin
  while rest > 127 loop
    bytes := bytes || set_byte('\x00', 0, (rest & 127)::integer | 128);
    rest := rest >> 7;
  end loop;

  return bytes || set_byte('\x00', 0, rest::integer);
end
$$;

comment on function auth_private.varint is
  'An unsigned integer in groups of seven bits, the lowest first (LEB128).';
