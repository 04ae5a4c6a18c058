-- The door to mail templates for people. What is wrong with one is told here, and not when the
-- mail is due; what only the worker sees makes it send the built-in and say so in its log.

create or replace function auth.set_template(
  kind text,
  subject text,
  html text,
  text text default null,
  locale text default ''
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  given record;
  fault text;
begin
  if set_template.kind is null or not exists (
    select from auth_private.builtin_templates() b where b.kind = set_template.kind
  ) then
    perform auth_private.refuse('template_kind_unknown', array[
      coalesce(set_template.kind, 'null'),
      (select string_agg(b.kind, ', ') from auth_private.builtin_templates() b)]);
  end if;
  if coalesce(set_template.locale, '-') !~ '^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$' then
    perform auth_private.refuse('template_invalid', array[
      'locale', 'a language is written like de or pt-BR, and any is an empty text']);
  end if;

  if set_template.subject is null and set_template.html is null and set_template.text is null then
    delete from auth_private.templates t
    where t.kind = set_template.kind and t.locale = set_template.locale;
    return null;
  end if;

  for given in
    values ('subject', set_template.subject), ('html', set_template.html),
      ('text', coalesce(set_template.text, '-'))
  loop
    fault := case when coalesce(btrim(given.column2), '') = '' then 'it is empty'
      else auth_private.template_fault(set_template.kind, given.column2) end;
    if fault is not null then
      perform auth_private.refuse('template_invalid', array[given.column1, fault]);
    end if;
  end loop;

  insert into auth_private.templates as t (kind, locale, subject, html, text)
  values (set_template.kind, set_template.locale, set_template.subject, set_template.html,
    set_template.text)
  on conflict on constraint templates_pkey do update
  set subject = excluded.subject, html = excluded.html, text = excluded.text;
  return jsonb_build_object('kind', set_template.kind, 'locale', set_template.locale,
    'subject', set_template.subject, 'html', set_template.html, 'text', set_template.text);
end
$$;

comment on function auth.set_template is
  'Has mails of this kind, to users whose user_metadata has this locale (all others when empty), made from these templates, in Go''s syntax with GoTrue''s variables. The plain text is made from html where it is null. Nulls for all three take the template away again. Live at the next mail. Returns the template. Refuses: template_kind_unknown, template_invalid. For the owner.';
