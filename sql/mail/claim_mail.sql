-- Hands due mail to a worker. Workers that claim at once pass over each other's rows, and
-- a claimed row is due again when its lease ends, so the mail of a worker that died is
-- sent by the next one. That end is written to next_attempt_at too: one indexed column
-- says when a row is due, whatever its state. An SMS whose code has expired would only
-- cost money.

create or replace function auth_private.claim_mail(batch integer, lease interval)
returns table (
  id bigint,
  channel text,
  provider text,
  kind text,
  recipient text,
  subject text,
  html text,
  text text,
  variables jsonb,
  attempt integer,
  source jsonb,
  hook jsonb
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  removed bigint;
  claimed bigint;
begin
  -- What nobody shall send goes first, or a crowd of decoys would make a claim look empty.
  -- A mail that outlived thirty claims without an answer may be what kills the workers.
  loop
    with due as (
      select o.id, o.kind, o.attempts, auth_private.sms_expired(o, now()) as expired
      from auth_private.outbox o
      where o.parked_at is null and o.next_attempt_at <= now()
      order by o.next_attempt_at
      limit claim_mail.batch
      for update skip locked
    ),
    decoys as (
      delete from auth_private.outbox o
      using due d
      where o.id = d.id and d.kind = 'decoy'
      returning o.id
    ),
    lost as (
      update auth_private.outbox o
      set parked_at = now(),
        leased_until = null,
        last_error = case when d.expired then 'the code expired before the SMS was sent'
          else 'the worker was lost while sending, thirty times' end
      from due d
      where o.id = d.id and d.kind <> 'decoy' and (d.attempts >= 30 or d.expired)
      returning o.id
    )
    select (select count(*) from decoys) + (select count(*) from lost) into removed;
    exit when removed = 0;
  end loop;

  return query
  with claimed as (
    update auth_private.outbox o
    set attempts = o.attempts + 1,
      leased_until = now() + claim_mail.lease,
      next_attempt_at = now() + claim_mail.lease
    from (
      select d.id
      from auth_private.outbox d
      where d.parked_at is null and d.next_attempt_at <= now()
      order by d.next_attempt_at
      limit claim_mail.batch
      for update skip locked
    ) due
    where o.id = due.id
    returning o.*
  ),
  -- Chosen once for all mails that are alike: to look the settings through takes its time.
  chosen as (
    select a.channel, a.kind, a.locale, x.subject, x.html, x.text, x.source
    from (select distinct c.channel, c.kind, c.locale from claimed c) a
    left join lateral (
      select t.subject, t.html, t.text, null::jsonb as source, length(t.locale) as closeness
      from auth_private.templates t
      where a.channel = 'email'
        and t.kind = a.kind
        and t.locale in (a.locale, split_part(a.locale, '-', 1), '')
      union all
      select coalesce(given.subject, b.subject), b.html, b.text, given.source, -1
      from auth_private.builtin_templates() b
      cross join auth_private.template_settings(b.kind) given
      where a.channel = 'email' and b.kind = a.kind
      order by closeness desc
      limit 1
    ) x on true
  )
  select c.id, c.channel, case c.channel when 'sms' then s.sms_provider end, c.kind, c.recipient,
    chosen.subject, chosen.html,
    case c.channel when 'sms' then s.sms_template else chosen.text end, c.variables, c.attempts,
    chosen.source,
    case c.channel when 'hook' then auth_private.hook_target(c.channel, c.kind) end
  from claimed c
  join chosen using (channel, kind, locale)
  cross join auth_private.settings s
  order by c.id;

  get diagnostics claimed = row_count;
  if claimed >= 5 then
    perform auth_private.stay_awake();
  end if;
end
$$;

comment on function auth_private.claim_mail is
  'At most so many due mails, SMS and calls of hooks. A call, whose body the variables are, has in hook the uri and the secrets. An SMS has its provider, and its template as text. A mail has its template: the row of auth_private.templates for its locale (de-AT, then de), the row for any, what the settings give, the built-in; nulls where there is none. With a source, what is there takes the place of html and text. They belong to the caller until the lease ends; attempt goes to settle_mail. Who gets five or more has to ask again, every 50 ms or so, for three seconds: nudges may be left out meanwhile. For the worker.';

grant execute on function auth_private.claim_mail to auth_worker;
