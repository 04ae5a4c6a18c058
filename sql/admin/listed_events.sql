create or replace function auth_private.listed_events(scope text, wanted text)
returns setof auth.audit_log_entries
language sql stable
begin atomic
  select *
  from auth.audit_log_entries e
  where case listed_events.scope
    when 'author' then e.payload ->> 'actor_username' ilike '%' || listed_events.wanted || '%'
      or e.payload ->> 'actor_name' ilike '%' || listed_events.wanted || '%'
    when 'action' then e.payload ->> 'action' ilike '%' || listed_events.wanted || '%'
    when 'type' then e.payload ->> 'log_type' ilike '%' || listed_events.wanted || '%'
    else true
  end;
end;

comment on function auth_private.listed_events is
  'The entries of the audit log that have a text in their author, action or type; all without a scope.';
