-- What the settings say of a mail: its subject, and where the HTML of its body is. A value that
-- is no URL is a path below site_url, as in GoTrue.

create or replace function auth_private.template_settings(kind text)
returns table (subject text, source jsonb)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select nullif(given.subject, ''),
    case when given.template <> '' then jsonb_build_object(
      'url', case when given.template ~* '^https?://' then given.template
        else rtrim(s.site_url, '/') || '/' || ltrim(given.template, '/') end,
      'max_size', s.mailer_template_max_size,
      'max_age', extract(epoch from s.mailer_template_max_age),
      'retry_interval', extract(epoch from s.mailer_template_retry_interval)) end
  from auth_private.settings s
  cross join lateral (
    select to_jsonb(s) ->> ('mailer_subjects_' || template_settings.kind) as subject,
      to_jsonb(s) ->> ('mailer_templates_' || template_settings.kind) as template
  ) given
$$;

comment on function auth_private.template_settings is
  'Of mails of this kind, what the settings give: the subject, and the source {url, max_size in bytes, max_age and retry_interval in seconds} of the HTML; nulls where they give none.';
