-- The mails as they are before anyone writes an own one: one frame, filled in per kind.
--
-- Mail clients are the browsers of 2003: hence tables, styles on each element, for Outlook
-- a button whose colour lies on its cell and a second table that keeps the card narrow, and
-- colours that stay readable where a client turns them dark by itself. The code comes with
-- every link, for people whose mail is on another device and for mail scanners that open
-- links before they do.

create or replace function auth_private.builtin_templates()
returns table (kind text, subject text, html text, text text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  with mail (kind, subject, heading, lead, button) as (
    values
      ('confirmation', 'Confirm your email address', 'Confirm your email address',
        'Please confirm that {{ .Email }} is your address, and your account is ready.',
        'Confirm email address'),
      ('magic_link', 'Your sign-in link', 'Sign in',
        'Here is your link to sign in as {{ .Email }}. It works once.', 'Sign in'),
      ('recovery', 'Reset your password', 'Reset your password',
        'Here is your link to choose a new password for {{ .Email }}.', 'Reset password'),
      ('invite', 'You''ve been invited', 'You''ve been invited',
        'You have been invited to create an account on {{ .SiteURL }}.', 'Accept the invitation'),
      ('email_change', 'Confirm your new email address', 'Confirm your new email address',
        'Please confirm that your address changes from {{ .Email }} to {{ .NewEmail }}.',
        'Confirm the change'),
      ('reauthentication', '{{ .Token }} is your verification code', 'Your verification code',
        'Enter this code to confirm that it is you.', null),
      ('password_changed_notification', 'Your password was changed',
        'Your password was changed',
        'The password of your account {{ .Email }} has just been changed.', null),
      ('email_changed_notification', 'Your email address was changed',
        'Your email address was changed',
        'The email address of your account has just been changed from {{ .OldEmail }} to '
          '{{ .Email }}.', null),
      ('phone_changed_notification', 'Your phone number was changed',
        'Your phone number was changed',
        'The phone number of your account {{ .Email }} has just been changed'
          '{{ if .OldPhone }} from {{ .OldPhone }}{{ end }} to {{ .Phone }}.', null),
      ('identity_linked_notification', 'A new sign-in method was linked to your account',
        'New sign-in method',
        'From now on you can sign in to your account {{ .Email }} with {{ .Provider }}, too.',
        null),
      ('identity_unlinked_notification', 'A sign-in method was removed from your account',
        'Sign-in method removed',
        'You can no longer sign in to your account {{ .Email }} with {{ .Provider }}.', null),
      ('mfa_factor_enrolled_notification',
        'A new verification method was added to your account', 'New verification method',
        'Signing in to your account {{ .Email }} now asks for a second proof: '
          '{{ .FactorType }}.', null),
      ('mfa_factor_unenrolled_notification',
        'A verification method was removed from your account', 'Verification method removed',
        'Signing in to your account {{ .Email }} no longer asks for this second proof: '
          '{{ .FactorType }}.', null)
  ),
  part (frame, site, action, or_code, code) as (
    values (
$frame$<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>[heading]</title>
<style>
  @media (prefers-color-scheme: dark) {
    .page { background-color: #0f1115 !important; }
    .card { background-color: #1b1e25 !important; border-color: #30343d !important; }
    .strong { color: #f3f4f6 !important; }
    .plain { color: #d1d5db !important; }
    .quiet { color: #9ca3af !important; }
    .link { color: #93c5fd !important; }
    .code { background-color: #272b34 !important; }
  }
</style>
</head>
<body class="page" style="margin:0;padding:0;background-color:#f3f4f6">
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0"
  bgcolor="#f3f4f6" style="table-layout:fixed;word-wrap:break-word">
<tr><td align="center" style="padding:32px 12px">
<!--[if mso]><table role="presentation" width="520"><tr><td><![endif]-->
<table role="presentation" class="card" width="100%" cellpadding="0" cellspacing="0" border="0"
  bgcolor="#ffffff"
  style="table-layout:fixed;max-width:520px;border:1px solid #e5e7eb;border-radius:12px">
<tr><td align="left"
  style="padding:36px 32px;font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif">
<h1 class="strong" style="margin:0 0 12px;font-size:22px;line-height:30px;color:#111827">
[heading]</h1>
<p class="plain" style="margin:0 0 28px;font-size:16px;line-height:24px;color:#374151">
[lead]</p>
[action]<p class="quiet" style="margin:0;font-size:14px;line-height:20px;color:#6b7280">
[note]</p>
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
$frame$,
$site$<a class="link" href="{{ .SiteURL }}" style="color:#1d4ed8">{{ .SiteURL }}</a>$site$,
$action$<table role="presentation" cellpadding="0" cellspacing="0" border="0"
  style="margin:0 0 28px">
<tr><td align="center" bgcolor="#1d4ed8" style="border-radius:8px;mso-padding-alt:13px 26px">
<a href="{{ .ConfirmationURL }}"
  style="display:inline-block;padding:13px 26px;font-size:16px;color:#ffffff;text-decoration:none"
  ><b>[button]</b></a>
</td></tr>
</table>
<p class="quiet" style="margin:0 0 28px;font-size:14px;line-height:20px;color:#6b7280">
If the button does not work, open this link:<br>
<a class="link" href="{{ .ConfirmationURL }}"
  style="color:#1d4ed8;word-break:break-all">{{ .ConfirmationURL }}</a></p>
$action$,
$or_code$<p class="plain" style="margin:0 0 10px;font-size:16px;line-height:24px;color:#374151">
Or enter this code:</p>
$or_code$,
$code$<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"
  style="margin:0 0 28px">
<tr><td class="code" align="center" bgcolor="#f3f4f6" style="padding:16px 8px;border-radius:8px">
<span class="strong"
  style="font-family:Consolas,Menlo,monospace;font-size:30px;letter-spacing:4px;color:#111827"
  >{{ .Token }}</span></td></tr>
</table>
$code$)
  )
  select m.kind, m.subject,
    replace(replace(replace(replace(replace(p.frame,
      '[action]', case
        when tells then ''
        when m.button is null then p.code
        else p.action || p.or_code || p.code end),
      '[button]', coalesce(m.button, '')), '[heading]', m.heading), '[lead]', m.lead),
      '[note]', replace(note, '[site]', p.site)),
    concat_ws(E'\n\n',
      m.heading,
      m.lead,
      case when m.button is not null then E'{{ .ConfirmationURL }}\n\nOr enter this code:' end,
      case when not tells then '{{ .Token }}' end,
      replace(note, '[site]', '{{ .SiteURL }}') || E'\n')
  from mail m
  cross join part p
  cross join lateral (select m.kind like '%\_notification' as tells) asks
  cross join lateral (
    select case when tells
      then 'If this was not you, someone has access to your account: go to [site] and change '
        'your password now.'
      else 'If you did not ask for this, ignore this mail.' end as note
  ) closing
$$;

comment on function auth_private.builtin_templates is
  'The built-in mail templates in Go''s template syntax, with GoTrue''s variables. A row of the same kind in auth_private.templates takes the place of one.';

grant execute on function auth_private.builtin_templates to auth_worker;
