// S-10: an error tells what the client may know. DETAIL and CONTEXT, where Postgres quotes rows and
// code, stay on the server.

import t from 'tap'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t, { mailer_autoconfirm: true })
const { sql } = stack
const canary = 'canary@example.com'
await sql.unsafe(`
  create table public.mailing_list (email text constraint one_each unique, secret text not null);
  insert into public.mailing_list values ('${canary}', 'canary secret');
  create function public.enlist() returns trigger language plpgsql security definer as $$ begin
    case new.raw_user_meta_data ->> 'break'
      when 'unique' then insert into public.mailing_list values ('${canary}', 'x');
      when 'null' then insert into public.mailing_list values ('${canary}x', null);
      when 'cast' then perform (select secret::integer from public.mailing_list limit 1);
      when 'column' then perform no_such_column_canary from public.mailing_list;
      when 'zero' then perform 1 / (length(secret) - length(secret)) from public.mailing_list;
      when 'assert' then assert false, 'canary of an assertion';
      when 'slow' then perform pg_sleep(30);
      else null;
    end case;
    return new;
  end $$;
  create trigger enlist after insert on auth.users for each row execute function public.enlist();
`)

const breakBy = async (way: string, version?: string) => {
  const response = await fetch(`${stack.api}/signup`, {
    method: 'POST',
    headers: version ? { 'x-supabase-api-version': version } : {},
    body: JSON.stringify({
      email: `${way}@example.com`,
      password: 'correct horse battery',
      data: { break: way },
    }),
  })
  return { status: response.status, text: await response.text() }
}

for (const version of [undefined, '2024-01-01']) {
  for (const way of ['unique', 'null', 'cast', 'column', 'zero', 'assert']) {
    t.test(
      `a trigger that fails by ${way} tells nothing of rows and code (${version})`,
      async (t) => {
        const { status, text } = await breakBy(way, version)
        t.equal(status, 500)
        t.notMatch(text, /canary|mailing_list \(|PL\/pgSQL|CONTEXT|Failing row|Key \(|enlist\(\)/i)
      },
    )
  }
}

t.test('what the application says on purpose is told', async (t) => {
  await sql.unsafe(`
    create or replace function public.enlist() returns trigger language plpgsql as $$ begin
      raise exception 'Only by invitation' using detail = 'Ask a friend', hint = 'invite';
    end $$`)
  t.match(JSON.parse((await breakBy('raise')).text), {
    message: 'Only by invitation',
    detail: 'Ask a friend',
  })
})

t.test('a body that is no JSON is not quoted', async (t) => {
  const body = '{"email": "ann@example.com", "password": "canary password'
  const response = await fetch(`${stack.api}/signup`, { method: 'POST', body })
  t.equal(response.status, 400)
  t.notMatch(await response.text(), /canary/)
})
