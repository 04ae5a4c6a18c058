-- Addresses that people type when they have to type one: those of examples (RFC 2606, RFC 6762),
-- of well-known typing errors, and of Gmail what is shorter than it ever gives out. A mail to
-- them bounces, or reaches somebody else, and too many of these cost a sender its name.

create or replace function auth_private.is_fake_email(address text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select lower(address) in ('test@gmail.com', 'test@email.com', 'test@test.com')
    or part.domain ~ '(^|\.)(test|example|invalid|local|localhost)$'
    or part.domain in ('test.com', 'example.com', 'example.net', 'example.org', 'gamil.com',
      'anonymous.com', 'email.com')
    or part.domain = 'gmail.com' and length(part.name) < 6
  from (
    select lower(split_part(address, '@', 2)) as domain,
      split_part(split_part(address, '@', 1), '+', 1) as name
  ) part
$$;

comment on function auth_private.is_fake_email is
  'Whether nobody can have this address, whatever its form: for mailer_email_validation_extended.';
