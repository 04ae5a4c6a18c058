-- What SQL can see of a template before a mail depends on it: a brace that is not closed, a
-- block without its end, a variable that mails of this kind do not have, which would be empty
-- in every mail. Within with and range a dot is something else, so names there are not checked.

create or replace function auth_private.template_fault(kind text, source text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text[] := auth_private.template_variables(template_fault.kind);
  bare constant text := regexp_replace(source, '\{\{-?\s*/\*.*?\*/\s*-?\}\}', '', 'g');
  blocks text[] := '{}';
  action text;
  keyword text;
  name text;
begin
  for action in
    select found.part[1] from regexp_matches(bare, '\{\{(.*?)\}\}', 'g') found (part)
  loop
    if action like '%{{%' then
      return format('{{%s is not closed', split_part(action, '{{', 1));
    end if;
    -- What is quoted is no name.
    action := regexp_replace(action, '"(\\.|[^"\\])*"|`[^`]*`', '""', 'g');
    keyword := substring(action from '^-?\s*([a-z]+)');
    if keyword in ('define', 'template', 'block') then
      return format('{{ %s }} is not supported', keyword);
    end if;
    if keyword = 'end' then
      if blocks = '{}' then
        return 'an {{ end }} too many';
      end if;
      blocks := blocks[:cardinality(blocks) - 1];
      continue;
    end if;
    if keyword = 'else' and blocks = '{}' then
      return 'an {{ else }} without {{ if }}';
    end if;
    if not blocks && array['with', 'range'] then
      for name in
        select found.part[1]
        from regexp_matches(action, '(?:^|[\s(|])\.([A-Za-z_][A-Za-z0-9_]*)', 'g') found (part)
      loop
        if name <> all (known) then
          return format('there is no {{ .%s }} in a mail of kind %s; there are %s', name,
            template_fault.kind, array_to_string(known, ', '));
        end if;
      end loop;
    end if;
    if keyword in ('if', 'with', 'range') then
      blocks := blocks || keyword;
    end if;
  end loop;

  if blocks <> '{}' then
    return format('{{ %s }} without {{ end }}', blocks[cardinality(blocks)]);
  end if;
  if regexp_replace(bare, '\{\{.*?\}\}', '', 'g') like '%{{%' then
    return '{{ without }}';
  end if;
  return null;
end
$$;

comment on function auth_private.template_fault is
  'Why this can not be the subject or a part of a mail of this kind, as far as SQL can tell; null where nothing speaks against it.';
