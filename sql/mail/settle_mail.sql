-- Tells what became of a claimed mail. The attempt is a fence: a worker that was so slow
-- that another took its mail over changes nothing any more.
--
-- To try a parked mail once more: update auth_private.outbox set parked_at = null,
-- attempts = 0, next_attempt_at = now() where id = …

create or replace function auth_private.settle_mail(
  id bigint,
  attempt integer,
  error text default null,
  permanent boolean default false
)
returns boolean
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  given_up constant boolean := settle_mail.permanent or settle_mail.attempt >= 30;
  -- The jitter keeps mails that failed together from coming back together.
  delay constant interval := (0.8 + 0.4 * random())
    * least(interval '5 seconds' * 2 ^ (settle_mail.attempt - 1), interval '1 hour');
begin
  if settle_mail.error is null then
    return exists (
      select from auth_private.settle_sent(array[settle_mail.id], array[settle_mail.attempt])
    );
  end if;

  update auth_private.outbox o
  set last_error = left(settle_mail.error, 500),
    leased_until = null,
    next_attempt_at = now() + delay,
    parked_at = case when given_up or auth_private.sms_expired(o, now() + delay) then now() end
  where o.id = settle_mail.id
    and o.attempts = settle_mail.attempt
    and o.leased_until is not null;
  return found;
end
$$;

comment on function auth_private.settle_mail is
  'Without an error the mail is sent and its row goes. With one it is tried again after 5 s, 10 s, 20 s … 1 h, or parked, if permanent, after thirty attempts, which is most of a day, or where the code of an SMS will have expired. False if it is no longer the caller''s. For the worker.';

grant execute on function auth_private.settle_mail to auth_worker;
