-- Literal characters are escaped one by one, so a pattern can only mean what the glob
-- says. . and / separate: a single * stops at them.

create or replace function auth_private.glob_to_regex(pattern text)
returns text
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
  regex text := '^';
  rest text := pattern;
  token text;
  depth integer := 0;
  backslash constant text := chr(92);
begin
  while rest <> '' loop
    token := substring(rest from '^(\*\*|\\.|\[!?[^]]+\]|.)');
    rest := substr(rest, length(token) + 1);
    regex := regex || case
      when token = '**' then '.*'
      when token = '*' then '[^./]*'
      when token = '?' then '[^./]'
      when token ~ '^\[!' then '[^' || replace(substr(token, 3), backslash, backslash || backslash)
      when token ~ '^\[.' then replace(token, backslash, backslash || backslash)
      when token = '{' then '(?:'
      when token = '}' and depth > 0 then ')'
      when token = ',' and depth > 0 then '|'
      when ltrim(token, backslash) ~ '^[A-Za-z0-9_]$' or ascii(token) > 127
        then ltrim(token, backslash)
      when length(token) = 2 then token
      else backslash || token
    end;
    depth := depth + case when token = '{' then 1 when token = '}' and depth > 0 then -1 else 0 end;
  end loop;

  return regex || repeat(')', depth) || '$';
end
$$;

comment on function auth_private.glob_to_regex is
  'A regular expression for a glob: ** any run, * and ? without . and /, [a-z], [!a-z], {a,b}, \ escapes.';
