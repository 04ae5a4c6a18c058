// Error bodies in both API versions, and what the application's own refusals look like.

import { ask, askOnce, type Group, refused, row, session, sql, user } from '../case.ts'

const bearer = 'This endpoint requires a valid Bearer token'
const dated = (date: string) => ({ headers: { 'x-supabase-api-version': date } })
const newer = {
  status: 401,
  headers: { 'x-supabase-api-version': '2024-01-01', 'x-sb-error-code': 'no_authorization' },
  body: { code: 'no_authorization', message: bearer },
}
const older = refused(401, 'no_authorization', bearer)
const weak = 'Password should be at least 6 characters.'

/** A trigger of the application on auth.users that runs for one address. */
const trigger = (name: string, body: string) =>
  sql(`
    create function ${name}() returns trigger language plpgsql as $$ begin ${body} end $$;
    create trigger ${name} before insert on auth.users for each row
      when (new.email = '{email}') execute function ${name}();
  `)
const signUp = { email: '{email}', password: '{password}' }
const nobody = sql(`select count(*)::integer from auth.users where email = '{email}'`, [0])
const version2024 = { 'x-supabase-api-version': '2024-01-01' }

// prettier-ignore
export const error: Group[] = [{ cases: [
  row('an error without a version has status, error_code and msg',
    'error.initial error.code_header user.bearer',
    askOnce('GET /user', {}, { ...older, headers: { 'x-sb-error-code': 'no_authorization', 'x-supabase-api-version': '<absent>' } })),
  row('an error in version 2024-01-01 has code and message', 'error.2024 error.version_header',
    ask('GET /user', dated('2024-01-01'), newer)),
  row('a later version counts as 2024-01-01', 'error.later',
    ask('GET /user', dated('2031-12-24'), newer)),
  row('an earlier or unreadable version counts as none', 'error.older',
    askOnce('GET /user', dated('2023-12-31'), older),
    askOnce('GET /user', dated('tomorrow'), older)),
  row('a success tells no version', 'error.version_header',
    ask('GET /health', dated('2024-01-01'), { status: 200, headers: { 'x-supabase-api-version': '<absent>', 'x-sb-error-code': '<absent>' } })),
  row('a weak password lists its reasons in both versions', 'error.weak error.weak_header',
    askOnce('POST /signup', { email: '{email}', password: 'short' }, { status: 422,
      headers: { 'x-sb-error-code': 'weak_password' },
      body: { code: 422, error_code: 'weak_password', msg: weak, weak_password: { reasons: ['length'] } } }),
    ask('POST /signup', { body: { email: '{email}', password: 'short' }, ...dated('2024-01-01') }, { status: 422,
      headers: { 'x-sb-error-code': '<absent>', 'x-supabase-api-version': '2024-01-01' },
      body: { code: 'weak_password', message: weak, weak_password: { reasons: ['length'] } } })),
  row('what a trigger raises is the body, with hint and detail, and nothing is left behind',
    'error.application error.application_2024 error.uncoded signup.trigger',
    trigger('raises', `raise exception 'invitation only' using hint = 'ask us', detail = 'a list';`),
    askOnce('POST /signup', signUp, { status: 500,
      body: { code: 'P0001', message: 'invitation only', hint: 'ask us', detail: 'a list' },
      headers: { 'x-sb-error-code': 'unexpected_failure' } }),
    nobody,
    ask('POST /signup', { body: signUp, headers: version2024 }, { status: 500,
      body: { code: 'unexpected_failure', message: 'invitation only' } }),
    sql('drop function raises cascade')),
  row('a broken constraint of the application is the body', 'error.application',
    sql(`create table members (handle text constraint members_handle_key unique);
         insert into members values ('ann')`),
    trigger('violates', `insert into public.members values ('ann'); return new;`),
    sql('grant insert on members to auth_owner'),
    askOnce('POST /signup', signUp, { status: 500, body: { code: '23505',
      message: 'duplicate key value violates unique constraint "members_handle_key"' } }),
    nobody,
    sql('drop function violates cascade; drop table members')),
  row('SQLSTATE PT418 is a 418, of unknown code', 'error.application_status error.uncoded',
    trigger('teapot', `raise sqlstate 'PT418' using message = 'I am a teapot';`),
    askOnce('POST /signup', signUp, { status: 418, headers: { 'x-sb-error-code': 'unknown' },
      body: { code: 'PT418', message: 'I am a teapot' } }),
    ask('POST /signup', { body: signUp, headers: version2024 }, { status: 418,
      headers: { 'x-sb-error-code': 'unknown' }, body: { code: 'unknown', message: 'I am a teapot' } }),
    sql('drop function teapot cascade')),
  row('any other failure tells nothing but that it happened', 'error.internal error.id error.uncoded',
    trigger('divides', 'return 1 / 0;'),
    ask('POST /signup', signUp, refused(500, 'unexpected_failure',
      'Unexpected failure, please check server logs for more information')),
    sql('drop function divides cascade')),
  row('an unknown path is a 404 in plain text', 'error.path',
    ask('GET /nowhere', {}, { status: 404, body: '404 page not found\n', headers: { 'content-type': 'text/plain<any>' } })),
  row('a wrong method is a 405 without a body', 'error.method',
    ask('DELETE /signup', {}, { status: 405, body: '' })),
  row('a session of an OAuth client is refused as OAuth does', 'error.oauth refresh.oauth_client',
    user('ann'), session('ann'),
    sql(`with client as (
           insert into auth.oauth_clients (id, registration_type, redirect_uris, grant_types, client_type, token_endpoint_auth_method)
           values (gen_random_uuid(), 'manual', 'https://x.example', 'refresh_token', 'confidential', 'client_secret_basic') returning id)
         update auth.sessions s set oauth_client_id = client.id from client where s.user_id = '{ann.user.id}'`),
    ask('POST /token?grant_type=refresh_token', { refresh_token: '{ann.refresh_token}' }, { status: 400,
      body: { error: 'invalid_client', error_description: 'Client authentication required for OAuth session' } }),
    ask('POST /token?grant_type=refresh_token', { body: { refresh_token: '{ann.refresh_token}' }, headers: version2024 }, { status: 400,
      body: { error: 'invalid_client', error_description: 'Client authentication required for OAuth session' } })),
] }, {
  // By itself: what makes a trigger waits for who dawdles in the table, and everybody for that.
  cases: [
  row('a request that takes too long is given up', 'error.timeout',
    trigger('dawdles', 'perform pg_sleep(60); return new;'),
    askOnce('POST /signup', signUp, refused(504, 'request_timeout',
      'Processing this request timed out, please retry after a moment.')),
    nobody,
    sql('drop function dawdles cascade')),
] }]
