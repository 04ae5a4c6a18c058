-- The action is made of encoded parts, so nothing in it can end the attribute.

create or replace function auth_private.link_page(action text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select format($page$<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Continue</title>
<style>
:root { color-scheme: light dark; --ink: #1c2430; --paper: #f4f6f8; --card: #fff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8ecf1; --paper: #12161c; --card: #1b212a; } }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper);
  color: var(--ink); font: 17px/1.5 system-ui, sans-serif; }
main { background: var(--card); border-radius: 14px; padding: 40px 32px; margin: 16px;
  max-width: 380px; text-align: center; box-shadow: 0 1px 3px rgb(0 0 0 / .15); }
h1 { font-size: 22px; margin: 0 0 8px; }
p { margin: 0 0 24px; }
button { font: inherit; font-weight: 600; border: 0; border-radius: 10px; padding: 12px 32px;
  background: #2455d6; color: #fff; cursor: pointer; }
button:focus-visible { outline: 3px solid #9db8ff; }
</style>
</head>
<body>
<main>
<h1>One more step</h1>
<p>Press the button to go on. This tells us that a person has opened the link.</p>
<form method="post" action="%s"><button type="submit">Continue</button></form>
</main>
</body>
</html>$page$, replace(action, '&', '&amp;'))
$$;

comment on function auth_private.link_page is
  'The page that asks for a press of a button before a mailed link is followed.';
