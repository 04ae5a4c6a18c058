create or replace function auth_private.parse_refresh_token(
  token text,
  out session_id uuid,
  out counter bigint,
  out said bytea,
  out signature bytea
)
returns record
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  bytes bytea := auth_private.from_base64url(token);
  size integer := octet_length(bytes);
begin
  -- 00, session id 16, counter 1 to 9, signature 16, checksum 4
  if bytes is null or size not between 38 and 46 or get_byte(bytes, 0) <> 0
    or substring(bytes from size - 3) <> substring(sha256(substring(bytes for size - 4)) for 4)
  then
    return;
  end if;

  counter := 0;
  for place in reverse size - 38 .. 0 loop
    -- All but the last byte of a varint have the high bit.
    if (get_byte(bytes, 17 + place) >= 128) <> (place < size - 38) then
      return;
    end if;
    counter := (counter << 7) | (get_byte(bytes, 17 + place) & 127);
  end loop;

  session_id := encode(substring(bytes from 2 for 16), 'hex')::uuid;
  said := substring(bytes for size - 20);
  signature := substring(bytes from size - 19 for 16);
end
$$;

comment on function auth_private.parse_refresh_token is
  'The parts of a refresh token, not yet believed; a null session_id where it is none.';
