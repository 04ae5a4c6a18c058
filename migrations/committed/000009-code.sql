--! Previous: sha1:9090ff91f68ab78de6fb0853622dc9b4cd452e53
--! Hash: sha1:aa537b5cff92efe5eba96879f36c7e090f3854a6
--! Message: code

--! Included index.sql
-- All the code there is, in the order in which it can be made. Safe to run again.

set local role auth_owner;

-- Where pgcrypto is: functions that call it are bound to it here, once.
select set_config('search_path', 'pg_catalog, ' || quote_ident(n.nspname), true)
from pg_extension e
join pg_namespace n on n.oid = e.extnamespace
where e.extname = 'pgcrypto';

--! Included crypto/hmac_sha256.sql
-- pgcrypto's HMAC. A body of this form is bound to pgcrypto when the function is made,
-- wherever that extension sits, so no search_path matters later.

create or replace function auth_private.hmac_sha256(data bytea, key bytea)
returns bytea
language sql immutable strict
return hmac(data, key, 'sha256');

comment on function auth_private.hmac_sha256 is
  'HMAC-SHA256 (RFC 2104) of data under key.';
--! EndIncluded crypto/hmac_sha256.sql
--! Included crypto/random_bytes.sql
-- Cryptographically strong random bytes, bound to pgcrypto like hmac_sha256.

create or replace function auth_private.random_bytes(length integer)
returns bytea
language sql volatile strict
return gen_random_bytes(length);

comment on function auth_private.random_bytes is
  'So many random bytes from the operating system''s generator.';
--! EndIncluded crypto/random_bytes.sql
--! Included crypto/bcrypt.sql
-- pgcrypto's crypt, bound like hmac_sha256.

create or replace function auth_private.bcrypt(password text, salt text)
returns text
language sql immutable strict
return crypt(password, salt);

comment on function auth_private.bcrypt is
  'The bcrypt hash of a password under a salt, or under the salt of a whole hash.';
--! EndIncluded crypto/bcrypt.sql
--! Included crypto/hash_password.sql
-- pgcrypto's default cost for bcrypt is 6, which is far too cheap: the cost is always
-- said, and the settings allow none below 10.

create or replace function auth_private.hash_password(password text)
returns text
language sql volatile strict
begin atomic
  select crypt(password, gen_salt('bf', s.password_hash_cost))
  from auth_private.settings s;
end;

comment on function auth_private.hash_password is
  'bcrypt hash of a password of at most 72 bytes, at the cost of the settings (10: about 50 ms).';
--! EndIncluded crypto/hash_password.sql
--! Included crypto/password_matches.sql
-- Whoever has no password, a hash that is not bcrypt or a password that bcrypt would
-- cut costs as much time as a wrong password, so the answer's delay tells nothing.

create or replace function auth_private.password_matches(password text, hash text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- $2b$ and $2y$ are other programs' names for what pgcrypto calls $2a$.
  bcrypt text := regexp_replace(hash, '^\$2[by]\$', '$2a$');
begin
  if bcrypt ~ '^\$2a\$[0-9]{2}\$[./A-Za-z0-9]{53}$' and octet_length(password) <= 72 then
    return auth_private.bcrypt(password, bcrypt) = bcrypt;
  end if;

  perform auth_private.hash_password(left(coalesce(password, ''), 18));
  return false;
end
$$;

comment on function auth_private.password_matches is
  'Whether the password is the one that was hashed. Takes as long for a missing hash as for a wrong password.';
--! EndIncluded crypto/password_matches.sql
--! Included crypto/base64url.sql
create or replace function auth_private.base64url(data bytea)
returns text
language sql immutable strict
return translate(encode(data, 'base64'), E'+/=\n', '-_');

comment on function auth_private.base64url is
  'base64url without padding (RFC 4648, section 5).';
--! EndIncluded crypto/base64url.sql
--! Included crypto/from_base64url.sql
create or replace function auth_private.from_base64url(data text)
returns bytea
language sql immutable strict
return case
  when data ~ '^[A-Za-z0-9_-]*$' and length(data) % 4 <> 1
  then decode(translate(data, '-_', '+/') || repeat('=', (4 - length(data) % 4) % 4), 'base64')
end;

comment on function auth_private.from_base64url is
  'The bytes behind base64url without padding (RFC 4648, section 5); null where the text is not that.';
--! EndIncluded crypto/from_base64url.sql
--! Included crypto/sha256_hex.sql
create or replace function auth_private.sha256_hex(value text)
returns text
language sql immutable strict
return encode(sha256(convert_to(value, 'UTF8')), 'hex');

comment on function auth_private.sha256_hex is
  'SHA-256 of a text, in lower-case hex: how secrets of 128 random bits and more are kept.';
--! EndIncluded crypto/sha256_hex.sql

--! Included error/errors.sql
-- Every refusal there is. One list, so that code, status and wording are decided in
-- one place, and documentation and tests are drawn from it.

create or replace function auth_private.errors()
returns table (name text, code text, status integer, message text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    -- the request
    ('body_not_json', 'bad_json', 400, 'Could not parse request body as JSON: %s'),
    ('pkce_incomplete', 'validation_failed', 400,
      'PKCE flow requires code_challenge_method and code_challenge'),
    ('code_challenge_length', 'validation_failed', 400,
      'code challenge has to be between 43 and 128 characters'),
    ('code_challenge_characters', 'validation_failed', 400,
      'code challenge can only contain alphanumeric characters, hyphens, periods, underscores and tildes'),
    ('code_challenge_method_unknown', 'validation_failed', 400,
      'code_challenge_method has to be s256 or plain'),

    -- who asks
    ('sub_missing', 'bad_jwt', 403, 'invalid claim: missing sub claim'),
    ('sub_not_uuid', 'bad_jwt', 400, 'invalid claim: sub claim must be a UUID'),
    ('session_id_not_uuid', 'bad_jwt', 403, 'invalid claim: session_id claim must be a UUID'),
    ('role_unknown', 'bad_jwt', 403,
      'invalid claim: role claim must name a role that requests may run as'),
    ('role_changed', 'bad_jwt', 403, 'invalid claim: role claim is no longer the role of the user'),
    ('user_not_found', 'user_not_found', 403, 'User from sub claim in JWT does not exist'),
    ('session_not_found', 'session_not_found', 403,
      'Session from session_id claim in JWT does not exist'),
    ('user_banned', 'user_banned', 403, 'User is banned'),
    ('audience_mismatch', 'validation_failed', 400,
      'Token audience doesn''t match request audience'),

    -- addresses and passwords
    ('email_required', 'validation_failed', 400, 'An email address is required'),
    ('email_too_long', 'validation_failed', 400, 'An email address is too long'),
    ('email_invalid', 'validation_failed', 400,
      'Unable to validate email address: invalid format'),
    ('password_too_long', 'validation_failed', 400,
      'Password cannot be longer than 72 characters'),
    ('weak_password', 'weak_password', 422, '%s'),
    ('over_email_send_rate_limit', 'over_email_send_rate_limit', 429,
      'For security purposes, you can only request this after %s seconds.'),

    -- signup
    ('signup_disabled', 'signup_disabled', 422, 'Signups not allowed for this instance'),
    ('signup_without_password', 'validation_failed', 400, 'Signup requires a valid password'),
    ('signup_email_and_phone', 'validation_failed', 400,
      'Only an email address or phone number should be provided on signup.'),
    ('signup_email_disabled', 'email_provider_disabled', 400, 'Email signups are disabled'),
    ('signup_phone_disabled', 'phone_provider_disabled', 400, 'Phone signups are disabled'),
    ('anonymous_disabled', 'anonymous_provider_disabled', 422, 'Anonymous sign-ins are disabled'),
    ('user_already_exists', 'user_already_exists', 422, 'User already registered'),

    -- signin
    ('signin_email_and_phone', 'validation_failed', 400,
      'Only an email address or phone number should be provided on login.'),
    ('signin_without_address', 'validation_failed', 400, 'missing email or phone'),
    ('signin_email_disabled', 'email_provider_disabled', 422, 'Email logins are disabled'),
    ('signin_phone_disabled', 'phone_provider_disabled', 422, 'Phone logins are disabled'),
    ('invalid_credentials', 'invalid_credentials', 400, 'Invalid login credentials'),
    ('signin_banned', 'user_banned', 400, 'User is banned'),
    ('email_not_confirmed', 'email_not_confirmed', 400, 'Email not confirmed'),

    -- refresh
    ('refresh_token_malformed', 'validation_failed', 400, 'Refresh token is not valid'),
    ('refresh_token_not_found', 'refresh_token_not_found', 400,
      'Invalid Refresh Token: Refresh Token Not Found'),
    ('refresh_banned', 'user_banned', 400, 'Invalid Refresh Token: User Banned'),
    ('refresh_session_not_found', 'session_not_found', 400,
      'Invalid Refresh Token: No Valid Session Found'),
    ('session_expired', 'session_expired', 400, 'Invalid Refresh Token: Session Expired'),
    ('session_inactive', 'session_expired', 400,
      'Invalid Refresh Token: Session Expired (Inactivity)'),
    ('session_superseded', 'session_expired', 400,
      'Invalid Refresh Token: Session Expired (Revoked by Newer Login)'),
    ('refresh_token_already_used', 'refresh_token_already_used', 400,
      'Invalid Refresh Token: Already Used'),
    ('refresh_token_foreign', 'validation_failed', 400,
      'Invalid Refresh Token: Not Issued By This Server'),

    -- signout
    ('signout_scope_unknown', 'validation_failed', 400, 'Unsupported logout scope "%s"'),

    -- mailed links and codes
    ('otp_email_and_phone', 'validation_failed', 400,
      'Only an email address or phone number should be provided'),
    ('otp_email_channel', 'validation_failed', 400,
      'Channel should only be specified with Phone OTP'),
    ('otp_without_address', 'validation_failed', 400, 'One of email or phone must be set'),
    ('otp_disabled', 'otp_disabled', 422, 'Signups not allowed for otp'),
    ('otp_phone_disabled', 'phone_provider_disabled', 400, 'Unsupported phone provider'),
    ('magic_link_disabled', 'email_provider_disabled', 422, 'Login with magic link is disabled'),
    ('magic_link_without_email', 'validation_failed', 422, 'Password recovery requires an email'),
    ('recover_disabled', 'email_provider_disabled', 400, 'Email logins are disabled'),
    ('recover_without_email', 'validation_failed', 400, 'Password recovery requires an email'),

    -- resend
    ('resend_type_unknown', 'validation_failed', 400,
      'Missing one of these types: signup, email_change, sms, phone_change'),
    ('resend_signup_without_email', 'validation_failed', 400,
      'Type provided requires an email address'),
    ('resend_sms_without_phone', 'validation_failed', 400,
      'Type provided requires a phone number'),
    ('resend_email_and_phone', 'validation_failed', 400,
      'Only an email address or phone number should be provided.'),
    ('resend_without_address', 'validation_failed', 400, 'Missing email address or phone number'),
    ('resend_email_disabled', 'email_provider_disabled', 400, 'Email logins are disabled'),
    ('resend_phone_disabled', 'phone_provider_disabled', 400, 'Phone logins are disabled'),

    -- verify
    ('verify_without_type', 'validation_failed', 400, 'Verify requires a verification type'),
    ('verify_without_token', 'validation_failed', 400,
      'Verify requires either a token or a token hash'),
    ('verify_link_without_token', 'validation_failed', 400,
      'Verify requires a token or a token hash'),
    ('verify_address', 'validation_failed', 400,
      'Only an email address or phone number should be provided on verify'),
    ('verify_too_much', 'validation_failed', 400,
      'Only the token_hash and type should be provided'),
    ('verify_email_invalid', 'validation_failed', 422, 'Invalid email format'),
    ('verify_type_unknown', 'validation_failed', 400, 'Invalid email verification type'),
    ('link_expired', 'otp_expired', 403, 'Email link is invalid or has expired'),
    ('otp_expired', 'otp_expired', 403, 'Token has expired or is invalid'),
    ('verify_flow_not_found', 'flow_state_not_found', 400,
      'No associated flow state found. 422: No valid flow state found for user.'),

    -- the exchange of a code (PKCE)
    ('exchange_incomplete', 'validation_failed', 400,
      'invalid request: both auth code and code verifier should be non-empty'),
    ('flow_state_not_found', 'flow_state_not_found', 404,
      'invalid flow state, no valid flow state found'),
    ('flow_state_expired', 'flow_state_expired', 422,
      'invalid flow state, flow state has expired'),
    ('bad_code_verifier', 'bad_code_verifier', 400,
      'code challenge does not match previously saved code verifier'),

    -- the user
    ('app_metadata_forbidden', 'not_admin', 403,
      'Updating app_metadata requires admin privileges'),
    ('insufficient_aal', 'insufficient_aal', 401,
      'AAL2 session is required to update email or password when MFA is enabled.'),
    ('current_password_required', 'current_password_required', 400,
      'Current password required when setting new password.'),
    ('current_password_invalid', 'current_password_invalid', 400,
      'Current password required when setting new password.'),
    ('same_password', 'same_password', 422,
      'New password should be different from the old password.'),
    ('anonymous_password', 'validation_failed', 422,
      'Updating password of an anonymous user without an email or phone is not allowed'),
    ('email_exists', 'email_exists', 422,
      'A user with this email address has already been registered'),
    ('email_change_taken', 'unexpected_failure', 500, 'Error confirm email'),
    ('reauthentication_needed', 'reauthentication_needed', 400,
      'Password update requires reauthentication'),
    ('reauthentication_not_valid', 'reauthentication_not_valid', 422,
      'Nonce has expired or is invalid'),
    ('reauthentication_without_address', 'validation_failed', 400,
      'Reauthentication requires the user to have an email or a phone number'),
    ('reauthentication_unconfirmed', 'email_not_confirmed', 422,
      'Please verify your email first.'),
    ('phone_change_unavailable', 'phone_provider_disabled', 422,
      'Changing the phone number is not available yet'),

    -- admin
    ('not_admin', 'not_admin', 403, 'User not allowed'),
    ('admin_session_expired', 'session_expired', 403, 'Session is no longer valid'),
    ('id_not_uuid', 'validation_failed', 404, '%s must be an UUID'),
    ('pagination_invalid', 'validation_failed', 400, 'Bad Pagination Parameters: %s'),
    ('sort_field_unknown', 'validation_failed', 400,
      'Bad Sort Parameters: bad field for sort ''%s'''),
    ('sort_direction_unknown', 'validation_failed', 400,
      'Bad Sort Parameters: bad direction for sort ''%s'', only ''asc'' and ''desc'' allowed'),
    ('admin_user_not_found', 'user_not_found', 404, 'User not found'),
    ('admin_user_without_address', 'validation_failed', 400,
      'Cannot create a user without either an email or phone'),
    ('phone_invalid', 'validation_failed', 400, 'Invalid phone number format (E.164 required)'),
    ('phone_exists', 'phone_exists', 422, 'Phone number already registered by another user'),
    ('password_and_hash', 'validation_failed', 400,
      'Only a password or a password hash should be provided'),
    ('password_hash_unsupported', 'validation_failed', 400, 'Password hash must be bcrypt'),
    ('new_id_invalid', 'validation_failed', 400, 'ID must conform to the uuid v4 format'),
    ('new_id_nil', 'validation_failed', 400, 'ID cannot be a nil uuid'),
    ('new_id_taken', 'unexpected_failure', 500, 'Database error creating new user'),
    ('ban_duration_invalid', 'validation_failed', 400,
      'invalid format for ban duration: time: invalid duration "%s"'),
    ('link_type_unknown', 'validation_failed', 400,
      'Invalid email action link type requested: %s'),
    ('link_user_not_found', 'user_not_found', 404, 'User with this email not found'),
    ('secure_email_change_off', 'validation_failed', 400,
      'Enable secure email change to generate link for current email'),
    ('audit_scope_unknown', 'validation_failed', 400, 'Invalid query scope: %s'),

    -- for people in psql
    ('settings_invalid', 'validation_failed', 400, 'Settings not changed: %s'),
    ('jwt_secret_too_short', 'validation_failed', 400,
      'GOTRUE_JWT_SECRET needs at least 32 bytes'),
    ('api_key_role_unknown', 'validation_failed', 400,
      'API keys are for anon and service_role, not for "%s"'),
    ('nobody_to_act_as', 'user_not_found', 404, 'No user has the email address or id "%s"')
$$;

comment on function auth_private.errors is
  'All refusals: the name used in the code, the error code and HTTP status a client reads, and the message, with %s for what varies.';
--! EndIncluded error/errors.sql
--! Included error/refuse.sql
-- Refuses a request that leaves nothing behind. PostgREST and the gateway read the
-- status from the SQLSTATE; the schema tells our refusals from an application's own.

create or replace function auth_private.refuse(
  name text,
  details text[] default '{}',
  hint text default null
)
returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  refusal record;
begin
  select e.code, e.status, format(e.message, variadic refuse.details) as message
  into strict refusal
  from auth_private.errors() e
  where e.name = refuse.name;

  if refuse.hint is null then
    raise exception using errcode = 'PT' || refusal.status, message = refusal.message,
      detail = refusal.code, schema = 'auth';
  end if;
  raise exception using errcode = 'PT' || refusal.status, message = refusal.message,
    detail = refusal.code, hint = refuse.hint, schema = 'auth';
end
$$;

comment on function auth_private.refuse is
  'Raises the named refusal: SQLSTATE PT<status>, the message, and the error code as detail. Undoes what the statement did.';

-- The gateway raises refusals of its own login, before it has switched roles.
grant execute on function auth_private.refuse to authenticator;
--! EndIncluded error/refuse.sql
--! Included door/respond.sql
-- The response settings are PostgREST's, so the same functions serve there.

create or replace function auth_private.respond(status integer, headers jsonb default null)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('response.status', respond.status::text, true);

  if headers is null then
    return;
  end if;
  perform set_config(
    'response.headers',
    (
      select jsonb_agg(jsonb_build_object(h.key, h.value))
      from jsonb_each_text(respond.headers) h
    )::text,
    true
  );
end
$$;

comment on function auth_private.respond is
  'Sets the HTTP status of the answer and, from an object, its headers.';
--! EndIncluded door/respond.sql
--! Included error/refused.sql
-- Refuses a request of which something must be remembered (a wrong guess, a reused
-- token): returned and not raised, since raising would undo the memory.

create or replace function auth_private.refused(name text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  refusal record;
begin
  select e.code, e.status, e.message into strict refusal
  from auth_private.errors() e
  where e.name = refused.name;

  perform auth_private.respond(refusal.status);
  return jsonb_build_object(
    'code', refusal.status, 'error_code', refusal.code, 'msg', refusal.message);
end
$$;

comment on function auth_private.refused is
  'The named refusal as a result, with its status set for PostgREST and the gateway. Keeps what the statement did.';
--! EndIncluded error/refused.sql

--! Included policy/uid.sql
-- One plain expression with a body bound when it is made: the planner can put it in
-- line, and no search_path of a caller changes its meaning. Write (select auth.uid())
-- in a policy, and it is computed once a statement instead of once a row.

create or replace function auth.uid()
returns uuid
language sql stable parallel safe
return coalesce(
  nullif(current_setting('request.jwt.claim.sub', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub'
)::uuid;

comment on function auth.uid is
  'Id of the user whose token the request bears; null for none.';

grant execute on function auth.uid to anon, authenticated, service_role;
--! EndIncluded policy/uid.sql
--! Included policy/role.sql
create or replace function auth.role()
returns text
language sql stable parallel safe
return coalesce(
  nullif(current_setting('request.jwt.claim.role', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role'
);

comment on function auth.role is
  'Claim role of the request''s token: anon, authenticated, service_role or one of yours; null for none.';

grant execute on function auth.role to anon, authenticated, service_role;
--! EndIncluded policy/role.sql
--! Included policy/email.sql
create or replace function auth.email()
returns text
language sql stable parallel safe
return coalesce(
  nullif(current_setting('request.jwt.claim.email', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email'
);

comment on function auth.email is
  'E-mail address in the request''s token, in lower case; null or empty for none.';

grant execute on function auth.email to anon, authenticated, service_role;
--! EndIncluded policy/email.sql
--! Included policy/jwt.sql
create or replace function auth.jwt()
returns jsonb
language sql stable parallel safe
return coalesce(
  nullif(current_setting('request.jwt.claim', true), ''),
  nullif(current_setting('request.jwt.claims', true), '')
)::jsonb;

comment on function auth.jwt is
  'All claims of the request''s token; null for none.';

grant execute on function auth.jwt to anon, authenticated, service_role;
--! EndIncluded policy/jwt.sql
--! Included policy/session_id.sql
create or replace function auth.session_id()
returns uuid
language sql stable parallel safe
return nullif(
  nullif(nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'session_id', ''),
  '00000000-0000-0000-0000-000000000000'
)::uuid;

comment on function auth.session_id is
  'Id of the session that the request''s token belongs to; null for none.';

grant execute on function auth.session_id to anon, authenticated, service_role;
--! EndIncluded policy/session_id.sql
--! Included policy/aal.sql
create or replace function auth.aal()
returns text
language sql stable parallel safe
return nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'aal';

comment on function auth.aal is
  'How strongly the session is proven: aal1, or aal2 after a second factor; null without a session.';

grant execute on function auth.aal to anon, authenticated, service_role;
--! EndIncluded policy/aal.sql
--! Included policy/email_domain.sql
-- The part after the last @, since a quoted local part may hold one. An address that
-- is not confirmed proves nothing, but a token is only given out for a confirmed one.

create or replace function auth.email_domain()
returns text
language sql stable parallel safe
return substring(
  nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email' from '[^@]*$'
);

comment on function auth.email_domain is
  'Domain of the e-mail address in the request''s token, in lower case; null or empty for none.';

grant execute on function auth.email_domain to anon, authenticated, service_role;
--! EndIncluded policy/email_domain.sql
--! Included policy/is_anonymous.sql
create or replace function auth.is_anonymous()
returns boolean
language sql stable parallel safe
return coalesce(
  (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'is_anonymous')::boolean,
  false
);

comment on function auth.is_anonymous is
  'Whether the request''s user has signed in without any identity.';

grant execute on function auth.is_anonymous to anon, authenticated, service_role;
--! EndIncluded policy/is_anonymous.sql
--! Included policy/claim.sql
create or replace function auth.claim(variadic path text[])
returns jsonb
language sql stable parallel safe
return nullif(current_setting('request.jwt.claims', true), '')::jsonb #> path;

comment on function auth.claim is
  'The claim at a path, as auth.claim(''app_metadata'', ''team''); null for none.';

grant execute on function auth.claim to anon, authenticated, service_role;
--! EndIncluded policy/claim.sql

--! Included door/request_header.sql
create or replace function auth_private.request_header(name text)
returns text
language sql stable strict
return nullif(current_setting('request.headers', true), '')::jsonb ->> name;

comment on function auth_private.request_header is
  'A header of the request by its lower-case name; null without it and outside of a request.';
--! EndIncluded door/request_header.sql
--! Included door/client_ip.sql
-- The peer's address as the gateway saw it. Forwarded-for headers are the client's own
-- words and count for nothing here.

create or replace function auth_private.client_ip()
returns inet
language sql stable
return nullif(current_setting('request.remote_addr', true), '')::inet;

comment on function auth_private.client_ip is
  'Whom the request comes from; null outside of a request.';
--! EndIncluded door/client_ip.sql

--! Included setting/setting_list.sql
create or replace function auth_private.setting_list(value jsonb)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when jsonb_typeof(setting_list.value) in ('string', 'array', 'null')
    then coalesce(array_agg(btrim(item)) filter (where btrim(item) <> ''), '{}')
  end
  from (
    select unnest(string_to_array(setting_list.value #>> '{}', ',')) as item
    where jsonb_typeof(setting_list.value) = 'string'
    union all
    select jsonb_array_elements_text(setting_list.value)
    where jsonb_typeof(setting_list.value) = 'array'
  ) items
$$;

comment on function auth_private.setting_list is
  'The items of a list setting, given as a JSON array or as text with commas; null for anything else.';
--! EndIncluded setting/setting_list.sql
--! Included setting/configure.sql
-- Changes settings by name. All faults are told at once, each with what is allowed,
-- and then nothing is changed.

create or replace function auth.configure(changes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  change record;
  faults text[] := '{}';
begin
  for change in
    select c.key as name, c.value #>> '{}' as value, a.atttypid::regtype as type,
      col_description(a.attrelid, a.attnum) as allowed, a.attnotnull as required
    from jsonb_each(configure.changes) c
    left join pg_attribute a on a.attrelid = 'auth_private.settings'::regclass
      and a.attname = c.key and a.attnum > 0 and not a.attisdropped and a.attname <> 'singleton'
    order by c.key
  loop
    if change.type is null then
      faults := faults || format('%s is not a setting', change.name);
      continue;
    end if;
    begin
      execute format('update auth_private.settings set %I = $1::%s', change.name, change.type)
      using case
        when change.type = 'text[]'::regtype
          then auth_private.setting_list(configure.changes -> change.name)::text
        when change.value = '' and not change.required then null
        else change.value
      end;
      -- A glob that can't be read would fail every request that names a target.
      perform '' ~ auth_private.glob_to_regex(pattern)
      from auth_private.settings s, unnest(s.uri_allow_list) pattern;
    exception when data_exception or integrity_constraint_violation then
      faults := faults || format('%s may not be "%s". %s',
        change.name, change.value, change.allowed);
    end;
  end loop;

  if faults <> '{}' then
    perform auth_private.refuse('settings_invalid', array[array_to_string(faults, E'\n')]);
  end if;
  return (select to_jsonb(s) - 'singleton' from auth_private.settings s);
end
$$;

comment on function auth.configure is
  'Changes settings: an object of name to value, as {"site_url": "https://example.com"}. Lists are arrays or separated by commas, durations as 1m30s. Returns all settings. Refuses unknown names and bad values, all together: settings_invalid. For the owner.';
--! EndIncluded setting/configure.sql
--! Included setting/settings.sql
-- What clients may know of the settings: GET /settings.

create or replace function auth.settings()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'external', jsonb_build_object(
      'anonymous_users', s.external_anonymous_users_enabled,
      'apple', false, 'azure', false, 'bitbucket', false,
      'discord', false, 'facebook', false, 'snapchat', false, 'figma', false, 'fly', false,
      'github', false, 'gitlab', false, 'google', false, 'keycloak', false, 'kakao', false,
      'linkedin', false, 'linkedin_oidc', false, 'notion', false, 'spotify', false,
      'slack', false, 'slack_oidc', false, 'workos', false, 'twitch', false, 'twitter', false,
      'email', s.external_email_enabled, 'phone', false, 'zoom', false
    ),
    'disable_signup', s.disable_signup,
    'mailer_autoconfirm', s.mailer_autoconfirm,
    'phone_autoconfirm', false,
    'sms_provider', '',
    'saml_enabled', false,
    'saml_private_key_next_configured', false,
    'passkeys_enabled', false
  )
  from auth_private.settings s
$$;

comment on function auth.settings is
  'The settings that clients may know, in the shape of GET /settings.';

grant execute on function auth.settings to anon, authenticated, service_role;
--! EndIncluded setting/settings.sql
--! Included setting/nudge_gateways.sql
-- Tells gateways that settings or keys have changed. The notification carries nothing:
-- anyone can send one, so it only ever makes a gateway read again.

create or replace function auth_private.nudge_gateways()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('pgtrue_gateway', '');
  return null;
end
$$;

comment on function auth_private.nudge_gateways is
  'Trigger function: has every gateway read its configuration again.';

create or replace trigger nudge_gateways
  after update on auth_private.settings
  for each statement execute function auth_private.nudge_gateways();

create or replace trigger nudge_gateways
  after insert or update or delete on auth_private.signing_keys
  for each statement execute function auth_private.nudge_gateways();
--! EndIncluded setting/nudge_gateways.sql

--! Included key/sign_jwt.sql
-- Signs with the key in use, which never leaves the database by this.

create or replace function auth_private.sign_jwt(claims jsonb)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select signed.input || '.' || auth_private.base64url(
    auth_private.hmac_sha256(convert_to(signed.input, 'UTF8'), convert_to(k.secret, 'UTF8')))
  from auth_private.signing_keys k
  cross join lateral (
    select auth_private.base64url(convert_to(jsonb_strip_nulls(
        jsonb_build_object('alg', k.alg, 'typ', 'JWT', 'kid', k.kid))::text, 'UTF8'))
      || '.' || auth_private.base64url(convert_to(sign_jwt.claims::text, 'UTF8')) as input
  ) signed
  where k.status = 'in_use'
$$;

comment on function auth_private.sign_jwt is
  'The claims as a signed JWT in compact form (RFC 7519, RFC 7515).';
--! EndIncluded key/sign_jwt.sql
--! Included key/api_key.sql
-- The keys that Supabase clients call apikey. They follow from the signing key alone,
-- so asking again gives the same ones, and none has to be stored.

create or replace function auth.api_key(role text)
returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  issued_at timestamptz;
begin
  if api_key.role is null or api_key.role not in ('anon', 'service_role') then
    perform auth_private.refuse('api_key_role_unknown', array[api_key.role]);
  end if;

  select k.created_at into strict issued_at
  from auth_private.signing_keys k
  where k.status = 'in_use';

  return auth_private.sign_jwt(jsonb_build_object(
    'iss', 'pgtrue',
    'role', api_key.role,
    'iat', extract(epoch from issued_at)::bigint,
    'exp', extract(epoch from issued_at + interval '10 years')::bigint
  ));
end
$$;

comment on function auth.api_key is
  'The API key of anon or service_role: a JWT that is good for ten years from the making of the signing key. For the owner.';
--! EndIncluded key/api_key.sql
--! Included key/jwt_secret.sql
create or replace function auth_private.jwt_secret()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.secret from auth_private.signing_keys k where k.status = 'in_use'
$$;

comment on function auth_private.jwt_secret is
  'The HS256 secret in use, for other servers that verify our tokens. For the owner.';
--! EndIncluded key/jwt_secret.sql
--! Included key/use_jwt_secret.sql
-- Brings a secret from elsewhere, so that tokens and API keys made with it stay good.
-- The secret that was in use goes on verifying, until someone revokes it.

create or replace function auth_private.use_jwt_secret(secret text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- The table's own check would print the secret into the server's log.
  if coalesce(octet_length(secret), 0) < 32 then
    perform auth_private.refuse('jwt_secret_too_short');
  end if;
  if secret = auth_private.jwt_secret() then
    return;
  end if;

  update auth_private.signing_keys k set status = 'previous' where k.status = 'in_use';
  insert into auth_private.signing_keys (secret, status) values (use_jwt_secret.secret, 'in_use');
end
$$;

comment on function auth_private.use_jwt_secret is
  'Makes this the HS256 secret in use, at least 32 bytes of it; the one before still verifies. Refuses: jwt_secret_too_short. For the owner.';
--! EndIncluded key/use_jwt_secret.sql
--! Included key/gateway_config.sql
-- What the gateway has to know to open its door: the keys that tokens are verified
-- with, and a few limits. Read at start and after each nudge.

create or replace function auth_private.gateway_config()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'keys', (
      select jsonb_agg(jsonb_build_object('kid', k.kid, 'alg', k.alg, 'secret', k.secret)
        order by k.status = 'in_use' desc, k.created_at desc)
      from auth_private.signing_keys k
      where k.status <> 'revoked'
    ),
    'corsAllowedHeaders', s.cors_allowed_headers,
    'maxRequestMilliseconds', (extract(epoch from s.api_max_request_duration) * 1000)::integer
  )
  from auth_private.settings s
$$;

comment on function auth_private.gateway_config is
  'Keys to verify tokens with and the limits that the gateway keeps. For the gateway.';

grant execute on function auth_private.gateway_config to authenticator;
--! EndIncluded key/gateway_config.sql

--! Included audit/audit.sql
-- Written in the transaction of the event: what is rolled back did not happen.

create or replace function auth_private.audit(
  action text,
  log_type text,
  actor auth.users,
  traits jsonb default null
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address)
  select
    '00000000-0000-0000-0000-000000000000', gen_random_uuid(),
    json_strip_nulls(json_build_object(
      'actor_id', (audit.actor).id,
      'actor_via_sso', (audit.actor).is_sso_user,
      'actor_username', coalesce(nullif((audit.actor).phone, ''), (audit.actor).email, ''),
      'actor_name', (audit.actor).raw_user_meta_data ->> 'full_name',
      'action', audit.action,
      'log_type', audit.log_type,
      'traits', audit.traits
    )),
    now(), ''
  from auth_private.settings s
  where not s.audit_log_disable_postgres
$$;

comment on function auth_private.audit is
  'Writes an audit row in GoTrue''s form, unless the settings have them off.';
--! EndIncluded audit/audit.sql

--! Included user/is_email.sql
-- The form that browsers check (HTML, section 4.10.5.1.5), in which one label is enough.

create or replace function auth_private.is_email(email text)
returns boolean
language sql immutable strict
set search_path = pg_catalog, pg_temp
as $$
  select email collate "C" ~ (
    '^[a-zA-Z0-9.!#$%&''*+/=?^_`{|}~-]+@'
    || '[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?'
    || '(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$'
  )
$$;

comment on function auth_private.is_email is
  'Whether a text has the form of an e-mail address.';
--! EndIncluded user/is_email.sql
--! Included user/validate_email.sql
create or replace function auth_private.validate_email(email text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(email, '') = '' then
    perform auth_private.refuse('email_required');
  end if;
  if octet_length(email) > 255 then
    perform auth_private.refuse('email_too_long');
  end if;
  if not auth_private.is_email(email) then
    perform auth_private.refuse('email_invalid');
  end if;

  return lower(email collate "C");
end
$$;

comment on function auth_private.validate_email is
  'The address in lower case. Refuses: email_required, email_too_long, email_invalid.';
--! EndIncluded user/validate_email.sql
--! Included user/password_weakness.sql
create or replace function auth_private.password_weakness(password text)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  sets text[];
  reasons text[] := '{}';
  messages text[] := '{}';
begin
  select * into strict settings from auth_private.settings;

  if octet_length(password) < settings.password_min_length then
    reasons := reasons || 'length'::text;
    messages := messages || format(
      'Password should be at least %s characters.', settings.password_min_length);
  end if;

  -- A colon that belongs to a set is written \: and is put aside while splitting.
  sets := string_to_array(
    replace(settings.password_required_characters, '\:', chr(1)), ':');
  sets := array(
    select replace(part, chr(1), ':') from unnest(sets) part where part <> '');
  if exists (
    select from unnest(sets) wanted where translate(password, wanted, '') = password
  ) then
    reasons := reasons || 'characters'::text;
    messages := messages || format(
      'Password should contain at least one character of each: %s.', array_to_string(sets, ', '));
  end if;

  if reasons = '{}' then
    return null;
  end if;
  return jsonb_build_object('message', array_to_string(messages, ' '), 'reasons', reasons);
end
$$;

comment on function auth_private.password_weakness is
  'Why the settings find a password weak: {"message", "reasons"}; null where they do not.';
--! EndIncluded user/password_weakness.sql
--! Included user/check_password.sql
-- bcrypt reads 72 bytes and ignores the rest, so a longer password is refused and not
-- cut: otherwise every tail would open the door.

create or replace function auth_private.check_password(password text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  weakness jsonb;
begin
  if octet_length(password) > 72 then
    perform auth_private.refuse('password_too_long');
  end if;

  weakness := auth_private.password_weakness(password);
  if weakness is not null then
    perform auth_private.refuse('weak_password', array[weakness ->> 'message'],
      hint => (select string_agg(r, ',') from jsonb_array_elements_text(weakness -> 'reasons') r));
  end if;
end
$$;

comment on function auth_private.check_password is
  'Passes a password that may be set. Refuses: password_too_long, weak_password with the reasons as hint.';
--! EndIncluded user/check_password.sql
--! Included user/requested_aud.sql
-- No longer than the column, so that no header can make an insert fail.

create or replace function auth_private.requested_aud()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(left(auth_private.request_header('x-jwt-aud'), 255), ''), s.jwt_aud)
  from auth_private.settings s
$$;

comment on function auth_private.requested_aud is
  'The audience that a request without a user is about: header X-JWT-AUD, else the settings''.';
--! EndIncluded user/requested_aud.sql
--! Included user/find_user.sql
-- Lower case by the C rules, compared by the column's own, which its index is for.

create or replace function auth_private.find_user(email text)
returns auth.users
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select u
  from auth.users u
  where u.email = lower(find_user.email collate "C") collate "default"
    and u.aud = auth_private.requested_aud()
    and not u.is_sso_user
$$;

comment on function auth_private.find_user is
  'The user with this e-mail address in the requested audience; a null row for none.';
--! EndIncluded user/find_user.sql
--! Included user/create_user.sql
-- Two sign-ups for one address may run side by side. The index decides, and the loser
-- gets a null row instead of an error, to go on as for an address that is known.

create or replace function auth_private.create_user(
  email text,
  password_hash text,
  data jsonb default null
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  newcomer auth.users;
  new_id uuid := gen_random_uuid();
  profile jsonb := coalesce(create_user.data, '{}') || jsonb_build_object(
    'sub', new_id, 'email', create_user.email, 'email_verified', false, 'phone_verified', false);
begin
  insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password,
    confirmation_token, recovery_token, email_change_token_new, email_change,
    raw_app_meta_data, raw_user_meta_data, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000', new_id, auth_private.requested_aud(),
    s.jwt_default_group_name, create_user.email, create_user.password_hash,
    '', '', '', '',
    '{"provider": "email", "providers": ["email"]}', profile, now(), now()
  from auth_private.settings s
  on conflict (email) where is_sso_user = false do nothing
  returning * into newcomer;

  if not found then
    return null;
  end if;

  insert into auth.identities (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  values (new_id, new_id, profile, 'email', now(), now(), now());

  return newcomer;
end
$$;

comment on function auth_private.create_user is
  'A new user, unconfirmed, with an e-mail identity; a null row where the address is taken.';
--! EndIncluded user/create_user.sql
--! Included user/confirm_email.sql
create or replace function auth_private.confirm_email(user_id uuid)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  confirmed auth.users;
begin
  update auth.users u
  set email_confirmed_at = coalesce(u.email_confirmed_at, now()),
    raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}') || '{"email_verified": true}',
    updated_at = now()
  where u.id = confirm_email.user_id
  returning * into confirmed;

  update auth.identities i
  set identity_data = i.identity_data || '{"email_verified": true}', updated_at = now()
  where i.user_id = confirmed.id and i.email = confirmed.email;

  return confirmed;
end
$$;

comment on function auth_private.confirm_email is
  'Marks a user''s e-mail address as proven, in the user and in the identities that have it.';
--! EndIncluded user/confirm_email.sql
--! Included user/refresh_providers.sql
create or replace function auth_private.refresh_providers(user_id uuid)
returns auth.users
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  update auth.users u
  set raw_app_meta_data = coalesce(u.raw_app_meta_data, '{}')
    || jsonb_build_object('providers', coalesce(known.providers, '[]'))
    || case
      when known.providers is null then '{}'
      else jsonb_build_object('provider', known.providers -> 0)
    end
  from (
    select jsonb_agg(p.provider order by p.first_at, p.provider) as providers
    from (
      select i.provider, min(i.created_at) as first_at
      from auth.identities i
      where i.user_id = refresh_providers.user_id
      group by i.provider
    ) p
  ) known
  where u.id = refresh_providers.user_id
  returning u.*
$$;

comment on function auth_private.refresh_providers is
  'Writes the providers of a user''s identities into app_metadata, the oldest as provider.';
--! EndIncluded user/refresh_providers.sql
--! Included user/rfc3339.sql
create or replace function auth_private.rfc3339(moment timestamptz)
returns text
language sql stable strict
return to_char(moment at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"');

comment on function auth_private.rfc3339 is
  'A moment in UTC as RFC 3339 writes it, with microseconds.';
--! EndIncluded user/rfc3339.sql
--! Included user/identities_json.sql
create or replace function auth_private.identities_json(user_id uuid)
returns jsonb
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'identity_id', i.id,
      'id', i.provider_id,
      'user_id', i.user_id,
      'provider', i.provider,
      'last_sign_in_at', auth_private.rfc3339(i.last_sign_in_at),
      'created_at', auth_private.rfc3339(i.created_at),
      'updated_at', auth_private.rfc3339(i.updated_at),
      'email', nullif(i.email, '')
    )) || jsonb_build_object('identity_data', i.identity_data)
    order by i.created_at, i.id), '[]')
  from auth.identities i
  where i.user_id = identities_json.user_id
$$;

comment on function auth_private.identities_json is
  'A user''s identities in the shape of the API, oldest first.';
--! EndIncluded user/identities_json.sql
--! Included user/factors_json.sql
create or replace function auth_private.factors_json(user_id uuid)
returns jsonb
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
      'id', f.id,
      'created_at', auth_private.rfc3339(f.created_at),
      'updated_at', auth_private.rfc3339(f.updated_at),
      'status', f.status,
      'friendly_name', nullif(f.friendly_name, ''),
      'factor_type', f.factor_type,
      'phone', coalesce(f.phone, '')
    )) || jsonb_build_object('last_challenged_at', auth_private.rfc3339(f.last_challenged_at))
    order by f.created_at, f.id)
  from auth.mfa_factors f
  where f.user_id = factors_json.user_id
$$;

comment on function auth_private.factors_json is
  'A user''s second factors in the shape of the API, oldest first; null for none.';
--! EndIncluded user/factors_json.sql
--! Included user/user_json.sql
-- What the world may know of a user. Hashes and tokens are never in it.

create or replace function auth_private.user_json(u auth.users)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_strip_nulls(jsonb_build_object(
      'id', u.id,
      'aud', coalesce(u.aud, ''),
      'role', coalesce(u.role, ''),
      'email', coalesce(u.email, ''),
      'email_confirmed_at', auth_private.rfc3339(u.email_confirmed_at),
      'invited_at', auth_private.rfc3339(u.invited_at),
      'phone', coalesce(u.phone, ''),
      'phone_confirmed_at', auth_private.rfc3339(u.phone_confirmed_at),
      'confirmation_sent_at', auth_private.rfc3339(u.confirmation_sent_at),
      'confirmed_at', auth_private.rfc3339(u.confirmed_at),
      'recovery_sent_at', auth_private.rfc3339(u.recovery_sent_at),
      'new_email', nullif(u.email_change, ''),
      'email_change_sent_at', auth_private.rfc3339(u.email_change_sent_at),
      'new_phone', nullif(u.phone_change, ''),
      'phone_change_sent_at', auth_private.rfc3339(u.phone_change_sent_at),
      'reauthentication_sent_at', auth_private.rfc3339(u.reauthentication_sent_at),
      'last_sign_in_at', auth_private.rfc3339(u.last_sign_in_at),
      'created_at', auth_private.rfc3339(u.created_at),
      'updated_at', auth_private.rfc3339(u.updated_at),
      'banned_until', auth_private.rfc3339(u.banned_until),
      'deleted_at', auth_private.rfc3339(u.deleted_at),
      'is_anonymous', u.is_anonymous
    ))
    -- Apart, since a factor says null where it was never challenged.
    || coalesce((
      select jsonb_build_object('factors', f)
      from auth_private.factors_json(u.id) f
      where f is not null
    ), '{}')
    || jsonb_build_object(
      'app_metadata', coalesce(u.raw_app_meta_data, '{}'),
      'user_metadata', coalesce(u.raw_user_meta_data, '{}'),
      'identities', auth_private.identities_json(u.id)
    )
$$;

comment on function auth_private.user_json is
  'A user in the shape of the API.';
--! EndIncluded user/user_json.sql
--! Included user/current_user_row.sql
create or replace function auth_private.current_user_row()
returns auth.users
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  present auth.users;
begin
  if auth.uid() is null then
    perform auth_private.refuse('sub_missing');
  end if;

  select * into present from auth.users u where u.id = auth.uid() and u.deleted_at is null;
  if not found then
    perform auth_private.refuse('user_not_found');
  end if;
  return present;
end
$$;

comment on function auth_private.current_user_row is
  'The user of the request. Refuses: bad_jwt without one, user_not_found.';
--! EndIncluded user/current_user_row.sql

--! Included session/varint.sql
create or replace function auth_private.varint(number bigint)
returns bytea
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
  rest bigint := number;
  bytes bytea := '';
begin
  while rest > 127 loop
    bytes := bytes || set_byte('\x00', 0, (rest & 127)::integer | 128);
    rest := rest >> 7;
  end loop;

  return bytes || set_byte('\x00', 0, rest::integer);
end
$$;

comment on function auth_private.varint is
  'An unsigned integer in groups of seven bits, the lowest first (LEB128).';
--! EndIncluded session/varint.sql
--! Included session/refresh_token.sql
-- Nothing is stored for a refresh token. It says whose it is and which one, and the
-- session's own key signs that; the last four bytes let a typing error be told cheaply.

create or replace function auth_private.refresh_token(session auth.sessions)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.base64url(signed.bytes || substring(sha256(signed.bytes) for 4))
  from (
    select decode('00', 'hex') || uuid_send(session.id)
      || auth_private.varint(session.refresh_token_counter) as bytes
  ) said
  cross join lateral (
    select said.bytes || substring(auth_private.hmac_sha256(said.bytes,
      auth_private.from_base64url(session.refresh_token_hmac_key)) for 16) as bytes
  ) signed
$$;

comment on function auth_private.refresh_token is
  'The session''s present refresh token: base64url of 00, session id, counter as varint, 16 bytes of HMAC-SHA256, 4 bytes of SHA-256.';
--! EndIncluded session/refresh_token.sql
--! Included session/parse_refresh_token.sql
create or replace function auth_private.parse_refresh_token(
  token text,
  out session_id uuid,
  out counter bigint,
  out said bytea,
  out signature bytea
)
returns record
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  bytes bytea := auth_private.from_base64url(token);
  size integer := octet_length(bytes);
begin
  -- 00, session id 16, counter 1 to 9, signature 16, checksum 4
  if bytes is null or size not between 38 and 46 or get_byte(bytes, 0) <> 0
    or substring(bytes from size - 3) <> substring(sha256(substring(bytes for size - 4)) for 4)
  then
    return;
  end if;

  counter := 0;
  for place in reverse size - 38 .. 0 loop
    -- All but the last byte of a varint have the high bit.
    if (get_byte(bytes, 17 + place) >= 128) <> (place < size - 38) then
      return;
    end if;
    counter := (counter << 7) | (get_byte(bytes, 17 + place) & 127);
  end loop;

  session_id := encode(substring(bytes from 2 for 16), 'hex')::uuid;
  said := substring(bytes for size - 20);
  signature := substring(bytes from size - 19 for 16);
end
$$;

comment on function auth_private.parse_refresh_token is
  'The parts of a refresh token, not yet believed; a null session_id where it is none.';
--! EndIncluded session/parse_refresh_token.sql
--! Included session/session_claims.sql
create or replace function auth_private.session_claims(session auth.sessions, u auth.users)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_strip_nulls(jsonb_build_object(
      'iss', nullif(s.jwt_issuer, ''),
      'amr', (
        select jsonb_agg(jsonb_build_object(
            'method', m.authentication_method,
            'timestamp', extract(epoch from m.updated_at)::bigint
          ) order by m.updated_at desc, m.authentication_method)
        from auth.mfa_amr_claims m
        where m.session_id = session.id
      )
    ))
    || jsonb_build_object(
      'sub', u.id,
      'aud', coalesce(u.aud, ''),
      'iat', extract(epoch from now())::bigint,
      'exp', extract(epoch from now())::bigint + s.jwt_exp,
      'email', coalesce(u.email, ''),
      'phone', coalesce(u.phone, ''),
      'app_metadata', coalesce(u.raw_app_meta_data, '{}'),
      'user_metadata', coalesce(u.raw_user_meta_data, '{}'),
      'role', coalesce(u.role, ''),
      'aal', session.aal,
      'session_id', session.id,
      'is_anonymous', u.is_anonymous
    )
  from auth_private.settings s
$$;

comment on function auth_private.session_claims is
  'The claims of an access token for this session of this user, issued now; times in Unix seconds.';
--! EndIncluded session/session_claims.sql
--! Included session/session_json.sql
-- The answer to everything that signs in. The headers are GoTrue's.

create or replace function auth_private.session_json(session auth.sessions, u auth.users)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claims jsonb := auth_private.session_claims(session, u);
begin
  perform auth_private.respond(200, jsonb_build_object(
    'sb-auth-user-id', u.id,
    'sb-auth-session-id', session.id,
    'sb-auth-refresh-token-counter', session.refresh_token_counter
  ));

  return jsonb_build_object(
    'access_token', auth_private.sign_jwt(claims),
    'token_type', 'bearer',
    'expires_in', (claims ->> 'exp')::bigint - (claims ->> 'iat')::bigint,
    'expires_at', (claims ->> 'exp')::bigint,
    'refresh_token', auth_private.refresh_token(session),
    'user', auth_private.user_json(u)
  );
end
$$;

comment on function auth_private.session_json is
  'Access token, refresh token and user in the shape of the API; expires_in in seconds, expires_at in Unix seconds.';
--! EndIncluded session/session_json.sql
--! Included session/open_session.sql
create or replace function auth_private.open_session(user_id uuid, method text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  opened auth.sessions;
  owner auth.users;
begin
  insert into auth.sessions (
    id, user_id, created_at, updated_at, aal, user_agent, ip,
    refresh_token_hmac_key, refresh_token_counter
  )
  values (
    gen_random_uuid(), open_session.user_id, now(), now(), 'aal1',
    auth_private.request_header('user-agent'), auth_private.client_ip(),
    auth_private.base64url(auth_private.random_bytes(32)), 0
  )
  returning * into opened;

  insert into auth.mfa_amr_claims (id, session_id, authentication_method, created_at, updated_at)
  values (gen_random_uuid(), opened.id, open_session.method, now(), now());

  update auth.users u
  set last_sign_in_at = now(), updated_at = now()
  where u.id = open_session.user_id
  returning * into strict owner;

  return auth_private.session_json(opened, owner);
end
$$;

comment on function auth_private.open_session is
  'Signs the user in: a new session, proven by the method (an amr value), in the shape of the API.';
--! EndIncluded session/open_session.sql
--! Included session/check_session.sql
-- The order of the checks is GoTrue's.

create or replace function auth_private.check_session(session auth.sessions)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  last_used timestamptz := coalesce(session.refreshed_at at time zone 'utc', session.created_at);
begin
  select * into strict settings from auth_private.settings;

  if session.not_after < now() or session.created_at + settings.sessions_timebox < now() then
    perform auth_private.refuse('session_expired');
  end if;
  if last_used + settings.sessions_inactivity_timeout < now() then
    perform auth_private.refuse('session_inactive');
  end if;
  if settings.sessions_single_per_user and exists (
    select
    from auth.sessions other
    where other.user_id = session.user_id
      and other.id <> session.id
      and coalesce(other.refreshed_at at time zone 'utc', other.created_at) > last_used
      and (other.not_after is null or other.not_after >= now())
      and (settings.sessions_timebox is null
        or other.created_at + settings.sessions_timebox >= now())
  ) then
    perform auth_private.refuse('session_superseded');
  end if;
end
$$;

comment on function auth_private.check_session is
  'Passes a session that may still be refreshed. Refuses: session_expired, session_inactive, session_superseded.';
--! EndIncluded session/check_session.sql
--! Included session/renew_session.sql
create or replace function auth_private.renew_session(
  session auth.sessions,
  owner auth.users,
  reuse_cause text default null
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  renewed auth.sessions := session;
  answer jsonb;
begin
  -- A repeated refresh answers with the token that is current and moves nothing.
  if reuse_cause is null then
    update auth.sessions s
    set refresh_token_counter = s.refresh_token_counter + 1,
      refreshed_at = now() at time zone 'utc',
      updated_at = now(),
      user_agent = coalesce(auth_private.request_header('user-agent'), s.user_agent),
      ip = coalesce(auth_private.client_ip(), s.ip)
    where s.id = session.id
    returning * into strict renewed;
  end if;

  perform auth_private.audit('token_refreshed', 'token', owner);
  answer := auth_private.session_json(renewed, owner);
  perform auth_private.respond(200, jsonb_strip_nulls(jsonb_build_object(
    'sb-auth-user-id', owner.id,
    'sb-auth-session-id', renewed.id,
    'sb-auth-refresh-token-counter', renewed.refresh_token_counter,
    'sb-auth-refresh-token-reuse', reuse_cause is not null,
    'sb-auth-refresh-token-reuse-cause', reuse_cause
  )));
  return answer;
end
$$;

comment on function auth_private.renew_session is
  'The session with its next refresh token; with a reuse_cause, with the one that is current.';
--! EndIncluded session/renew_session.sql
--! Included session/refresh_reused.sql
-- A refresh token was used that a newer one has replaced: two parties hold copies, and
-- nobody can tell which of them is honest. So both are signed out.

create or replace function auth_private.refresh_reused(session auth.sessions)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  answer jsonb := auth_private.refused('refresh_token_already_used');
begin
  if not (select s.security_refresh_token_rotation_enabled from auth_private.settings s) then
    return answer;
  end if;

  delete from auth.sessions s where s.id = session.id;
  perform auth_private.respond(
    (answer ->> 'code')::integer, '{"sb-auth-refresh-token-rotated": "true"}');
  return answer;
end
$$;

comment on function auth_private.refresh_reused is
  'Ends the session, unless rotation is off, and returns refresh_token_already_used.';
--! EndIncluded session/refresh_reused.sql
--! Included session/refresh_legacy.sql
-- GoTrue's older refresh tokens, which come with data from there: spent once, and
-- answered by one of ours. A second use before ours was used counts as a lost answer.

create or replace function auth_private.refresh_legacy(refresh_token text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  shown auth.refresh_tokens;
  held auth.sessions;
  owner auth.users;
begin
  select * into shown from auth.refresh_tokens t where t.token = refresh_legacy.refresh_token;
  if not found then
    perform auth_private.refuse('refresh_token_not_found');
  end if;

  update auth.sessions s
  set refresh_token_hmac_key = coalesce(
      s.refresh_token_hmac_key, auth_private.base64url(auth_private.random_bytes(32))),
    refresh_token_counter = coalesce(s.refresh_token_counter, 0)
  where s.id = shown.session_id
  returning * into held;
  if not found then
    perform auth_private.refuse('refresh_session_not_found');
  end if;

  select * into strict owner from auth.users u where u.id = held.user_id;
  if owner.banned_until > now() then
    perform auth_private.refuse('refresh_banned');
  end if;
  perform auth_private.check_session(held);

  update auth.refresh_tokens t
  set revoked = true, updated_at = now()
  where t.id = shown.id and t.revoked is not true;
  if found then
    return auth_private.renew_session(held, owner);
  end if;

  if held.refresh_token_counter = 1 and shown.id = (
    select max(t.id) from auth.refresh_tokens t where t.session_id = held.id
  ) then
    return auth_private.renew_session(held, owner, 'fail-to-save');
  end if;
  return auth_private.refresh_reused(held);
end
$$;

comment on function auth_private.refresh_legacy is
  'auth.refresh for a token of twelve characters from GoTrue''s refresh_tokens.';
--! EndIncluded session/refresh_legacy.sql
--! Included session/admit_admin.sql
-- Decides whether a token may ask for what admins may. The role in it is what counts, so
-- an API key will do; where the token belongs to a session, its user must still have such
-- a role, so that taking the role away takes effect at once.

create or replace function auth_private.admit_admin(claims jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  uuid_form constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
  no_session constant text := '00000000-0000-0000-0000-000000000000';
  session text := coalesce(nullif(claims ->> 'session_id', ''), no_session);
  admins constant text[] := (select s.jwt_admin_roles from auth_private.settings s);
  bearer auth.users;
  present auth.sessions;
begin
  if coalesce(claims ->> 'role', '') <> all (admins) then
    perform auth_private.refuse('not_admin');
  end if;
  if session = no_session then
    return claims ->> 'role';
  end if;

  if session ~ uuid_form and claims ->> 'sub' ~ uuid_form then
    select * into present
    from auth.sessions s
    where s.id = session::uuid and s.user_id = (claims ->> 'sub')::uuid;
    select * into bearer
    from auth.users u
    where u.id = present.user_id and u.deleted_at is null;
  end if;
  if bearer.id is null then
    perform auth_private.refuse('admin_session_expired');
  end if;
  if bearer.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;
  if coalesce(bearer.role, '') <> all (admins) then
    perform auth_private.refuse('not_admin');
  end if;
  begin
    perform auth_private.check_session(present);
  exception when sqlstate 'PT400' then
    perform auth_private.refuse('admin_session_expired');
  end;
  return bearer.role;
end
$$;

comment on function auth_private.admit_admin is
  'The database role that an admin''s request with these verified claims runs as. Refuses: not_admin, session_expired, user_banned.';
--! EndIncluded session/admit_admin.sql
--! Included session/admit.sql
-- Decides whether a token that is well signed and in time is still good, and as what
-- the request runs. One probe by primary key, so that signing out, a ban, a deletion
-- and a new role take effect at the next statement.

create or replace function auth_private.admit(claims jsonb, required text default 'none')
returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  uuid_form constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
  no_session constant text := '00000000-0000-0000-0000-000000000000';
  sub text := coalesce(claims ->> 'sub', '');
  session text := coalesce(nullif(claims ->> 'session_id', ''), no_session);
  bearer record;
begin
  if required = 'admin' then
    return auth_private.admit_admin(claims);
  end if;
  if required = 'user' and sub = '' then
    perform auth_private.refuse('sub_missing');
  end if;
  if required = 'user' and sub !~ uuid_form then
    perform auth_private.refuse('sub_not_uuid');
  end if;
  if session !~ uuid_form then
    perform auth_private.refuse('session_id_not_uuid');
  end if;

  -- Others may sign tokens with our key that name none of our users.
  if required <> 'user' and (session = no_session or sub !~ uuid_form
    or not (select s.sessions_checked_live from auth_private.settings s))
  then
    return coalesce(nullif(claims ->> 'role', ''), 'anon');
  end if;

  select u.role, u.banned_until, s.id as session_id into bearer
  from auth.users u
  left join auth.sessions s on s.id = session::uuid and s.user_id = u.id
  where u.id = sub::uuid and u.deleted_at is null;

  if not found then
    perform auth_private.refuse('user_not_found');
  end if;
  if session <> no_session and bearer.session_id is null then
    perform auth_private.refuse('session_not_found');
  end if;
  if bearer.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;

  return coalesce(nullif(bearer.role, ''), 'anon');
end
$$;

comment on function auth_private.admit is
  'The database role that a request with these verified claims runs as. required: none, user where only a user will do, or admin. Refuses: bad_jwt, user_not_found, session_not_found, user_banned, not_admin, session_expired.';

grant execute on function auth_private.admit to authenticator;
--! EndIncluded session/admit.sql

--! Included mail/url_encode.sql
create or replace function auth_private.url_encode(value text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(string_agg(
    case
      when c.letter ~ '^[A-Za-z0-9._~-]$' then c.letter
      when c.letter = ' ' then '+'
      else regexp_replace(
        upper(encode(convert_to(c.letter, 'UTF8'), 'hex')), '(..)', '%\1', 'g')
    end, '' order by c.place), '')
  from string_to_table(url_encode.value, null) with ordinality c (letter, place)
$$;

comment on function auth_private.url_encode is
  'A value for a query string or a fragment (application/x-www-form-urlencoded).';
--! EndIncluded mail/url_encode.sql
--! Included mail/url_with.sql
-- Adds what a redirect says, to the query or the fragment or both. The target's own
-- parameters are kept, unless they have the same name. The result is a header's value,
-- so letters beyond ASCII are encoded.

create or replace function auth_private.url_with(url text, query jsonb, fragment jsonb)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select split_part(target.text, '?', 1)
    || coalesce('?' || (
      select string_agg(pair.text, '&' order by pair.name collate "C", pair.place)
      from (
        select split_part(kept.text, '=', 1) as name, kept.place, kept.text
        from string_to_table(nullif(substring(target.text from '\?(.*)$'), ''), '&')
          with ordinality kept (text, place)
        where kept.text <> '' and not coalesce(query, '{}') ? split_part(kept.text, '=', 1)
        union all
        select key, 0, key || '=' || auth_private.url_encode(value)
        from jsonb_each_text(query)
      ) pair
    ), '')
    || coalesce('#' || (
      select string_agg(key || '=' || auth_private.url_encode(value), '&'
        order by key collate "C")
      from jsonb_each_text(fragment)
    ), '')
  from (
    select string_agg(
      case when ascii(letter) > 127 then auth_private.url_encode(letter) else letter end,
      '' order by place) as text
    from string_to_table(split_part(url, '#', 1), null) with ordinality l (letter, place)
  ) target
$$;

comment on function auth_private.url_with is
  'A URL with parameters set in its query and its fragment replaced, both sorted by name.';
--! EndIncluded mail/url_with.sql
--! Included mail/parse_url.sql
create or replace function auth_private.parse_url(
  url text,
  out scheme text,
  out host text,
  out port text
)
returns record
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  parts text[];
begin
  -- Control characters, white space and backslashes are read differently by browsers.
  if url is null or url ~ '[\x01-\x20\x7f\\]' then
    return;
  end if;

  parts := regexp_match(url,
    '^([a-zA-Z][a-zA-Z0-9+.-]*)://(?:[^/?#@]*@)?(\[[0-9a-fA-F:.]+\]|[^/?#@:\[\]]*)(?::([0-9]*))?(?:[/?#].*)?$');
  scheme := lower(parts[1]);
  host := lower(parts[2]);
  port := coalesce(parts[3], '');
end
$$;

comment on function auth_private.parse_url is
  'Scheme, host and port of an absolute URL (RFC 3986), in lower case, the port as written; nulls for anything else.';
--! EndIncluded mail/parse_url.sql
--! Included mail/glob_to_regex.sql
-- Literal characters are escaped one by one, so a pattern can only mean what the glob
-- says. . and / separate: a single * stops at them.

create or replace function auth_private.glob_to_regex(pattern text)
returns text
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
  regex text := '^';
  rest text := pattern;
  token text;
  depth integer := 0;
  backslash constant text := chr(92);
begin
  while rest <> '' loop
    token := substring(rest from '^(\*\*|\\.|\[!?[^]]+\]|.)');
    rest := substr(rest, length(token) + 1);
    regex := regex || case
      when token = '**' then '.*'
      when token = '*' then '[^./]*'
      when token = '?' then '[^./]'
      when token ~ '^\[!' then '[^' || replace(substr(token, 3), backslash, backslash || backslash)
      when token ~ '^\[.' then replace(token, backslash, backslash || backslash)
      when token = '{' then '(?:'
      when token = '}' and depth > 0 then ')'
      when token = ',' and depth > 0 then '|'
      when ltrim(token, backslash) ~ '^[A-Za-z0-9_]$' or ascii(token) > 127
        then ltrim(token, backslash)
      when length(token) = 2 then token
      else backslash || token
    end;
    depth := depth + case when token = '{' then 1 when token = '}' and depth > 0 then -1 else 0 end;
  end loop;

  return regex || repeat(')', depth) || '$';
end
$$;

comment on function auth_private.glob_to_regex is
  'A regular expression for a glob: ** any run, * and ? without . and /, [a-z], [!a-z], {a,b}, \ escapes.';
--! EndIncluded mail/glob_to_regex.sql
--! Included mail/redirect_allowed.sql
-- An open redirect would hand tokens to whoever writes the link, so a target is refused
-- unless a rule lets it pass. URLs that parsers read differently are refused at once.

create or replace function auth_private.redirect_allowed(url text)
returns boolean
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  wanted record;
  site record;
  matched text;
begin
  select * into strict settings from auth_private.settings;
  wanted := auth_private.parse_url(url);
  site := auth_private.parse_url(settings.site_url);
  if wanted.scheme is null or site.scheme is null
    or wanted.scheme in ('javascript', 'data', 'vbscript', 'blob', 'file')
  then
    return false;
  end if;

  if wanted.host = site.host and wanted.scheme = site.scheme
    and (wanted.port = site.port or site.host ~
      '^(localhost|.*\.localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|\[::\])$')
  then
    return true;
  end if;

  -- A host that ends in a number is an IPv4 address to browsers, in whatever form.
  if wanted.host ~ '(^|\.)([0-9]+|0x[0-9a-f]*)\.?$' or wanted.host like '[%' then
    return wanted.host ~ '^127\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]{1,3}$' or wanted.host = '[::1]';
  end if;
  if wanted.scheme in ('http', 'https')
    and wanted.host !~ '^[a-zA-Z0-9]([a-zA-Z0-9.-]*[a-zA-Z0-9])?$'
  then
    return false;
  end if;

  -- A wildcard for a part of the host must not match what only looks like one: user:host@
  -- before the real host, or a query right behind it.
  matched := split_part(url, '#', 1);
  if wanted.scheme in ('http', 'https') then
    matched := regexp_replace(matched, '^([^/]*//)[^/?@]*@', '\1');
    matched := regexp_replace(matched, '^([^/]*//[^/?]*)\?', '\1/?');
  end if;
  return exists (
    select
    from unnest(settings.uri_allow_list) pattern
    where matched ~ auth_private.glob_to_regex(pattern)
  );
end
$$;

comment on function auth_private.redirect_allowed is
  'Whether a URL may be redirected to: it shares scheme, host and port with site_url, is a loopback address, or matches uri_allow_list.';
--! EndIncluded mail/redirect_allowed.sql
--! Included mail/redirect_target.sql
-- Where a link leads in the end: what the request asks for if that is allowed, else
-- where it came from if that is, else the application's own URL. Never an error.

create or replace function auth_private.redirect_target(redirect_to text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when auth_private.redirect_allowed(redirect_target.redirect_to)
      then redirect_target.redirect_to
    when auth_private.redirect_allowed(auth_private.request_header('referer'))
      then auth_private.request_header('referer')
    else s.site_url
  end
  from auth_private.settings s
$$;

comment on function auth_private.redirect_target is
  'The allowed one of: the URL asked for, the request''s Referer, site_url.';
--! EndIncluded mail/redirect_target.sql
--! Included mail/link.sql
-- Links lead to the configured address and never to a host that a request named. A plain
-- redirect_to stays readable; anything that decoding would change is encoded.

create or replace function auth_private.link(kind text, token text, redirect_to text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select substring(s.api_external_url from '^[a-z]+://[^/]+')
    || case kind
      when 'invite' then s.mailer_urlpaths_invite
      when 'confirmation' then s.mailer_urlpaths_confirmation
      when 'email_change' then s.mailer_urlpaths_email_change
      else s.mailer_urlpaths_recovery
    end
    || '?token=' || token
    || '&type=' || case kind
      when 'confirmation' then 'signup'
      when 'magic_link' then 'magiclink'
      else kind
    end
    || '&redirect_to=' || case
      when redirect_to ~ '[^A-Za-z0-9._~:/?-]' then auth_private.url_encode(redirect_to)
      else redirect_to
    end
  from auth_private.settings s
$$;

comment on function auth_private.link is
  'The link in a mail of kind confirmation, invite, recovery, magic_link or email_change; null without a redirect_to.';
--! EndIncluded mail/link.sql

--! Included token/random_digits.sql
-- 63 random bits modulo 10^10 at most: the bias is below one in a hundred million.

create or replace function auth_private.random_digits(length integer)
returns text
language sql volatile strict
set search_path = pg_catalog, pg_temp
as $$
  select lpad(((bits.number & 9223372036854775807) % (10 ^ length)::bigint)::text, length, '0')
  from (
    select ('x' || encode(auth_private.random_bytes(8), 'hex'))::bit(64)::bigint as number
  ) bits
$$;

comment on function auth_private.random_digits is
  'So many random decimal digits.';
--! EndIncluded token/random_digits.sql
--! Included token/code_hash.sql
-- Six digits are soon tried through, so a plain hash would hide nothing. The pepper is
-- no part of the auth schema: whoever reads or dumps only that has no way to the code.

create or replace function auth_private.code_hash(address text, code text)
returns bytea
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.hmac_sha256(convert_to(address || chr(10) || code, 'UTF8'), s.value)
  from auth_private.secrets s
  where s.name = 'otp_pepper'
$$;

comment on function auth_private.code_hash is
  'How a mailed code is kept: HMAC-SHA256 over the address and the code under this database''s pepper.';
--! EndIncluded token/code_hash.sql
--! Included token/issue_token.sql
-- Makes what a mail carries: a link's token of 256 random bits and a code to type. They
-- know nothing of each other: the link can't be worked out from the code, and only the
-- code needs a cap on attempts. Both replace what was mailed before.

create or replace function auth_private.issue_token(
  user_id uuid,
  kind auth.one_time_token_type,
  address text,
  pkce boolean default false,
  out token text,
  out code text
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  -- The user first, as in auth_private.spend_link.
  perform from auth.users u where u.id = issue_token.user_id for no key update;

  token := case when pkce then 'pkce_' else '' end
    || encode(auth_private.random_bytes(32), 'hex');
  code := auth_private.random_digits((select s.mailer_otp_length from auth_private.settings s));

  insert into auth.one_time_tokens as t (
    id, user_id, token_type, token_hash, relates_to, created_at, updated_at
  )
  values (
    gen_random_uuid(), issue_token.user_id, issue_token.kind,
    auth_private.sha256_hex(issue_token.token), issue_token.address,
    now() at time zone 'utc', now() at time zone 'utc'
  )
  on conflict (user_id, token_type) do update
  set token_hash = excluded.token_hash,
    relates_to = excluded.relates_to,
    created_at = excluded.created_at,
    updated_at = excluded.updated_at;

  insert into auth_private.one_time_codes as c (user_id, token_type, code_hash, relates_to)
  values (
    issue_token.user_id, issue_token.kind,
    auth_private.code_hash(issue_token.address, issue_token.code), issue_token.address
  )
  on conflict (user_id, token_type) do update
  set code_hash = excluded.code_hash,
    relates_to = excluded.relates_to,
    attempts = 0,
    created_at = now();
end
$$;

comment on function auth_private.issue_token is
  'A fresh link token (with the prefix pkce_ for a PKCE flow) and a fresh code for this user and purpose, kept as hashes.';
--! EndIncluded token/issue_token.sql
--! Included token/spend_link.sql
-- Spends a mailed link. The statement that finds the token also deletes it, so of two
-- calls racing with one link exactly one succeeds.

create or replace function auth_private.spend_link(
  token text,
  kinds auth.one_time_token_type[]
)
returns auth.one_time_tokens
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  spent auth.one_time_tokens;
begin
  -- The user before what was mailed, here and wherever both are locked: in any other
  -- order a link and its code, used at once, would wait for each other.
  perform
  from auth.users u
  where u.id in (
    select t.user_id
    from auth.one_time_tokens t
    where t.token_hash = auth_private.sha256_hex(spend_link.token)
  )
  for no key update;

  delete from auth.one_time_tokens t
  using auth_private.settings s
  where t.token_hash = auth_private.sha256_hex(spend_link.token)
    and t.token_type = any (spend_link.kinds)
    and t.created_at at time zone 'utc' + make_interval(secs => s.mailer_otp_exp) >= now()
  returning t.* into spent;

  if not found then
    perform auth_private.refuse('link_expired');
  end if;
  return spent;
end
$$;

comment on function auth_private.spend_link is
  'The link''s row, deleted. Refuses: otp_expired for an unknown, spent or old token.';
--! EndIncluded token/spend_link.sql
--! Included token/spend_code.sql
-- Spends a mailed code. The guess is counted first and compared afterwards, in rows that
-- stay locked, so guesses sent side by side are counted too. The caller returns its
-- refusal and doesn't raise it: raising would forget the count.

create or replace function auth_private.spend_code(
  kinds auth.one_time_token_type[],
  address text,
  code text
)
returns auth_private.one_time_codes
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  guessed auth_private.one_time_codes;
  spent auth_private.one_time_codes;
begin
  -- The user first, as in auth_private.spend_link.
  perform
  from auth.users u
  where u.id in (
    select c.user_id
    from auth_private.one_time_codes c
    where c.relates_to = spend_code.address and c.token_type = any (spend_code.kinds)
  )
  order by u.id
  for no key update;

  for guessed in
    update auth_private.one_time_codes c
    set attempts = c.attempts + 1
    from auth_private.settings s
    where c.relates_to = spend_code.address
      and c.token_type = any (spend_code.kinds)
      and c.attempts < s.mailer_otp_max_attempts
      and c.created_at + make_interval(secs => s.mailer_otp_exp) >= now()
    returning c.*
  loop
    if guessed.code_hash = auth_private.code_hash(spend_code.address, spend_code.code) then
      spent := guessed;
    end if;
  end loop;

  delete from auth_private.one_time_codes c
  where c.user_id = spent.user_id and c.token_type = spent.token_type;
  return spent;
end
$$;

comment on function auth_private.spend_code is
  'The code''s row, deleted; a null row, and a guess counted, where the code is wrong, old or guessed at too often.';
--! EndIncluded token/spend_code.sql
--! Included token/discard_tokens.sql
create or replace function auth_private.discard_tokens(user_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  delete from auth.one_time_tokens t where t.user_id = discard_tokens.user_id;
  delete from auth_private.one_time_codes c where c.user_id = discard_tokens.user_id;
$$;

comment on function auth_private.discard_tokens is
  'Voids all links and codes that were mailed to a user.';
--! EndIncluded token/discard_tokens.sql
--! Included token/cool_down.sql
-- Lets an address ask for a mail only so often. Addresses without a user are remembered
-- too, so the wait is the same for them and tells nobody who has an account.

create or replace function auth_private.cool_down(address text, purpose text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  wait interval := (select s.smtp_max_frequency from auth_private.settings s);
  fingerprint bytea := sha256(convert_to(cool_down.address, 'UTF8'));
  last_sent timestamptz;
begin
  -- By the clock, not by the beginning of the transaction: who had to wait for another
  -- request began before that one wrote.
  insert into auth_private.cooldowns as c (address_hash, purpose, sent_at)
  values (fingerprint, cool_down.purpose, clock_timestamp())
  on conflict on constraint cooldowns_pkey do update
  set sent_at = clock_timestamp()
  where c.sent_at + wait <= clock_timestamp();

  if not found then
    select c.sent_at into last_sent
    from auth_private.cooldowns c
    where c.address_hash = fingerprint and c.purpose = cool_down.purpose;
    perform auth_private.refuse('over_email_send_rate_limit', array[
      greatest(0, floor(extract(epoch from last_sent + wait - clock_timestamp())))::integer::text]);
  end if;

  -- A few old rows go with each new one, so the table never grows past what is in use.
  delete from auth_private.cooldowns c
  using (
    select o.address_hash, o.purpose
    from auth_private.cooldowns o
    where o.sent_at < now() - wait
    order by o.sent_at
    limit 10
    for update skip locked
  ) old
  where c.address_hash = old.address_hash and c.purpose = old.purpose;
end
$$;

comment on function auth_private.cool_down is
  'Notes that an address asks for a mail of this purpose, signup or recovery. Refuses: over_email_send_rate_limit with the seconds to wait.';
--! EndIncluded token/cool_down.sql
--! Included token/check_code_challenge.sql
create or replace function auth_private.check_code_challenge(challenge text, method text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if (coalesce(challenge, '') = '') <> (coalesce(method, '') = '') then
    perform auth_private.refuse('pkce_incomplete');
  end if;
  if coalesce(challenge, '') = '' then
    return;
  end if;
  if length(challenge) not between 43 and 128 then
    perform auth_private.refuse('code_challenge_length');
  end if;
  if challenge !~ '^[a-zA-Z0-9._~-]+$' then
    perform auth_private.refuse('code_challenge_characters');
  end if;
  if lower(method) not in ('s256', 'plain') then
    perform auth_private.refuse('code_challenge_method_unknown');
  end if;
end
$$;

comment on function auth_private.check_code_challenge is
  'Passes no PKCE, or a challenge and method that RFC 7636 allows. Refuses: validation_failed.';
--! EndIncluded token/check_code_challenge.sql
--! Included token/open_flow.sql
create or replace function auth_private.open_flow(
  user_id uuid,
  method text,
  code_challenge text,
  code_challenge_method text
)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with opened as (
    insert into auth.flow_state (
      id, user_id, code_challenge_method, code_challenge, provider_type,
      authentication_method, created_at, updated_at
    )
    select
      gen_random_uuid(), open_flow.user_id,
      lower(open_flow.code_challenge_method)::auth.code_challenge_method,
      open_flow.code_challenge, 'email', open_flow.method, now(), now()
    where open_flow.code_challenge <> ''
    returning id
  )
  select exists (select from opened)
$$;

comment on function auth_private.open_flow is
  'Remembers the challenge of a PKCE flow that a mailed link will end; false where there is no challenge.';
--! EndIncluded token/open_flow.sql
--! Included token/issue_flow_code.sql
create or replace function auth_private.issue_flow_code(user_id uuid, method text)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  code text := gen_random_uuid()::text;
begin
  update auth.flow_state f
  set auth_code = auth_private.sha256_hex(code), auth_code_issued_at = now(), updated_at = now()
  where f.id = (
    select latest.id
    from auth.flow_state latest
    where latest.user_id = issue_flow_code.user_id
      and latest.authentication_method = issue_flow_code.method
    order by latest.created_at desc
    limit 1
  );

  if not found then
    perform auth_private.refuse('verify_flow_not_found');
  end if;
  return code;
end
$$;

comment on function auth_private.issue_flow_code is
  'A code for the newest flow of this user and method, kept as a hash. Refuses: flow_state_not_found.';
--! EndIncluded token/issue_flow_code.sql
--! Included token/token_kinds.sql
create or replace function auth_private.token_kinds(type text)
returns auth.one_time_token_type[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when type in ('signup', 'invite') then '{confirmation_token}'
    when type in ('recovery', 'magiclink') then '{recovery_token}'
    when type = 'email_change' then '{email_change_token_new,email_change_token_current}'
    when type = 'email' then '{confirmation_token,recovery_token}'
    else '{}'
  end::auth.one_time_token_type[]
$$;

comment on function auth_private.token_kinds is
  'What may have been mailed for a type of verification; empty for an unknown type.';
--! EndIncluded token/token_kinds.sql
--! Included user/apply_email_change.sql
create or replace function auth_private.apply_email_change(claimant auth.users)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.audit('user_modified', 'user', claimant);

  -- The index decides between two users who want one address.
  begin
    update auth.users u
    set email = claimant.email_change,
      email_change = '',
      email_change_confirm_status = 0,
      email_confirmed_at = coalesce(u.email_confirmed_at, now()),
      is_anonymous = false,
      updated_at = now()
    where u.id = claimant.id;
  exception when unique_violation then
    perform auth_private.refuse('email_change_taken');
  end;

  insert into auth.identities as i (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  values (
    claimant.id, claimant.id, jsonb_build_object('sub', claimant.id,
      'email', claimant.email_change, 'email_verified', true, 'phone_verified', false),
    'email', now(), now(), now()
  )
  on conflict on constraint identities_provider_id_provider_unique do update
  set identity_data = i.identity_data
      || jsonb_build_object('email', claimant.email_change, 'email_verified', true),
    updated_at = now();
end
$$;

comment on function auth_private.apply_email_change is
  'Makes the pending address the user''s, in the user and in the e-mail identity. Refuses: unexpected_failure where another user has taken it meanwhile.';
--! EndIncluded user/apply_email_change.sql
--! Included user/confirm_email_change.sql
-- One of the links that confirm a new address has been followed. What was spent is gone
-- in both its forms, link and code: else one mail could stand in for two.

create or replace function auth_private.confirm_email_change(
  claimant auth.users,
  kind auth.one_time_token_type
)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
begin
  select * into strict settings from auth_private.settings;
  if coalesce(claimant.email_change, '') = '' then
    perform auth_private.refuse('link_expired');
  end if;

  if settings.mailer_secure_email_change_enabled and not settings.mailer_autoconfirm
    and claimant.email_change_confirm_status = 0 and coalesce(claimant.email, '') <> ''
  then
    update auth.users u
    set email_change_confirm_status = 1, updated_at = now()
    where u.id = claimant.id;
    delete from auth.one_time_tokens t
    where t.user_id = claimant.id and t.token_type = confirm_email_change.kind;
    delete from auth_private.one_time_codes c
    where c.user_id = claimant.id and c.token_type = confirm_email_change.kind;
    return false;
  end if;

  perform auth_private.apply_email_change(claimant);
  return true;
end
$$;

comment on function auth_private.confirm_email_change is
  'Applies the change of address, or notes the first of two confirmations and returns false. Refuses: otp_expired where no change is pending.';
--! EndIncluded user/confirm_email_change.sql
--! Included token/verified.sql
-- What follows from following a link or typing its code. Everything else that was
-- mailed to the user is void from then on, and the address need not wait any longer.

create or replace function auth_private.verified(
  user_id uuid,
  kind auth.one_time_token_type
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant auth.users;
begin
  select * into strict claimant from auth.users u where u.id = verified.user_id
  for no key update;
  if claimant.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;

  if verified.kind in ('email_change_token_new', 'email_change_token_current') then
    if not auth_private.confirm_email_change(claimant, verified.kind) then
      return null;
    end if;
  elsif claimant.email_confirmed_at is null or verified.kind = 'confirmation_token' then
    perform auth_private.audit('user_signedup', 'team', claimant, '{"provider": "email"}');
    perform auth_private.confirm_email(claimant.id);
  else
    perform auth_private.audit('login', 'account', claimant);
  end if;

  perform auth_private.discard_tokens(claimant.id);
  -- Who is asking for a mail at this moment holds the row, and it stays.
  delete from auth_private.cooldowns c
  where (c.address_hash, c.purpose) in (
    select o.address_hash, o.purpose
    from auth_private.cooldowns o
    where o.address_hash = sha256(convert_to(claimant.email, 'UTF8'))
    for update skip locked
  );
  return auth_private.refresh_providers(claimant.id);
end
$$;

comment on function auth_private.verified is
  'Confirms the address that a spent link or code was mailed to; the user as it is then, or a null row after the first of two confirmations of a new address. Refuses: user_banned.';
--! EndIncluded token/verified.sql
--! Included token/half_confirmed.sql
create or replace function auth_private.half_confirmed()
returns text
language sql immutable
return 'Confirmation link accepted. Please proceed to confirm link sent to the other email';

comment on function auth_private.half_confirmed is
  'What is said after the first of two confirmations of a new address.';
--! EndIncluded token/half_confirmed.sql
--! Included token/oauth_error.sql
create or replace function auth_private.oauth_error(status integer)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case oauth_error.status
    when 400 then 'invalid_request'
    when 401 then 'unauthorized_client'
    when 403 then 'access_denied'
    when 500 then 'server_error'
    when 503 then 'temporarily_unavailable'
  end
$$;

comment on function auth_private.oauth_error is
  'The error of RFC 6749, section 4.1.2.1, that a status comes nearest to; null for others.';
--! EndIncluded token/oauth_error.sql
--! Included token/follow_link.sql
create or replace function auth_private.follow_link(type text, token text, target text)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  kinds auth.one_time_token_type[] := auth_private.token_kinds(follow_link.type);
  spent auth.one_time_tokens;
  claimant auth.users;
  pkce constant boolean := follow_link.token like 'pkce\_%';
  effective_type text := follow_link.type;
  message jsonb;
  opened jsonb;
begin
  if kinds = '{}' then
    perform auth_private.refuse('verify_type_unknown');
  end if;
  spent := auth_private.spend_link(follow_link.token, kinds);
  claimant := auth_private.verified(spent.user_id, spent.token_type);
  if claimant.id is null then
    message := jsonb_build_object('message', auth_private.half_confirmed());
    return auth_private.url_with(target, case when pkce then message end, message || '{"sb": ""}');
  end if;
  if effective_type = 'email' then
    effective_type := case spent.token_type
      when 'confirmation_token' then 'signup' else 'magiclink' end;
  end if;

  if pkce then
    return auth_private.url_with(target, jsonb_build_object('code',
      auth_private.issue_flow_code(claimant.id, case effective_type
        when 'signup' then 'email/signup' else effective_type end)), null);
  end if;

  opened := auth_private.open_session(claimant.id, 'otp');
  return auth_private.url_with(target, null, jsonb_build_object(
    'access_token', opened ->> 'access_token',
    'expires_at', opened ->> 'expires_at',
    'expires_in', opened ->> 'expires_in',
    'refresh_token', opened ->> 'refresh_token',
    'sb', '',
    'token_type', opened ->> 'token_type',
    'type', effective_type
  ));
end
$$;

comment on function auth_private.follow_link is
  'Spends the link and says where it leads. Refuses: otp_expired, user_banned, flow_state_not_found, validation_failed.';
--! EndIncluded token/follow_link.sql

--! Included mail/queue_mail.sql
-- Queues a mail in the transaction that wants it sent: no user without the mail, no
-- mail without the user, and a dead mail server fails nobody's request.

create or replace function auth_private.queue_mail(
  kind text,
  recipient auth.users,
  address text,
  token_kind auth.one_time_token_type,
  redirect_to text default null,
  pkce boolean default false
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  secret record;
begin
  secret := auth_private.issue_token(recipient.id, token_kind, queue_mail.address, pkce);

  insert into auth_private.outbox (kind, user_id, recipient, locale, variables)
  select
    queue_mail.kind, (queue_mail.recipient).id, queue_mail.address,
    coalesce((queue_mail.recipient).raw_user_meta_data ->> 'locale', ''),
    jsonb_build_object(
      'SiteURL', s.site_url,
      'Email', coalesce((queue_mail.recipient).email, ''),
      'NewEmail', coalesce((queue_mail.recipient).email_change, ''),
      'SendingTo', queue_mail.address,
      'Data', coalesce((queue_mail.recipient).raw_user_meta_data, '{}'),
      'Token', secret.code,
      'TokenHash', secret.token,
      'RedirectTo', coalesce(queue_mail.redirect_to, ''),
      'ConfirmationURL', coalesce(
        auth_private.link(queue_mail.kind, secret.token, queue_mail.redirect_to), '')
    )
  from auth_private.settings s;
end
$$;

comment on function auth_private.queue_mail is
  'Mails an address of the user a fresh link and code for the purpose. Without a redirect_to there is no link.';
--! EndIncluded mail/queue_mail.sql
--! Included mail/send_mail.sql
create or replace function auth_private.send_mail(
  kind text,
  recipient auth.users,
  redirect_to text,
  pkce boolean default false
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if send_mail.kind = 'confirmation' then
    perform auth_private.queue_mail(send_mail.kind, recipient, recipient.email,
      'confirmation_token', send_mail.redirect_to, pkce);
    update auth.users u set confirmation_sent_at = now(), updated_at = now()
    where u.id = recipient.id;
    return;
  end if;

  perform auth_private.queue_mail(send_mail.kind, recipient, recipient.email,
    'recovery_token', send_mail.redirect_to, pkce);
  update auth.users u set recovery_sent_at = now(), updated_at = now()
  where u.id = recipient.id;
end
$$;

comment on function auth_private.send_mail is
  'Mails a user the link to confirm or to sign in: kind confirmation, recovery or magic_link.';
--! EndIncluded mail/send_mail.sql
--! Included mail/send_email_change.sql
-- Both addresses have to agree: whoever has stolen a session could otherwise move the
-- account to an address of their own.

create or replace function auth_private.send_email_change(
  actor auth.users,
  redirect_to text,
  code_challenge text,
  code_challenge_method text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant text := auth_private.redirect_target(send_email_change.redirect_to);
  pkce constant boolean := auth_private.open_flow(actor.id, 'email_change',
    send_email_change.code_challenge, send_email_change.code_challenge_method);
begin
  update auth.users u
  set email_change_sent_at = now(), email_change_confirm_status = 0, updated_at = now()
  where u.id = actor.id;

  perform auth_private.queue_mail('email_change', actor, actor.email_change,
    'email_change_token_new', target, pkce);
  if coalesce(actor.email, '') <> ''
    and (select s.mailer_secure_email_change_enabled from auth_private.settings s)
  then
    perform auth_private.queue_mail('email_change', actor, actor.email,
      'email_change_token_current', target, pkce);
  end if;
end
$$;

comment on function auth_private.send_email_change is
  'Mails the user''s new address, and the present one if the settings say so, a link that confirms the change.';
--! EndIncluded mail/send_email_change.sql
--! Included mail/send_decoy.sql
-- For an address that gets no mail: writes what a mail would write, so that neither the
-- answer's delay nor the rows tell whether there is a user.

create or replace function auth_private.send_decoy(recipient text)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into auth_private.outbox (kind, recipient) values ('decoy', send_decoy.recipient)
$$;

comment on function auth_private.send_decoy is
  'Queues a mail that the worker throws away.';
--! EndIncluded mail/send_decoy.sql
--! Included mail/nudge_worker.sql
-- Wakes the workers when mail is queued. The notification carries nothing, since anyone
-- may listen on a channel or send on it: it only ever makes a worker look at the table.

create or replace function auth_private.nudge_worker()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform pg_notify('pgtrue_outbox', '');
  return null;
end
$$;

comment on function auth_private.nudge_worker is
  'Trigger function: has the workers look for mail as soon as this transaction commits.';

create or replace trigger nudge_worker
  after insert on auth_private.outbox
  for each statement execute function auth_private.nudge_worker();
--! EndIncluded mail/nudge_worker.sql
--! Included mail/builtin_templates.sql
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
        'Enter this code to confirm that it is you.', null)
  ),
  part (frame, action, or_code, code) as (
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
If you did not ask for this, ignore this mail.</p>
</td></tr>
</table>
<!--[if mso]></td></tr></table><![endif]-->
</td></tr>
</table>
</body>
</html>
$frame$,
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
    replace(replace(replace(replace(p.frame,
      '[action]', case when m.button is null then p.code else p.action || p.or_code || p.code end),
      '[button]', coalesce(m.button, '')), '[heading]', m.heading), '[lead]', m.lead),
    concat_ws(E'\n\n',
      m.heading,
      m.lead,
      case when m.button is not null then E'{{ .ConfirmationURL }}\n\nOr enter this code:' end,
      '{{ .Token }}',
      E'If you did not ask for this, ignore this mail.\n')
  from mail m, part p
$$;

comment on function auth_private.builtin_templates is
  'The built-in mail templates in Go''s template syntax, with GoTrue''s variables. A row of the same kind in auth_private.templates takes the place of one.';

grant execute on function auth_private.builtin_templates to auth_worker;
--! EndIncluded mail/builtin_templates.sql
--! Included mail/claim_mail.sql
-- Hands due mail to a worker. Workers that claim at once pass over each other's rows, and
-- a claimed row is due again when its lease ends, so the mail of a worker that died is
-- sent by the next one. That end is written to next_attempt_at too: one indexed column
-- says when a row is due, whatever its state.

create or replace function auth_private.claim_mail(batch integer, lease interval)
returns table (
  id bigint,
  kind text,
  recipient text,
  subject text,
  html text,
  text text,
  variables jsonb,
  attempt integer
)
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  removed bigint;
begin
  -- What nobody shall send goes first, or a crowd of decoys would make a claim look empty.
  -- A mail that outlived thirty claims without an answer may be what kills the workers.
  loop
    with due as (
      select o.id, o.kind, o.attempts
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
        last_error = 'the worker was lost while sending, thirty times'
      from due d
      where o.id = d.id and d.kind <> 'decoy' and d.attempts >= 30
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
  )
  select c.id, c.kind, c.recipient, chosen.subject, chosen.html, chosen.text, c.variables,
    c.attempts
  from claimed c
  left join lateral (
    select t.subject, t.html, t.text, length(t.locale) as closeness
    from auth_private.templates t
    where t.kind = c.kind and t.locale in (c.locale, split_part(c.locale, '-', 1), '')
    union all
    select b.subject, b.html, b.text, -1
    from auth_private.builtin_templates() b
    where b.kind = c.kind
    order by closeness desc
    limit 1
  ) chosen on true
  order by c.id;
end
$$;

comment on function auth_private.claim_mail is
  'At most so many due mails, each with its template: the override for its locale (de-AT, then de), the override for any, the built-in; nulls where there is none. They belong to the caller until the lease ends; attempt goes to settle_mail. For the worker.';

grant execute on function auth_private.claim_mail to auth_worker;
--! EndIncluded mail/claim_mail.sql
--! Included mail/settle_mail.sql
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
  -- Nothing of a sent mail stays: its variables hold the link.
  if settle_mail.error is null then
    delete from auth_private.outbox o
    where o.id = settle_mail.id
      and o.attempts = settle_mail.attempt
      and o.leased_until is not null;
    return found;
  end if;

  update auth_private.outbox o
  set last_error = left(settle_mail.error, 500),
    leased_until = null,
    next_attempt_at = now() + delay,
    parked_at = case when given_up then now() end
  where o.id = settle_mail.id
    and o.attempts = settle_mail.attempt
    and o.leased_until is not null;
  return found;
end
$$;

comment on function auth_private.settle_mail is
  'Without an error the mail is sent and its row goes. With one it is tried again after 5 s, 10 s, 20 s … 1 h, or parked, if permanent or after thirty attempts, which is most of a day. False if it is no longer the caller''s. For the worker.';

grant execute on function auth_private.settle_mail to auth_worker;
--! EndIncluded mail/settle_mail.sql
--! Included mail/next_mail_at.sql
-- A worker with nothing to do sleeps until then, since a retry comes without a nudge.

create or replace function auth_private.next_mail_at()
returns timestamptz
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select min(o.next_attempt_at)
  from auth_private.outbox o
  where o.parked_at is null
$$;

comment on function auth_private.next_mail_at is
  'When the next queued mail is due, a claimed one when its lease ends; null while the outbox is empty. For the worker.';

grant execute on function auth_private.next_mail_at to auth_worker;
--! EndIncluded mail/next_mail_at.sql

--! Included user/ask_to_confirm.sql
create or replace function auth_private.ask_to_confirm(
  newcomer auth.users,
  redirect_to text,
  code_challenge text,
  code_challenge_method text
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.audit('user_confirmation_requested', 'user', newcomer,
    '{"provider": "email"}');
  perform auth_private.send_mail('confirmation', newcomer, ask_to_confirm.redirect_to,
    auth_private.open_flow(newcomer.id, 'email/signup', ask_to_confirm.code_challenge,
      ask_to_confirm.code_challenge_method));

  select * into strict asked from auth.users u where u.id = newcomer.id;
  return asked;
end
$$;

comment on function auth_private.ask_to_confirm is
  'Mails an unconfirmed user the link that confirms the address; the user as it is then.';
--! EndIncluded user/ask_to_confirm.sql
--! Included user/signup_confirmed.sql
create or replace function auth_private.signup_confirmed(newcomer auth.users)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  confirmed auth.users := auth_private.confirm_email(newcomer.id);
begin
  perform auth_private.audit('user_signedup', 'team', confirmed, '{"provider": "email"}');
  perform auth_private.audit('login', 'account', confirmed, '{"provider": "email"}');
  return auth_private.open_session(confirmed.id, 'password');
end
$$;

comment on function auth_private.signup_confirmed is
  'Confirms a new user without a mail, for autoconfirm, and opens a session.';
--! EndIncluded user/signup_confirmed.sql
--! Included user/signup_again.sql
-- A known address with autoconfirm. Only the right password opens a session: knowing an
-- address that was never confirmed must not be enough.

create or replace function auth_private.signup_again(claimant auth.users, password text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if claimant.email_confirmed_at is not null
    or claimant.banned_until > now()
    or not auth_private.password_matches(signup_again.password, claimant.encrypted_password)
  then
    perform auth_private.refuse('user_already_exists');
  end if;

  return auth_private.signup_confirmed(claimant);
end
$$;

comment on function auth_private.signup_again is
  'A session for an unconfirmed user who signs up again with the same password. Refuses: user_already_exists.';
--! EndIncluded user/signup_again.sql
--! Included user/signup_anonymous.sql
-- A user without any way to sign in again, until an address is added. The policies of
-- an application can tell such users by auth.is_anonymous().

create or replace function auth_private.signup_anonymous(data jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  newcomer constant uuid := gen_random_uuid();
begin
  select * into strict settings from auth_private.settings;
  if not settings.external_anonymous_users_enabled then
    perform auth_private.refuse('anonymous_disabled');
  end if;
  if settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;

  insert into auth.users (
    instance_id, id, aud, role, encrypted_password,
    confirmation_token, recovery_token, email_change_token_new, email_change,
    raw_app_meta_data, raw_user_meta_data, is_anonymous, created_at, updated_at
  )
  values (
    '00000000-0000-0000-0000-000000000000', newcomer, auth_private.requested_aud(),
    settings.jwt_default_group_name, '', '', '', '', '',
    '{}', coalesce(signup_anonymous.data, '{}'), true, now(), now()
  );
  return auth_private.open_session(newcomer, 'anonymous');
end
$$;

comment on function auth_private.signup_anonymous is
  'A session of a new user without address and identity. Refuses: anonymous_provider_disabled, signup_disabled.';
--! EndIncluded user/signup_anonymous.sql
--! Included user/signup_obfuscated.sql
-- The answer to signing up with an address that has a user: made of the request alone,
-- with an id that is nobody's.

create or replace function auth_private.signup_obfuscated(known auth.users, data jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  stranger auth.users;
begin
  perform auth_private.audit('user_repeated_signup', 'user', known, '{"provider": "email"}');
  perform auth_private.send_decoy(known.email);

  stranger.id := gen_random_uuid();
  stranger.aud := known.aud;
  stranger.email := known.email;
  stranger.raw_app_meta_data := '{"provider": "email", "providers": ["email"]}';
  stranger.raw_user_meta_data := signup_obfuscated.data;
  stranger.created_at := now();
  stranger.updated_at := now();
  stranger.confirmation_sent_at := now();
  stranger.is_anonymous := false;
  return auth_private.user_json(stranger);
end
$$;

comment on function auth_private.signup_obfuscated is
  'A user made up from the request, for an address that has one already. Its identities are empty.';
--! EndIncluded user/signup_obfuscated.sql
--! Included user/merge_metadata.sql
create or replace function auth_private.merge_metadata(present jsonb, changes jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_object_agg(merged.key, merged.value)
    filter (where merged.value <> 'null'), '{}')
  from jsonb_each(coalesce(present, '{}') || coalesce(changes, '{}')) merged
$$;

comment on function auth_private.merge_metadata is
  'Metadata with changes laid over it, one level deep; a null in the changes takes its key away.';
--! EndIncluded user/merge_metadata.sql
--! Included user/require_aal2.sql
create or replace function auth_private.require_aal2(actor auth.users)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if auth.aal() is distinct from 'aal2' and exists (
    select from auth.mfa_factors f where f.user_id = actor.id and f.status = 'verified'
  ) then
    perform auth_private.refuse('insufficient_aal');
  end if;
end
$$;

comment on function auth_private.require_aal2 is
  'Passes users without a second factor, and sessions that have shown it. Refuses: insufficient_aal.';
--! EndIncluded user/require_aal2.sql
--! Included user/change_password.sql
create or replace function auth_private.change_password(
  actor auth.users,
  password text,
  current_password text,
  nonce text
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  reauthenticated auth_private.one_time_codes;
begin
  select * into strict settings from auth_private.settings;

  if settings.security_update_password_require_reauthentication
    and not exists (
      select
      from auth.sessions s
      where s.id = auth.session_id() and s.created_at > now() - interval '24 hours'
    )
  then
    if coalesce(change_password.nonce, '') = '' then
      perform auth_private.refuse('reauthentication_needed');
    end if;
    reauthenticated := auth_private.spend_code(
      '{reauthentication_token}', actor.email, change_password.nonce);
    if reauthenticated.user_id is distinct from actor.id then
      return auth_private.refused('reauthentication_not_valid');
    end if;
  end if;

  -- Who has come by a mailed link has just proven more than the old password would.
  if settings.security_update_password_require_current_password
    and actor.encrypted_password <> ''
    and not exists (
      select
      from auth.mfa_amr_claims m
      where m.session_id = auth.session_id()
        and m.authentication_method in ('otp', 'magiclink', 'recovery')
    )
  then
    if coalesce(change_password.current_password, '') = '' then
      perform auth_private.refuse('current_password_required');
    end if;
    if not auth_private.password_matches(
      change_password.current_password, actor.encrypted_password)
    then
      perform auth_private.refuse('current_password_invalid');
    end if;
  end if;

  if auth_private.password_matches(change_password.password, actor.encrypted_password) then
    perform auth_private.refuse('same_password');
  end if;

  update auth.users u
  set encrypted_password = auth_private.hash_password(change_password.password),
    confirmation_sent_at = null, recovery_sent_at = null, email_change_sent_at = null,
    phone_change_sent_at = null, reauthentication_sent_at = null
  where u.id = actor.id;
  perform auth_private.discard_tokens(actor.id);
  delete from auth.sessions s
  where s.user_id = actor.id and s.id is distinct from auth.session_id();
  perform auth_private.audit('user_updated_password', 'user', actor);
  return null;
end
$$;

comment on function auth_private.change_password is
  'Sets the password, ends all other sessions and voids what was mailed. Returns a refusal that must be remembered (a wrong nonce), else null. Refuses: reauthentication_needed, current_password_required, current_password_invalid, same_password.';
--! EndIncluded user/change_password.sql
--! Included user/request_email_change.sql
create or replace function auth_private.request_email_change(
  actor auth.users,
  email text,
  redirect_to text,
  code_challenge text,
  code_challenge_method text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.cool_down(actor.id::text, 'email_change');
  update auth.users u
  set email_change = request_email_change.email
  where u.id = actor.id
  returning * into strict asked;

  -- A user without any address has none that could object.
  if actor.is_anonymous and (select s.mailer_autoconfirm from auth_private.settings s) then
    perform auth_private.apply_email_change(asked);
    perform auth_private.refresh_providers(asked.id);
    return;
  end if;
  perform auth_private.send_email_change(asked, request_email_change.redirect_to,
    request_email_change.code_challenge, request_email_change.code_challenge_method);
end
$$;

comment on function auth_private.request_email_change is
  'Notes the address that a user wants and mails the links that confirm it; applies it at once for an anonymous user with autoconfirm. Refuses: over_email_send_rate_limit.';
--! EndIncluded user/request_email_change.sql
--! Included token/send_magic_link.sql
-- Mails a link to sign in with, to a confirmed user; anyone else is signed up by it.
-- Unknown addresses and users that were never confirmed get the confirmation mail,
-- which signs in just as well.

create or replace function auth_private.send_magic_link(
  email text,
  data jsonb,
  code_challenge text,
  code_challenge_method text,
  redirect_to text
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  target constant text := auth_private.redirect_target(send_magic_link.redirect_to);
  address text;
  claimant auth.users;
begin
  select * into strict settings from auth_private.settings;

  if not settings.external_email_enabled then
    perform auth_private.refuse('signin_email_disabled');
  end if;
  if not settings.external_email_magic_link_enabled then
    perform auth_private.refuse('magic_link_disabled');
  end if;
  if coalesce(send_magic_link.email, '') = '' then
    perform auth_private.refuse('magic_link_without_email');
  end if;
  address := auth_private.validate_email(send_magic_link.email);
  perform auth_private.check_code_challenge(
    send_magic_link.code_challenge, send_magic_link.code_challenge_method);

  claimant := auth_private.find_user(address);
  if claimant.email_confirmed_at is null and settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;
  perform auth_private.cool_down(address, 'recovery');

  if claimant.id is null then
    claimant := auth_private.create_user(address, '', send_magic_link.data);
  end if;
  -- Another request for this address has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user(address);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    perform auth_private.send_decoy(address);
    return '{}';
  end if;
  if claimant.email_confirmed_at is null and not settings.mailer_autoconfirm then
    perform auth_private.ask_to_confirm(claimant, target, send_magic_link.code_challenge,
      send_magic_link.code_challenge_method);
    return '{}';
  end if;

  if claimant.email_confirmed_at is null then
    claimant := auth_private.confirm_email(claimant.id);
    perform auth_private.audit('user_signedup', 'team', claimant, '{"provider": "email"}');
  end if;
  perform auth_private.audit('user_recovery_requested', 'user', claimant);
  perform auth_private.send_mail('magic_link', claimant, target,
    auth_private.open_flow(claimant.id, 'magiclink', send_magic_link.code_challenge,
      send_magic_link.code_challenge_method));
  return '{}';
end
$$;

comment on function auth_private.send_magic_link is
  'Mails a link and a code that sign in; makes the user where there is none.';
--! EndIncluded token/send_magic_link.sql

--! Included user/signup.sql
-- Signs up with a password.
--
-- Someone may try which addresses have an account here. So an address that has one is
-- answered like a new one, after the same hash, wait and writes; a client that wants to
-- know sees an empty list of identities. And someone may sign up with an address that
-- is not theirs, before its owner does: signing up again changes nothing of the first.

create or replace function auth.signup(
  email text default null,
  password text default null,
  data jsonb default null,
  phone text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  address text;
  password_hash text;
  claimant auth.users;
  known boolean;
begin
  select * into strict settings from auth_private.settings;

  if coalesce(signup.email, '') = '' and coalesce(signup.phone, '') = '' then
    return auth_private.signup_anonymous(signup.data);
  end if;
  if settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;
  if coalesce(signup.password, '') = '' then
    perform auth_private.refuse('signup_without_password');
  end if;
  perform auth_private.check_password(signup.password);
  if signup.email <> '' and signup.phone <> '' then
    perform auth_private.refuse('signup_email_and_phone');
  end if;
  if signup.phone <> '' then
    perform auth_private.refuse('signup_phone_disabled');
  end if;
  perform auth_private.check_code_challenge(signup.code_challenge, signup.code_challenge_method);
  if not settings.external_email_enabled then
    perform auth_private.refuse('signup_email_disabled');
  end if;
  address := auth_private.validate_email(signup.email);

  password_hash := auth_private.hash_password(signup.password);
  claimant := auth_private.find_user(address);
  known := claimant.id is not null;
  if not known then
    claimant := auth_private.create_user(address, password_hash, signup.data);
    known := claimant.id is null;
  end if;
  -- Another sign-up for this address has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user(address);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    claimant.aud := auth_private.requested_aud();
    claimant.email := address;
    claimant.email_confirmed_at := now();
  end if;

  if settings.mailer_autoconfirm and known then
    return auth_private.signup_again(claimant, signup.password);
  end if;
  if settings.mailer_autoconfirm then
    return auth_private.signup_confirmed(claimant);
  end if;

  perform auth_private.cool_down(address, 'signup');
  if claimant.email_confirmed_at is not null then
    return auth_private.signup_obfuscated(claimant, signup.data);
  end if;
  return auth_private.user_json(auth_private.ask_to_confirm(claimant,
    auth_private.redirect_target(signup.redirect_to), signup.code_challenge,
    signup.code_challenge_method));
end
$$;

comment on function auth.signup is
  'Signs up with e-mail address and password; data becomes user_metadata. Returns the user, to whom a confirmation is mailed, or a session where no confirmation is asked for. Without any address: a session of an anonymous user. Refuses: weak_password, email format, signup_disabled, anonymous_provider_disabled, user_already_exists (only with autoconfirm), over_email_send_rate_limit. POST /signup.';

grant execute on function auth.signup to anon, authenticated, service_role;
--! EndIncluded user/signup.sql
--! Included user/get_user.sql
create or replace function auth.get_user()
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  token_aud text := case jsonb_typeof(auth.jwt() -> 'aud')
    when 'array' then auth.jwt() -> 'aud' ->> 0
    else auth.jwt() ->> 'aud'
  end;
begin
  if coalesce(token_aud, '') = '' or token_aud <> coalesce(
    nullif(auth_private.request_header('x-jwt-aud'), ''), token_aud)
  then
    perform auth_private.refuse('audience_mismatch');
  end if;

  return auth_private.user_json(auth_private.current_user_row());
end
$$;

comment on function auth.get_user is
  'The user of the request. Refuses: validation_failed where the token is for another audience. GET /user.';

grant execute on function auth.get_user to authenticated, service_role;
--! EndIncluded user/get_user.sql
--! Included user/update_user.sql
-- Changes the user's own account. A new password ends every other session and kills
-- every mailed link, since whoever sets one may be throwing an intruder out. A new
-- address counts only once it, and the present one, have been confirmed.

create or replace function auth.update_user(
  password text default null,
  data jsonb default null,
  email text default null,
  current_password text default null,
  nonce text default null,
  phone text default null,
  app_metadata jsonb default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
  address text;
  refusal jsonb;
begin
  if coalesce(update_user.email, '') <> '' then
    address := nullif(auth_private.validate_email(update_user.email), actor.email);
  end if;
  if update_user.password is not null then
    perform auth_private.check_password(update_user.password);
  end if;
  perform auth_private.check_code_challenge(
    update_user.code_challenge, update_user.code_challenge_method);
  if update_user.app_metadata is not null then
    perform auth_private.refuse('app_metadata_forbidden');
  end if;
  if update_user.password is not null or address is not null then
    perform auth_private.require_aal2(actor);
  end if;
  if actor.is_anonymous and update_user.password is not null and address is null then
    perform auth_private.refuse('anonymous_password');
  end if;
  if update_user.phone <> '' and update_user.phone is distinct from actor.phone then
    perform auth_private.refuse('phone_change_unavailable');
  end if;
  if exists (
    select from auth.users u where u.email = address and not u.is_sso_user and u.aud = actor.aud
  ) then
    perform auth_private.refuse('email_exists');
  end if;

  if update_user.password is not null then
    refusal := auth_private.change_password(actor, update_user.password,
      update_user.current_password, update_user.nonce);
  end if;
  if refusal is not null then
    return refusal;
  end if;
  if address is not null then
    perform auth_private.request_email_change(actor, address, update_user.redirect_to,
      update_user.code_challenge, update_user.code_challenge_method);
  end if;

  update auth.users u
  set raw_user_meta_data = auth_private.merge_metadata(u.raw_user_meta_data, update_user.data),
    updated_at = now()
  where u.id = actor.id
  returning * into actor;

  perform auth_private.audit('user_modified', 'user', actor);
  return auth_private.user_json(actor);
end
$$;

comment on function auth.update_user is
  'Changes the user of the request: password; user_metadata, where data is merged and null deletes a key; email, which is mailed for confirmation and is new_email until then. nonce is a code from auth.reauthenticate, for settings that ask for one. Refuses: weak_password, same_password, current_password_required, reauthentication_needed, insufficient_aal, email_exists, over_email_send_rate_limit, not_admin for app_metadata. PUT /user.';

grant execute on function auth.update_user to authenticated, service_role;
--! EndIncluded user/update_user.sql
--! Included user/reauthenticate.sql
-- Mails a code that proves, in a session of any age, that its owner is still there. It is
-- the nonce of auth.update_user.

create or replace function auth.reauthenticate()
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
begin
  if coalesce(actor.email, '') = '' then
    perform auth_private.refuse('reauthentication_without_address');
  end if;
  if actor.email_confirmed_at is null then
    perform auth_private.refuse('reauthentication_unconfirmed');
  end if;

  perform auth_private.cool_down(actor.id::text, 'reauthentication');
  perform auth_private.audit('user_reauthenticate_requested', 'user', actor);
  perform auth_private.queue_mail('reauthentication', actor, actor.email,
    'reauthentication_token');
  update auth.users u set reauthentication_sent_at = now(), updated_at = now()
  where u.id = actor.id;
  return '{}';
end
$$;

comment on function auth.reauthenticate is
  'Mails the user of the request a code to give as nonce when setting a password. Returns {}. Refuses: email_not_confirmed, over_email_send_rate_limit. GET /reauthenticate.';

grant execute on function auth.reauthenticate to authenticated, service_role;
--! EndIncluded user/reauthenticate.sql
--! Included session/signin.sql
-- Signs in with a password. An unknown address, a user without a password and a wrong
-- password cost one hash each and get one answer.

create or replace function auth.signin(
  email text default null,
  password text default null,
  phone text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  claimant auth.users;
  proven boolean;
begin
  select * into strict settings from auth_private.settings;

  if signin.email <> '' and signin.phone <> '' then
    perform auth_private.refuse('signin_email_and_phone');
  end if;
  if signin.phone <> '' then
    perform auth_private.refuse('signin_phone_disabled');
  end if;
  if coalesce(signin.email, '') = '' then
    perform auth_private.refuse('signin_without_address');
  end if;
  if not settings.external_email_enabled then
    perform auth_private.refuse('signin_email_disabled');
  end if;

  claimant := auth_private.find_user(signin.email);
  if claimant.banned_until > now() then
    perform auth_private.refuse('signin_banned');
  end if;

  proven := auth_private.password_matches(signin.password, claimant.encrypted_password);
  if not proven then
    perform auth_private.refuse('invalid_credentials');
  end if;
  -- Hashing takes long. Whoever changes the password meanwhile ends all sessions, and a
  -- session opened afterwards by the old password would outlive that.
  perform
  from auth.users u
  where u.id = claimant.id and u.encrypted_password = claimant.encrypted_password
  for no key update;
  if not found then
    perform auth_private.refuse('invalid_credentials');
  end if;
  if claimant.email_confirmed_at is null then
    perform auth_private.refuse('email_not_confirmed');
  end if;

  perform auth_private.audit('login', 'account', claimant, '{"provider": "email"}');
  return auth_private.open_session(claimant.id, 'password') || jsonb_build_object(
    'weak_password', auth_private.password_weakness(signin.password));
end
$$;

comment on function auth.signin is
  'Signs in with e-mail address and password; returns a session, with weak_password where the password would not be taken today. Refuses: invalid_credentials, email_not_confirmed, user_banned and the wrong use of arguments. POST /token?grant_type=password.';

grant execute on function auth.signin to anon, authenticated, service_role;
--! EndIncluded session/signin.sql
--! Included session/refresh.sql
-- Renews an access token.
--
-- The session's row is locked first, so of many refreshes with one token one moves the
-- counter on, and the others find it one ahead and are given the same new token: a lost
-- answer or a second tab throws nobody out. A token two or more behind has been copied,
-- and its session is ended; that is returned and not raised, since it must last.

create or replace function auth.refresh(refresh_token text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  shown record;
  held auth.sessions;
  owner auth.users;
  behind bigint;
  excuses text[];
begin
  if refresh.refresh_token ~ '^[a-z0-9]{12}$' then
    return auth_private.refresh_legacy(refresh.refresh_token);
  end if;

  shown := auth_private.parse_refresh_token(refresh.refresh_token);
  if shown.session_id is null then
    perform auth_private.refuse('refresh_token_malformed');
  end if;

  select * into held from auth.sessions s where s.id = shown.session_id for update;
  -- A key that can't be read gives null: no signature equals that. Anyone has the empty key.
  if not found or shown.signature is distinct from substring(
    auth_private.hmac_sha256(shown.said,
      auth_private.from_base64url(nullif(held.refresh_token_hmac_key, '')))
    for 16)
  then
    perform auth_private.refuse('refresh_token_not_found');
  end if;

  select * into strict owner from auth.users u where u.id = held.user_id;
  if owner.banned_until > now() then
    perform auth_private.refuse('refresh_banned');
  end if;
  perform auth_private.check_session(held);

  behind := held.refresh_token_counter - shown.counter;
  if behind < 0 then
    perform auth_private.refuse('refresh_token_foreign');
  end if;

  if behind > 0 then
    select * into strict settings from auth_private.settings;
    excuses := array_remove(array[
      case when clock_timestamp() - held.refreshed_at at time zone 'utc'
        < make_interval(secs => settings.security_refresh_token_reuse_interval)
        then 'concurrent-refresh' end,
      case when behind = 1 then 'fail-to-save' end,
      case when settings.security_refresh_token_allow_reuse then 'always-allow' end
    ], null);
    if excuses = '{}' then
      return auth_private.refresh_reused(held);
    end if;
  end if;

  return auth_private.renew_session(held, owner, array_to_string(excuses, ', '));
end
$$;

comment on function auth.refresh is
  'A new access token for a refresh token, and the refresh token to use next. Refuses: refresh_token_not_found, refresh_token_already_used (which ends the session), session_expired, user_banned, validation_failed. POST /token?grant_type=refresh_token.';

grant execute on function auth.refresh to anon, authenticated, service_role;
--! EndIncluded session/refresh.sql
--! Included session/signout.sql
-- Ends sessions, and with them at once the access tokens that belong to them.

create or replace function auth.signout(scope text default 'global')
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
  present uuid := auth.session_id();
  reach constant text := coalesce(nullif(signout.scope, ''), 'global');
begin
  if reach not in ('global', 'local', 'others') then
    perform auth_private.refuse('signout_scope_unknown', array[reach]);
  end if;

  perform auth_private.audit('logout', 'account', actor);
  delete from auth.sessions s
  where s.user_id = actor.id
    and case
      when reach = 'global' or present is null then true
      when reach = 'local' then s.id = present
      else s.id <> present
    end;

  perform auth_private.respond(204);
end
$$;

comment on function auth.signout is
  'Signs the user of the request out: global for all sessions, local for this one, others for all but this one. Refuses: validation_failed for another scope. POST /logout.';

grant execute on function auth.signout to authenticated, service_role;
--! EndIncluded session/signout.sql
--! Included token/magiclink.sql
create or replace function auth.magiclink(
  email text default null,
  data jsonb default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.send_magic_link(magiclink.email, magiclink.data,
    magiclink.code_challenge, magiclink.code_challenge_method, magiclink.redirect_to)
$$;

comment on function auth.magiclink is
  'Mails a link and a code that sign in; makes the user, with data as user_metadata, where there is none. Returns {}. Refuses: email format, email_provider_disabled, signup_disabled, over_email_send_rate_limit. POST /magiclink.';

grant execute on function auth.magiclink to anon, authenticated, service_role;
--! EndIncluded token/magiclink.sql
--! Included token/otp.sql
-- auth.magiclink as newer clients ask for it. With create_user => false the refusal
-- tells that an address has no account; clients depend on that answer.

create or replace function auth.otp(
  email text default null,
  phone text default null,
  create_user boolean default true,
  data jsonb default null,
  channel text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if otp.email <> '' and otp.phone <> '' then
    perform auth_private.refuse('otp_email_and_phone');
  end if;
  if otp.email <> '' and otp.channel <> '' then
    perform auth_private.refuse('otp_email_channel');
  end if;
  perform auth_private.check_code_challenge(otp.code_challenge, otp.code_challenge_method);
  if not otp.create_user and (auth_private.find_user(otp.email)).id is null then
    perform auth_private.refuse('otp_disabled');
  end if;
  if otp.phone <> '' then
    perform auth_private.refuse('otp_phone_disabled');
  end if;
  if coalesce(otp.email, '') = '' then
    perform auth_private.refuse('otp_without_address');
  end if;

  return auth_private.send_magic_link(
    otp.email, otp.data, otp.code_challenge, otp.code_challenge_method, otp.redirect_to);
end
$$;

comment on function auth.otp is
  'Mails a link and a code that sign in. With create_user => false only to users that exist: otp_disabled otherwise. Returns {}. POST /otp.';

grant execute on function auth.otp to anon, authenticated, service_role;
--! EndIncluded token/otp.sql
--! Included token/recover.sql
-- Mails a link that signs in, to set a new password. An unknown address gets the same
-- answer, waits as long before the next, and costs the same writes.

create or replace function auth.recover(
  email text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant text := auth_private.redirect_target(recover.redirect_to);
  address text;
  claimant auth.users;
begin
  if not (select s.external_email_enabled from auth_private.settings s) then
    perform auth_private.refuse('recover_disabled');
  end if;
  if coalesce(recover.email, '') = '' then
    perform auth_private.refuse('recover_without_email');
  end if;
  perform auth_private.check_code_challenge(recover.code_challenge, recover.code_challenge_method);
  address := auth_private.validate_email(recover.email);

  perform auth_private.cool_down(address, 'recovery');
  claimant := auth_private.find_user(address);
  if claimant.id is null then
    perform auth_private.send_decoy(address);
    return '{}';
  end if;

  perform auth_private.audit('user_recovery_requested', 'user', claimant);
  perform auth_private.send_mail('recovery', claimant, target,
    auth_private.open_flow(claimant.id, 'recovery', recover.code_challenge,
      recover.code_challenge_method));
  return '{}';
end
$$;

comment on function auth.recover is
  'Mails a link and a code that sign in, to set a new password. Returns {}, also for an unknown address. Refuses: email format, over_email_send_rate_limit. POST /recover.';

grant execute on function auth.recover to anon, authenticated, service_role;
--! EndIncluded token/recover.sql
--! Included token/resend.sql
-- Mails once more what is still to be confirmed. Where there is nothing to confirm, or
-- nobody, the answer, the wait and the writes are the same.

create or replace function auth.resend(
  type text default null,
  email text default null,
  phone text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  has_email constant boolean := coalesce(resend.email, '') <> '';
  has_phone constant boolean := coalesce(resend.phone, '') <> '';
  address text;
  claimant auth.users;
begin
  if coalesce(resend.type, '') not in ('signup', 'email_change', 'sms', 'phone_change') then
    perform auth_private.refuse('resend_type_unknown');
  end if;
  if resend.type = 'signup' and not has_email then
    perform auth_private.refuse('resend_signup_without_email');
  end if;
  if resend.type = 'sms' and not has_phone then
    perform auth_private.refuse('resend_sms_without_phone');
  end if;
  if has_email and has_phone then
    perform auth_private.refuse('resend_email_and_phone');
  end if;
  if has_phone then
    perform auth_private.refuse('resend_phone_disabled');
  end if;
  if not has_email then
    perform auth_private.refuse('resend_without_address');
  end if;
  if not (select s.external_email_enabled from auth_private.settings s) then
    perform auth_private.refuse('resend_email_disabled');
  end if;
  perform auth_private.check_code_challenge(resend.code_challenge, resend.code_challenge_method);
  address := auth_private.validate_email(resend.email);

  perform auth_private.cool_down(address, resend.type);
  claimant := auth_private.find_user(address);
  if resend.type = 'signup' and claimant.id is not null and claimant.email_confirmed_at is null then
    perform auth_private.ask_to_confirm(claimant, auth_private.redirect_target(resend.redirect_to),
      resend.code_challenge, resend.code_challenge_method);
    return '{}';
  end if;
  if resend.type = 'email_change' and coalesce(claimant.email_change, '') <> '' then
    perform auth_private.send_email_change(claimant, resend.redirect_to,
      resend.code_challenge, resend.code_challenge_method);
    return '{}';
  end if;

  perform auth_private.send_decoy(address);
  return '{}';
end
$$;

comment on function auth.resend is
  'Mails a confirmation once more: type signup, or email_change by the present address. Returns {}, whether or not there was anything to mail. Refuses: validation_failed, over_email_send_rate_limit. POST /resend.';

grant execute on function auth.resend to anon, authenticated, service_role;
--! EndIncluded token/resend.sql
--! Included token/verify.sql
-- Signs in by what was mailed: the token of a link, or the address and the code.

create or replace function auth.verify(
  type text default null,
  token_hash text default null,
  email text default null,
  token text default null,
  phone text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  kinds constant auth.one_time_token_type[] := auth_private.token_kinds(verify.type);
  by_link constant boolean := coalesce(verify.token_hash, '') <> '';
  by_address auth_private.one_time_codes;
  by_token auth.one_time_tokens;
  claimant auth.users;
begin
  if coalesce(verify.type, '') = '' then
    perform auth_private.refuse('verify_without_type');
  end if;
  if by_link = (coalesce(verify.token, '') <> '') then
    perform auth_private.refuse('verify_without_token');
  end if;
  if by_link and (verify.email <> '' or verify.phone <> '' or verify.redirect_to <> '') then
    perform auth_private.refuse('verify_too_much');
  end if;
  if not by_link and (coalesce(verify.email, '') <> '') = (coalesce(verify.phone, '') <> '') then
    perform auth_private.refuse('verify_address');
  end if;

  if by_link and kinds = '{}' then
    perform auth_private.refuse('verify_type_unknown');
  end if;
  if verify.email <> '' and not auth_private.is_email(verify.email) then
    perform auth_private.refuse('verify_email_invalid');
  end if;

  if by_link then
    by_token := auth_private.spend_link(verify.token_hash, kinds);
    claimant := auth_private.verified(by_token.user_id, by_token.token_type);
  else
    by_address := auth_private.spend_code(
      kinds, lower(verify.email collate "C") collate "default", verify.token);
    if by_address.user_id is null then
      return auth_private.refused('otp_expired');
    end if;
    claimant := auth_private.verified(by_address.user_id, by_address.token_type);
  end if;

  if claimant.id is null then
    return jsonb_build_object('code', '200', 'msg', auth_private.half_confirmed());
  end if;
  return auth_private.open_session(claimant.id, 'otp');
end
$$;

comment on function auth.verify is
  'Signs in by a link''s token_hash, or by email and the token (code) that was mailed to it. type: signup, invite, recovery, magiclink, email or email_change; the first of two confirmations of a new address gives a message. Refuses: otp_expired, user_banned and the wrong use of arguments; a wrong code is counted. POST /verify.';

grant execute on function auth.verify to anon, authenticated, service_role;
--! EndIncluded token/verify.sql
--! Included token/confirm_link.sql
-- Follows a link from a mail: ends in a redirect, since a person is looking. What goes
-- wrong is undone and told to the application in the URL.

create or replace function auth.confirm_link(
  type text default null,
  token text default null,
  redirect_to text default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant text := auth_private.redirect_target(confirm_link.redirect_to);
  said jsonb;
  destination text;
  message text;
  code text;
begin
  if coalesce(confirm_link.type, '') = '' then
    perform auth_private.refuse('verify_without_type');
  end if;
  if coalesce(confirm_link.token, '') = '' then
    perform auth_private.refuse('verify_link_without_token');
  end if;

  begin
    destination := auth_private.follow_link(confirm_link.type, confirm_link.token, target);
  exception when others then
    if sqlstate not like 'PT%' then
      raise;
    end if;
    get stacked diagnostics message = message_text, code = pg_exception_detail;
    said := jsonb_strip_nulls(jsonb_build_object(
      'error', auth_private.oauth_error(substr(sqlstate, 3)::integer),
      'error_code', code,
      'error_description', message));
    destination := auth_private.url_with(target,
      case when confirm_link.token like 'pkce\_%' then said end, said || '{"sb": ""}');
  end;

  perform auth_private.respond(303, jsonb_build_object('Location', destination));
end
$$;

comment on function auth.confirm_link is
  'Follows a mailed link: status 303 and a Location with the session in its fragment, with a code to exchange for a PKCE flow, or with error, error_code and error_description. POST /verify/confirm, which the page of auth.verify_link leads to.';

grant execute on function auth.confirm_link to anon, authenticated, service_role;
--! EndIncluded token/confirm_link.sql
--! Included token/link_page.sql
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
--! EndIncluded token/link_page.sql
--! Included token/verify_link.sql
-- What opening a mailed link does. Mail scanners open links too and so spend them before
-- the person can: with mailer_link_confirmation_page opening shows a button, and only
-- pressing it spends the link. Off by default, since clients of GoTrue may follow links
-- without a browser.

create or replace function auth.verify_link(
  type text default null,
  token text default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  if not (select s.mailer_link_confirmation_page from auth_private.settings s)
    or coalesce(verify_link.type, '') = '' or coalesce(verify_link.token, '') = ''
  then
    perform auth.confirm_link(verify_link.type, verify_link.token, verify_link.redirect_to);
    return null;
  end if;

  perform auth_private.respond(200, jsonb_build_object(
    'Content-Type', 'text/html; charset=utf-8',
    'Cache-Control', 'no-store',
    'Referrer-Policy', 'no-referrer',
    'Content-Security-Policy',
      'default-src ''none''; style-src ''unsafe-inline''; frame-ancestors ''none'''
  ));
  return to_jsonb(auth_private.link_page(
    'verify/confirm?type=' || auth_private.url_encode(verify_link.type)
    || '&token=' || auth_private.url_encode(verify_link.token)
    || '&redirect_to=' || auth_private.url_encode(coalesce(verify_link.redirect_to, ''))
  ));
end
$$;

comment on function auth.verify_link is
  'Opens a mailed link: follows it like auth.confirm_link or, with mailer_link_confirmation_page, returns a page with a button that does. GET /verify.';

grant execute on function auth.verify_link to anon, authenticated, service_role;
--! EndIncluded token/verify_link.sql
--! Included token/exchange_code.sql
-- The end of a PKCE flow: only the browser that began it has the verifier. The row is
-- deleted by the statement that finds it; a wrong verifier raises, and it stays.

create or replace function auth.exchange_code(
  auth_code text default null,
  code_verifier text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  spent auth.flow_state;
  claimant auth.users;
  begun_at timestamptz;
  challenge text;
begin
  if coalesce(exchange_code.auth_code, '') = '' or coalesce(exchange_code.code_verifier, '') = ''
  then
    perform auth_private.refuse('exchange_incomplete');
  end if;

  delete from auth.flow_state f
  where f.auth_code = auth_private.sha256_hex(exchange_code.auth_code) and f.user_id is not null
  returning f.* into spent;
  if not found then
    perform auth_private.refuse('flow_state_not_found');
  end if;

  -- A magic link may wait in the inbox: its time begins when it is followed.
  begun_at := case spent.authentication_method
    when 'magiclink' then spent.auth_code_issued_at else spent.created_at end;
  if begun_at + (select s.external_flow_state_expiry_duration from auth_private.settings s) < now()
  then
    perform auth_private.refuse('flow_state_expired');
  end if;
  challenge := case spent.code_challenge_method
    when 'plain' then exchange_code.code_verifier
    else auth_private.base64url(sha256(convert_to(exchange_code.code_verifier, 'UTF8'))) end;
  if challenge is distinct from spent.code_challenge then
    perform auth_private.refuse('bad_code_verifier');
  end if;

  select * into claimant from auth.users u where u.id = spent.user_id for no key update;
  if not found then
    perform auth_private.refuse('flow_state_not_found');
  end if;
  if claimant.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;

  perform auth_private.audit('login', 'account', claimant,
    jsonb_build_object('provider_type', spent.provider_type));
  return auth_private.open_session(claimant.id, spent.authentication_method);
end
$$;

comment on function auth.exchange_code is
  'A session for the code that a followed link gave and the verifier that began the flow (RFC 7636). Refuses: flow_state_not_found, flow_state_expired, bad_code_verifier. POST /token?grant_type=pkce.';

grant execute on function auth.exchange_code to anon, authenticated, service_role;
--! EndIncluded token/exchange_code.sql

--! Included admin/validate_phone.sql
create or replace function auth_private.validate_phone(phone text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  digits constant text := replace(regexp_replace(validate_phone.phone, '^\+', ''), ' ', '');
begin
  if digits is null or digits !~ '^[1-9][0-9]{1,14}$' then
    perform auth_private.refuse('phone_invalid');
  end if;
  return digits;
end
$$;

comment on function auth_private.validate_phone is
  'A telephone number (E.164) in digits, without its plus sign and spaces. Refuses: validation_failed.';
--! EndIncluded admin/validate_phone.sql
--! Included admin/ban_end.sql
-- Durations are Go's: numbers with units, as 24h or 1h30m. Days are none of them.

create or replace function auth_private.ban_end(ban_duration text, present timestamptz)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  form constant text := '([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)';
  seconds numeric;
begin
  if coalesce(ban_end.ban_duration, '') = '' then
    return ban_end.present;
  end if;
  if ban_end.ban_duration = 'none' then
    return null;
  end if;
  if ban_end.ban_duration !~ ('^[-+]?(0|(' || form || ')+)$')
    or length(ban_end.ban_duration) > 100
  then
    perform auth_private.refuse('ban_duration_invalid', array[ban_end.ban_duration]);
  end if;

  select coalesce(sum(part[1]::numeric * case part[2]
      when 'h' then 3600 when 'm' then 60 when 's' then 1
      when 'ms' then 1e-3 when 'ns' then 1e-9 else 1e-6 end), 0)
  into seconds
  from regexp_matches(ban_end.ban_duration, form, 'g') part;
  -- Go counts nanoseconds in 64 bits: about 292 years.
  if seconds > 9223372036 then
    perform auth_private.refuse('ban_duration_invalid', array[ban_end.ban_duration]);
  end if;
  if seconds = 0 then
    return null;
  end if;
  return now() + make_interval(secs => seconds::double precision)
    * case when ban_end.ban_duration like '-%' then -1 else 1 end;
end
$$;

comment on function auth_private.ban_end is
  'When a ban of this duration ends that begins now; null for none or 0; the present end without a duration. Refuses: validation_failed.';
--! EndIncluded admin/ban_end.sql
--! Included admin/admin_actor.sql
create or replace function auth_private.admin_actor()
returns auth.users
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users;
begin
  actor.id := '00000000-0000-0000-0000-000000000000';
  actor.is_sso_user := false;
  -- In psql there is no token: then it is the role that was set, or the login.
  actor.email := coalesce(
    nullif(auth.role(), ''), nullif(current_setting('role'), 'none'), session_user);
  return actor;
end
$$;

comment on function auth_private.admin_actor is
  'Who acts where an admin does, for the audit log: a user with the nil id, and the role as address.';
--! EndIncluded admin/admin_actor.sql
--! Included admin/check_addresses_free.sql
create or replace function auth_private.check_addresses_free(
  email text,
  phone text,
  owner uuid default null
)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select
    from auth.users u
    where u.email = check_addresses_free.email
      and not u.is_sso_user
      and u.id is distinct from check_addresses_free.owner
  ) then
    perform auth_private.refuse('email_exists');
  end if;
  if exists (
    select
    from auth.users u
    where u.phone = check_addresses_free.phone
      and u.id is distinct from check_addresses_free.owner
  ) then
    perform auth_private.refuse('phone_exists');
  end if;
end
$$;

comment on function auth_private.check_addresses_free is
  'Passes an e-mail address and a telephone number that no user has but the owner; null for neither. Refuses: email_exists, phone_exists.';
--! EndIncluded admin/check_addresses_free.sql
--! Included admin/insert_user.sql
-- Like auth_private.create_user, for users that someone else makes: user_metadata is what
-- was given and nothing more. The indexes decide between two that want one address.

create or replace function auth_private.insert_user(
  id uuid,
  aud text,
  role text,
  email text,
  phone text,
  password_hash text,
  user_metadata jsonb
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newcomer auth.users;
  providers constant text[] := array_remove(array[
    case when insert_user.email <> '' then 'email' end,
    case when insert_user.phone <> '' then 'phone' end], null);
begin
  insert into auth.users (
    instance_id, id, aud, role, email, phone, encrypted_password,
    confirmation_token, recovery_token, email_change_token_new, email_change,
    raw_app_meta_data, raw_user_meta_data, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000', insert_user.id,
    coalesce(nullif(insert_user.aud, ''), auth_private.requested_aud()),
    coalesce(nullif(insert_user.role, ''), s.jwt_default_group_name),
    insert_user.email, insert_user.phone, coalesce(insert_user.password_hash, ''),
    '', '', '', '',
    jsonb_build_object('provider', providers[1], 'providers', providers),
    coalesce(insert_user.user_metadata, '{}'), now(), now()
  from auth_private.settings s
  on conflict do nothing
  returning * into newcomer;

  if not found then
    return null;
  end if;

  insert into auth.identities (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  select
    newcomer.id, newcomer.id, jsonb_strip_nulls(jsonb_build_object(
      'sub', newcomer.id,
      'email', case provider when 'email' then newcomer.email end,
      'email_verified', false,
      'phone_verified', false
    )),
    provider, now(), now(), now()
  from unnest(providers) provider;

  return newcomer;
end
$$;

comment on function auth_private.insert_user is
  'A new user, unconfirmed, with an identity for each address; without a password hash there is no password. A null row where an address or the id is taken.';
--! EndIncluded admin/insert_user.sql
--! Included admin/respond_page.sql
create or replace function auth_private.respond_page(
  total bigint,
  page integer,
  per_page integer,
  query jsonb
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  path constant text := coalesce(nullif(current_setting('request.path', true), ''), '/');
  last bigint := (total + respond_page.per_page - 1) / respond_page.per_page;
  links text[];
begin
  if last > respond_page.page then
    links := array[format('<%s>; rel="next"', auth_private.url_with(
      path, respond_page.query || jsonb_build_object('page', respond_page.page + 1), null))];
  end if;
  links := links || format('<%s>; rel="last"', auth_private.url_with(
    path, respond_page.query || jsonb_build_object('page', last), null));

  perform auth_private.respond(200, jsonb_build_object(
    'X-Total-Count', respond_page.total, 'Link', array_to_string(links, ', ')));
end
$$;

comment on function auth_private.respond_page is
  'Answers a part of a list with X-Total-Count, and Link (RFC 8288) to the next and the last page: the URL of the request with the query, in which null is absent.';
--! EndIncluded admin/respond_page.sql
--! Included admin/listed_users.sql
-- Without a SET clause, so that it melts into the query that reads from it, and its rows
-- come in order from an index.

create or replace function auth_private.listed_users(aud text, filter text)
returns setof auth.users
language sql stable
begin atomic
  select *
  from auth.users u
  where u.aud = listed_users.aud
    and (u.instance_id = '00000000-0000-0000-0000-000000000000' or u.instance_id is null)
    and (
      coalesce(listed_users.filter, '') = ''
      or u.email like '%' || listed_users.filter || '%'
      or u.raw_user_meta_data ->> 'full_name' ilike '%' || listed_users.filter || '%'
    );
end;

comment on function auth_private.listed_users is
  'The users of an audience; with a filter those that have it in the address or, in any case, in the full name.';
--! EndIncluded admin/listed_users.sql
--! Included admin/listed_events.sql
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
--! EndIncluded admin/listed_events.sql
--! Included admin/end_all_access.sql
-- The user's row is locked by the caller, so no session opens meanwhile.

create or replace function auth_private.end_all_access(user_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.discard_tokens(end_all_access.user_id);
  delete from auth.flow_state f where f.user_id = end_all_access.user_id;
  delete from auth.sessions s where s.user_id = end_all_access.user_id;
$$;

comment on function auth_private.end_all_access is
  'Ends a user''s sessions, the sign-ins that have begun, and all links and codes.';
--! EndIncluded admin/end_all_access.sql
--! Included admin/set_password.sql
create or replace function auth_private.set_password(user_id uuid, password text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update auth.users u
  set encrypted_password = auth_private.hash_password(set_password.password),
    confirmation_sent_at = null, recovery_sent_at = null, email_change_sent_at = null,
    phone_change_sent_at = null, reauthentication_sent_at = null
  where u.id = set_password.user_id;
  perform auth_private.end_all_access(set_password.user_id);
end
$$;

comment on function auth_private.set_password is
  'Sets a user''s password, ends all sessions and voids what was mailed.';
--! EndIncluded admin/set_password.sql
--! Included admin/link_kinds.sql
create or replace function auth_private.link_kinds()
returns table (type text, kind text, token_kind auth.one_time_token_type, sent text)
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  values
    ('signup', 'confirmation', 'confirmation_token'::auth.one_time_token_type, 'confirmation'),
    ('invite', 'invite', 'confirmation_token', 'confirmation'),
    ('magiclink', 'magic_link', 'recovery_token', 'recovery'),
    ('recovery', 'recovery', 'recovery_token', 'recovery'),
    ('email_change_current', 'email_change', 'email_change_token_current', 'email_change'),
    ('email_change_new', 'email_change', 'email_change_token_new', 'email_change')
$$;

comment on function auth_private.link_kinds is
  'The types of auth.admin_generate_link: which mail, which token, and which of the user''s …_sent_at.';
--! EndIncluded admin/link_kinds.sql
--! Included admin/set_addresses.sql
-- An address that an admin sets is the user's at once. What was mailed to the one before
-- is void, or its owner could still come in.

create or replace function auth_private.set_addresses(
  user_id uuid,
  email text,
  phone text,
  email_verified boolean,
  phone_verified boolean
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  violated text;
begin
  begin
    update auth.users u
    set email = coalesce(set_addresses.email, u.email),
      email_change = case when set_addresses.email is null then u.email_change else '' end,
      phone = coalesce(set_addresses.phone, u.phone)
    where u.id = set_addresses.user_id;
  exception when unique_violation then
    -- Another user has taken it meanwhile. A trigger of the application speaks for itself.
    get stacked diagnostics violated = constraint_name;
    if violated = 'users_email_partial_key' then
      perform auth_private.refuse('email_exists');
    end if;
    if violated = 'users_phone_key' then
      perform auth_private.refuse('phone_exists');
    end if;
    raise;
  end;
  perform auth_private.discard_tokens(set_addresses.user_id);

  insert into auth.identities as i (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  select
    set_addresses.user_id, set_addresses.user_id,
    '{"email_verified": false, "phone_verified": false}'::jsonb || told.data
      || jsonb_build_object('sub', set_addresses.user_id),
    told.provider, now(), now(), now()
  from (
    values
      ('email', jsonb_build_object(
        'email', set_addresses.email, 'email_verified', set_addresses.email_verified)),
      ('phone', jsonb_build_object(
        'phone', set_addresses.phone, 'phone_verified', set_addresses.phone_verified))
  ) told (provider, data)
  where told.data ->> told.provider <> ''
  on conflict on constraint identities_provider_id_provider_unique do update
  set identity_data = i.identity_data || (excluded.identity_data - case excluded.provider
      when 'email' then 'phone_verified' else 'email_verified' end),
    updated_at = now();
end
$$;

comment on function auth_private.set_addresses is
  'Gives a user these addresses, null for none, in the user and in the identities, and voids what was mailed. Refuses: email_exists, phone_exists where another user has just taken one.';
--! EndIncluded admin/set_addresses.sql
--! Included admin/obscured.sql
create or replace function auth_private.obscured(id uuid, value text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.base64url(
    sha256(convert_to(obscured.id || coalesce(obscured.value, ''), 'UTF8')))
$$;

comment on function auth_private.obscured is
  'What takes the place of an address in a softly deleted row: base64url of SHA-256 over the id and it.';
--! EndIncluded admin/obscured.sql
--! Included admin/soft_delete.sql
-- Leaves of a user nothing but the id, which rows of the application may refer to.

create or replace function auth_private.soft_delete(user_id uuid)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update auth.users u
  set email = auth_private.obscured(u.id, u.email),
    phone = left(auth_private.obscured(u.id, u.phone), 15),
    email_change = auth_private.obscured(u.id, u.email_change),
    phone_change = left(auth_private.obscured(u.id, u.phone_change), 15),
    encrypted_password = null,
    confirmation_token = '', recovery_token = '', reauthentication_token = '',
    email_change_token_current = '', email_change_token_new = '', phone_change_token = '',
    raw_app_meta_data = '{}', raw_user_meta_data = '{}',
    deleted_at = now(), updated_at = now()
  where u.id = soft_delete.user_id and u.deleted_at is null;
  if not found then
    return;
  end if;

  update auth.identities i
  set provider_id = auth_private.obscured(i.user_id, i.provider || ':' || i.provider_id),
    identity_data = '{}',
    updated_at = now()
  where i.user_id = soft_delete.user_id;

  perform auth_private.end_all_access(soft_delete.user_id);
  delete from auth.mfa_factors f where f.user_id = soft_delete.user_id;
  delete from auth.webauthn_credentials w where w.user_id = soft_delete.user_id;
  delete from auth_private.outbox o where o.user_id = soft_delete.user_id;
end
$$;

comment on function auth_private.soft_delete is
  'Empties a user''s row and marks it deleted; what signs in and what is signed in goes. Nothing for a row that is deleted already.';
--! EndIncluded admin/soft_delete.sql
--! Included admin/invited.sql
create or replace function auth_private.invited(address text, data jsonb)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  guest auth.users := auth_private.find_user(address);
begin
  if guest.id is null then
    guest := auth_private.insert_user(gen_random_uuid(), null, null, address, null, null,
      invited.data);
  end if;
  -- Another request for this address has just been faster.
  if guest.id is null then
    guest := auth_private.find_user(address);
  end if;
  -- Or its user belongs to another audience.
  if guest.id is null or guest.email_confirmed_at is not null then
    perform auth_private.refuse('email_exists');
  end if;

  update auth.users u
  set invited_at = now(), confirmation_sent_at = now(), updated_at = now()
  where u.id = guest.id
  returning u.* into strict guest;
  perform auth_private.audit('user_invited', 'team', auth_private.admin_actor(),
    jsonb_build_object('user_id', guest.id, 'user_email', guest.email));
  return guest;
end
$$;

comment on function auth_private.invited is
  'The user with this address, made with data as user_metadata where there is none, marked as invited. Refuses: email_exists for a confirmed one.';
--! EndIncluded admin/invited.sql
--! Included admin/signed_up_by_link.sql
create or replace function auth_private.signed_up_by_link(
  address text,
  password text,
  data jsonb
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant auth.users := auth_private.find_user(address);
begin
  if claimant.email_confirmed_at is not null then
    perform auth_private.refuse('email_exists');
  end if;
  if claimant.id is null then
    if signed_up_by_link.password = '' then
      perform auth_private.refuse('signup_without_password');
    end if;
    perform auth_private.check_password(signed_up_by_link.password);
    claimant := auth_private.insert_user(gen_random_uuid(), null, null, address, null,
      auth_private.hash_password(signed_up_by_link.password), signed_up_by_link.data);
    if claimant.id is null then
      perform auth_private.refuse('email_exists');
    end if;
    return claimant;
  end if;

  update auth.users u
  set raw_user_meta_data = auth_private.merge_metadata(
    u.raw_user_meta_data, signed_up_by_link.data)
  where u.id = claimant.id
  returning u.* into strict claimant;
  return claimant;
end
$$;

comment on function auth_private.signed_up_by_link is
  'The unconfirmed user with this address, made where there is none: with the password, null for none. Of a present one only the metadata change. Refuses: email_exists, weak_password and validation_failed for an empty one.';
--! EndIncluded admin/signed_up_by_link.sql
--! Included admin/prepare_email_change.sql
-- A link for one change of address must not confirm another, so the links for an address
-- that was wanted before are void.

create or replace function auth_private.prepare_email_change(
  claimant auth.users,
  new_email text,
  type text
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant text := auth_private.validate_email(prepare_email_change.new_email);
  changing auth.users;
begin
  if prepare_email_change.type = 'email_change_current'
    and not (select s.mailer_secure_email_change_enabled from auth_private.settings s)
  then
    perform auth_private.refuse('secure_email_change_off');
  end if;
  perform auth_private.check_addresses_free(wanted, null);

  update auth.users u
  set email_change = wanted, email_change_confirm_status = 0
  where u.id = claimant.id
  returning u.* into strict changing;
  delete from auth.one_time_tokens t
  where t.user_id = claimant.id
    and t.token_type = any (auth_private.token_kinds('email_change'))
    and claimant.email_change is distinct from wanted;
  delete from auth_private.one_time_codes c
  where c.user_id = claimant.id
    and c.token_type = any (auth_private.token_kinds('email_change'))
    and claimant.email_change is distinct from wanted;
  return changing;
end
$$;

comment on function auth_private.prepare_email_change is
  'The user with a new address that awaits confirmation. Refuses: email_exists, email format, validation_failed for email_change_current where the settings do not ask the present address.';
--! EndIncluded admin/prepare_email_change.sql
--! Included admin/admin_create_user.sql
-- Makes a user at once: no mail is sent, the strength of the password is not looked at,
-- and settings that close sign-up do not count. Without a password there is none, so the
-- user comes in by a mailed link.

create or replace function auth.admin_create_user(
  email text default null,
  password text default null,
  phone text default null,
  user_metadata jsonb default null,
  app_metadata jsonb default null,
  email_confirm boolean default false,
  phone_confirm boolean default false,
  role text default null,
  ban_duration text default null,
  password_hash text default null,
  id text default null,
  aud text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  bcrypt_form constant text := '^\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{53}$';
  uuid_form constant text := '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$';
  address text;
  digits text;
  hash text := nullif(admin_create_user.password_hash, '');
  newcomer auth.users;
begin
  if coalesce(admin_create_user.email, '') = '' and coalesce(admin_create_user.phone, '') = '' then
    perform auth_private.refuse('admin_user_without_address');
  end if;
  if admin_create_user.email <> '' then
    address := auth_private.validate_email(admin_create_user.email);
  end if;
  if admin_create_user.phone <> '' then
    digits := auth_private.validate_phone(admin_create_user.phone);
  end if;
  perform auth_private.check_addresses_free(address, digits);
  if admin_create_user.password <> '' and hash is not null then
    perform auth_private.refuse('password_and_hash');
  end if;
  if hash !~ bcrypt_form then
    perform auth_private.refuse('password_hash_unsupported');
  end if;
  if octet_length(admin_create_user.password) > 72 then
    perform auth_private.refuse('password_too_long');
  end if;
  if admin_create_user.id <> '' and admin_create_user.id !~ uuid_form then
    perform auth_private.refuse('new_id_invalid');
  end if;
  if admin_create_user.id = '00000000-0000-0000-0000-000000000000' then
    perform auth_private.refuse('new_id_nil');
  end if;

  newcomer := auth_private.insert_user(
    coalesce(nullif(admin_create_user.id, '')::uuid, gen_random_uuid()),
    admin_create_user.aud, admin_create_user.role, address, digits,
    coalesce(auth_private.hash_password(nullif(admin_create_user.password, '')), hash),
    admin_create_user.user_metadata);
  if newcomer.id is null then
    -- Another request has just been faster, or it is the id that is taken.
    perform auth_private.check_addresses_free(address, digits);
    perform auth_private.refuse('new_id_taken');
  end if;

  update auth.users u
  set email_confirmed_at = case when email_confirm and address is not null then now() end,
    phone_confirmed_at = case when phone_confirm and digits is not null then now() end,
    banned_until = auth_private.ban_end(admin_create_user.ban_duration, null),
    raw_app_meta_data = auth_private.merge_metadata(
      u.raw_app_meta_data, admin_create_user.app_metadata),
    raw_user_meta_data = u.raw_user_meta_data || case
      when email_confirm and address is not null then '{"email_verified": true}' else '{}'
    end::jsonb
  where u.id = newcomer.id
  returning u.* into strict newcomer;

  perform auth_private.audit('user_signedup', 'team', auth_private.admin_actor(),
    jsonb_build_object('user_id', newcomer.id, 'user_email', coalesce(newcomer.email, ''),
      'user_phone', coalesce(newcomer.phone, '')));
  return auth_private.user_json(newcomer);
end
$$;

comment on function auth.admin_create_user is
  'Makes a user with an e-mail address or a telephone number, and returns it; nothing is mailed. email_confirm and phone_confirm make the address count as proven; password_hash takes a bcrypt hash from elsewhere; ban_duration is as 24h. Refuses: email_exists, phone_exists, validation_failed. POST /admin/users.';

grant execute on function auth.admin_create_user to service_role;
--! EndIncluded admin/admin_create_user.sql
--! Included admin/admin_get_user.sql
create or replace function auth.admin_get_user(user_id uuid default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted auth.users;
begin
  select * into wanted from auth.users u where u.id = admin_get_user.user_id;
  if not found then
    perform auth_private.refuse('admin_user_not_found');
  end if;
  return auth_private.user_json(wanted);
end
$$;

comment on function auth.admin_get_user is
  'Any user by id, also one that was softly deleted. Refuses: user_not_found. GET /admin/users/{user_id}.';

grant execute on function auth.admin_get_user to service_role;
--! EndIncluded admin/admin_get_user.sql
--! Included admin/admin_list_users.sql
-- The newest come first, in the order of an index, so a page near the beginning costs the
-- same for a million users; only the count reads them all.

create or replace function auth.admin_list_users(
  page integer default null,
  per_page integer default null,
  sort text default null,
  filter text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted_aud constant text := auth_private.requested_aud();
  size constant integer := coalesce(admin_list_users.per_page, 50);
  place constant integer := greatest(admin_list_users.page, 1);
  skipped constant bigint := (place - 1)::bigint * size;
  sorting constant text := coalesce(nullif(admin_list_users.sort, ''), 'created_at');
  field constant text := split_part(sorting, ' ', 1);
  direction constant text := substring(sorting from ' (.*)$');
  ascending constant boolean := coalesce(lower(direction) = 'asc', false);
  total bigint;
  users jsonb;
begin
  if size < 1 then
    perform auth_private.refuse('pagination_invalid', array['per_page must be greater than 0']);
  end if;
  if field <> 'created_at' then
    perform auth_private.refuse('sort_field_unknown', array[field]);
  end if;
  if lower(direction) not in ('asc', 'desc') then
    perform auth_private.refuse('sort_direction_unknown', array[direction]);
  end if;

  select count(*) into total
  from auth_private.listed_users(wanted_aud, admin_list_users.filter);
  select coalesce(jsonb_agg(
    auth_private.user_json(listed.u) - 'factors' || '{"identities": null}'), '[]')
  into users
  from (
    (
      select u
      from auth_private.listed_users(wanted_aud, admin_list_users.filter) u
      where not ascending
      order by u.created_at desc, u.id desc
      limit size offset skipped
    )
    union all
    (
      select u
      from auth_private.listed_users(wanted_aud, admin_list_users.filter) u
      where ascending
      order by u.created_at, u.id
      limit size offset skipped
    )
  ) listed;

  perform auth_private.respond_page(total, place, size, jsonb_build_object(
    'per_page', admin_list_users.per_page, 'sort', admin_list_users.sort,
    'filter', admin_list_users.filter));
  return jsonb_build_object('users', users, 'aud', wanted_aud);
end
$$;

comment on function auth.admin_list_users is
  'The users, page by page (50 each, from 1), newest first or by sort, as created_at asc; filter is a part of the address or of user_metadata.full_name. Their identities and factors are left out. Sets the headers X-Total-Count and Link. Refuses: validation_failed. GET /admin/users.';

grant execute on function auth.admin_list_users to service_role;
--! EndIncluded admin/admin_list_users.sql
--! Included admin/admin_update_user.sql
-- Changes any user, at once and without a mail. A new password ends all sessions and
-- voids what was mailed: whoever has an admin set one may have lost the account.

create or replace function auth.admin_update_user(
  user_id uuid default null,
  email text default null,
  password text default null,
  phone text default null,
  user_metadata jsonb default null,
  app_metadata jsonb default null,
  email_confirm boolean default false,
  phone_confirm boolean default false,
  role text default null,
  ban_duration text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  changed auth.users;
  address text;
  digits text;
  confirms_email constant boolean := coalesce(admin_update_user.email_confirm, false);
  confirms_phone constant boolean := coalesce(admin_update_user.phone_confirm, false);
begin
  perform from auth.users u where u.id = admin_update_user.user_id for no key update;
  if not found then
    perform auth_private.refuse('admin_user_not_found');
  end if;
  if admin_update_user.email <> '' then
    address := auth_private.validate_email(admin_update_user.email);
  end if;
  if admin_update_user.phone <> '' then
    digits := auth_private.validate_phone(admin_update_user.phone);
  end if;
  if admin_update_user.password is not null then
    perform auth_private.check_password(admin_update_user.password);
  end if;
  perform auth_private.check_addresses_free(address, digits, admin_update_user.user_id);

  if admin_update_user.password is not null then
    perform auth_private.set_password(admin_update_user.user_id, admin_update_user.password);
  end if;
  if address is not null or digits is not null then
    perform auth_private.set_addresses(
      admin_update_user.user_id, address, digits, confirms_email, confirms_phone);
  end if;
  if confirms_email then
    perform auth_private.confirm_email(admin_update_user.user_id);
  end if;

  update auth.users u
  set email_confirmed_at = case when confirms_email then now() else u.email_confirmed_at end,
    phone_confirmed_at = case when confirms_phone then now() else u.phone_confirmed_at end,
    is_anonymous = u.is_anonymous and not (
      confirms_email and address is not null or confirms_phone and digits is not null),
    role = coalesce(nullif(admin_update_user.role, ''), u.role),
    banned_until = auth_private.ban_end(admin_update_user.ban_duration, u.banned_until),
    raw_app_meta_data = auth_private.merge_metadata(
      u.raw_app_meta_data, admin_update_user.app_metadata),
    raw_user_meta_data = auth_private.merge_metadata(
      u.raw_user_meta_data, admin_update_user.user_metadata),
    updated_at = now()
  where u.id = admin_update_user.user_id
  returning u.* into strict changed;

  perform auth_private.audit('user_modified', 'user', auth_private.admin_actor(),
    jsonb_build_object('user_id', changed.id, 'user_email', coalesce(changed.email, ''),
      'user_phone', coalesce(changed.phone, '')));
  return auth_private.user_json(changed);
end
$$;

comment on function auth.admin_update_user is
  'Changes a user and returns it: e-mail address, telephone number, password, role; app_metadata and user_metadata, which are merged, and null deletes a key; ban_duration as 24h, or none; email_confirm and phone_confirm, where false changes nothing. A password ends all sessions. Refuses: user_not_found, email_exists, phone_exists, weak_password, validation_failed. PUT /admin/users/{user_id}.';

grant execute on function auth.admin_update_user to service_role;
--! EndIncluded admin/admin_update_user.sql
--! Included admin/admin_delete_user.sql
create or replace function auth.admin_delete_user(
  user_id uuid default null,
  should_soft_delete boolean default false
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  gone auth.users;
begin
  select * into gone from auth.users u where u.id = admin_delete_user.user_id for update;
  if not found then
    perform auth_private.refuse('admin_user_not_found');
  end if;

  if admin_delete_user.should_soft_delete then
    perform auth_private.soft_delete(gone.id);
  else
    delete from auth.flow_state f where f.user_id = gone.id;
    delete from auth.users u where u.id = gone.id;
  end if;

  perform auth_private.audit('user_deleted', 'team', auth_private.admin_actor(),
    jsonb_build_object('user_id', gone.id, 'user_email', coalesce(gone.email, ''),
      'user_phone', coalesce(gone.phone, '')));
  return '{}';
end
$$;

comment on function auth.admin_delete_user is
  'Deletes a user with all that belongs to it; with should_soft_delete the row stays, emptied, and the address is free again. Returns {}. Refuses: user_not_found. DELETE /admin/users/{user_id}.';

grant execute on function auth.admin_delete_user to service_role;
--! EndIncluded admin/admin_delete_user.sql
--! Included admin/invite.sql
-- Invites a person, also where sign-up is closed. There is no wait between two
-- invitations: it is an admin who asks, and not whoever knows an address.

create or replace function auth.invite(
  email text default null,
  data jsonb default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  guest auth.users;
begin
  guest := auth_private.invited(auth_private.validate_email(invite.email), invite.data);
  perform auth_private.queue_mail('invite', guest, guest.email, 'confirmation_token',
    auth_private.redirect_target(invite.redirect_to));
  return auth_private.user_json(guest);
end
$$;

comment on function auth.invite is
  'Mails an invitation, with a link and a code that confirm the address and sign in. Makes the user, with data as user_metadata, where there is none, and returns it. Refuses: email_exists for a confirmed user, email format. POST /invite.';

grant execute on function auth.invite to service_role;
--! EndIncluded admin/invite.sql
--! Included admin/admin_generate_link.sql
-- Makes the link of a mail without sending it, for applications that write to their users
-- themselves. Whoever holds it can sign in as the user.

create or replace function auth.admin_generate_link(
  type text default null,
  email text default null,
  new_email text default null,
  password text default null,
  data jsonb default null,
  redirect_to text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  target constant text := auth_private.redirect_target(admin_generate_link.redirect_to);
  purpose text := coalesce(admin_generate_link.type, '');
  address text;
  claimant auth.users;
  mail record;
  secret record;
begin
  address := auth_private.validate_email(admin_generate_link.email);
  claimant := auth_private.find_user(address);

  if claimant.id is null and purpose = 'magiclink' then
    purpose := 'signup';
    claimant := auth_private.signed_up_by_link(address, null, admin_generate_link.data);
  elsif purpose = 'signup' then
    claimant := auth_private.signed_up_by_link(
      address, coalesce(admin_generate_link.password, ''), admin_generate_link.data);
  elsif purpose = 'invite' then
    claimant := auth_private.invited(address, admin_generate_link.data);
  elsif purpose not in ('magiclink', 'recovery', 'email_change_current', 'email_change_new') then
    perform auth_private.refuse('link_type_unknown', array[purpose]);
  elsif claimant.id is null then
    perform auth_private.refuse('link_user_not_found');
  elsif purpose in ('magiclink', 'recovery') then
    perform auth_private.audit('user_recovery_requested', 'user', claimant);
  else
    claimant := auth_private.prepare_email_change(
      claimant, admin_generate_link.new_email, purpose);
  end if;

  select * into strict mail from auth_private.link_kinds() k where k.type = purpose;
  secret := auth_private.issue_token(claimant.id, mail.token_kind,
    case purpose when 'email_change_new' then claimant.email_change else claimant.email end);
  update auth.users u
  set confirmation_sent_at = case mail.sent when 'confirmation' then now()
      else u.confirmation_sent_at end,
    recovery_sent_at = case mail.sent when 'recovery' then now() else u.recovery_sent_at end,
    email_change_sent_at = case mail.sent when 'email_change' then now()
      else u.email_change_sent_at end,
    updated_at = now()
  where u.id = claimant.id
  returning u.* into strict claimant;

  return auth_private.user_json(claimant) || jsonb_build_object(
    'action_link', auth_private.link(mail.kind, secret.token, target),
    'email_otp', secret.code,
    'hashed_token', secret.token,
    'verification_type', purpose,
    'redirect_to', target
  );
end
$$;

comment on function auth.admin_generate_link is
  'Makes what would be mailed and sends nothing. type: signup (a password for a new user), invite, magiclink (signup for a new user), recovery, email_change_current, email_change_new (both with new_email). Returns the user with action_link, email_otp (the code), hashed_token (token_hash for auth.verify), verification_type and redirect_to. Refuses: email_exists, user_not_found, weak_password, validation_failed. POST /admin/generate_link.';

grant execute on function auth.admin_generate_link to service_role;
--! EndIncluded admin/admin_generate_link.sql
--! Included admin/admin_audit.sql
create or replace function auth.admin_audit(
  query text default null,
  page integer default null,
  per_page integer default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  size constant integer := coalesce(admin_audit.per_page, 50);
  place constant integer := greatest(admin_audit.page, 1);
  scope constant text := split_part(coalesce(admin_audit.query, ''), ':', 1);
  wanted constant text := substring(admin_audit.query from ':(.*)$');
  total bigint;
  entries jsonb;
begin
  if size < 1 then
    perform auth_private.refuse('pagination_invalid', array['per_page must be greater than 0']);
  end if;
  if admin_audit.query <> ''
    and (scope not in ('author', 'action', 'type') or wanted is null)
  then
    perform auth_private.refuse('audit_scope_unknown', array[admin_audit.query]);
  end if;

  select count(*) into total from auth_private.listed_events(scope, wanted);
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', listed.id,
    'payload', listed.payload,
    'created_at', auth_private.rfc3339(listed.created_at),
    'ip_address', listed.ip_address
  ) order by listed.created_at desc, listed.id), '[]')
  into entries
  from (
    select e.id, e.payload, e.created_at, e.ip_address
    from auth_private.listed_events(scope, wanted) e
    order by e.created_at desc, e.id
    limit size offset (place - 1)::bigint * size
  ) listed;

  perform auth_private.respond_page(total, place, size,
    jsonb_build_object('per_page', admin_audit.per_page, 'query', admin_audit.query));
  return entries;
end
$$;

comment on function auth.admin_audit is
  'The audit log, newest first, page by page (50 each, from 1). query: author, action or type, a colon, and a part of what is meant, as author:ann. Sets the headers X-Total-Count and Link. Refuses: validation_failed. GET /admin/audit.';

grant execute on function auth.admin_audit to service_role;
--! EndIncluded admin/admin_audit.sql

--! Included door/health.sql
create or replace function auth.health()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'version', 'pgtrue',
    'name', 'GoTrue',
    'description', 'GoTrue is a user registration and authentication API'
  )
$$;

comment on function auth.health is
  'That the database answers, in the shape of GET /health; the name is the one clients look for.';

grant execute on function auth.health to anon, authenticated, service_role;
--! EndIncluded door/health.sql
--! Included door/set_request.sql
create or replace function auth_private.set_request(claims jsonb, request jsonb)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select
    set_config('request.jwt.claims', claims::text, true),
    set_config('request.jwt.claim.sub', coalesce(claims ->> 'sub', ''), true),
    set_config('request.headers', coalesce(request ->> 'headers', '{}'), true),
    set_config('request.method', coalesce(request ->> 'method', ''), true),
    set_config('request.path', coalesce(request ->> 'path', ''), true),
    set_config('request.remote_addr', coalesce(request ->> 'remote_addr', ''), true)
$$;

comment on function auth_private.set_request is
  'Tells the rest of the transaction whose request it serves, under PostgREST''s names: claims, and of the request headers, method, path and remote_addr.';

grant execute on function auth_private.set_request to authenticator;
--! EndIncluded door/set_request.sql
--! Included door/enter.sql
-- Puts the transaction in the shoes of a request: its settings and its role. An invoker
-- without a search_path of its own, since only such a function may switch roles; so what
-- a name on the path could change is done by others.

create or replace function auth_private.enter(
  claims jsonb,
  request jsonb,
  required text default 'none'
)
returns void
language plpgsql volatile
as $$
declare
  role pg_catalog.text;
begin
  perform auth_private.set_request(claims, request);
  role := auth_private.admit(claims, required);

  -- The login's own rights are for this function and its like, not for a request.
  if role in ('none', session_user) then
    perform auth_private.refuse('role_unknown');
  end if;
  begin
    perform pg_catalog.set_config('role', role, true);
  exception when insufficient_privilege or invalid_parameter_value or undefined_object then
    perform auth_private.refuse('role_unknown');
  end;
end
$$;

comment on function auth_private.enter is
  'Sets role, claims and request settings for the rest of the transaction. Refuses what auth_private.admit refuses, and bad_jwt for a role that the gateway may not switch to.';

grant execute on function auth_private.enter to authenticator;
--! EndIncluded door/enter.sql
--! Included door/check_argument.sql
-- What a path or a query says arrives as text. That it is no id or no number is told in
-- the API's words, before a cast would tell it in those of Postgres.

create or replace function auth_private.check_argument(name text, type regtype, value text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if check_argument.type = 'uuid'::regtype
    and check_argument.value !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$'
  then
    perform auth_private.refuse('id_not_uuid', array[check_argument.name]);
  end if;
  -- Nine digits: no product of two such numbers is too large to be an offset.
  if check_argument.type = 'integer'::regtype and check_argument.value !~ '^[0-9]{1,9}$' then
    perform auth_private.refuse('pagination_invalid', array[
      format('strconv.ParseUint: parsing "%s": invalid syntax', check_argument.value)]);
  end if;
end
$$;

comment on function auth_private.check_argument is
  'Passes a text that can be cast to the type of an argument. Refuses: validation_failed for no UUID (404), and for no number (400), which only pages have.';

grant execute on function auth_private.check_argument to authenticator;
--! EndIncluded door/check_argument.sql
--! Included door/statement.sql
-- Turns a JSON body into a call by argument name. Names come from the catalogue and
-- values stay in the parameter $1, so nothing that a client sends is ever SQL text.
--
-- Keys match in any case, unknown keys are ignored, and null is as good as absent: that
-- is how clients of GoTrue may write. A value of the wrong type is told in its words.

create or replace function auth_private.statement(
  routine text,
  args jsonb,
  params text default 'Params'
)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  called record;
  parameter record;
  actual text;
  wanted text;
  list text[] := '{}';
begin
  select p.oid, p.proargnames, p.proargtypes::oid[] as types, p.prorettype into strict called
  from pg_proc p
  where p.pronamespace = 'auth'::regnamespace and p.proname = statement.routine;

  for parameter in
    select a.name, a.type::regtype as type, args -> a.name as value
    from unnest(called.proargnames, called.types) a (name, type)
    where args ? a.name
  loop
    actual := jsonb_typeof(parameter.value);
    if actual = 'null' then
      continue;
    end if;
    wanted := case parameter.type::text
      when 'jsonb' then 'object' when 'boolean' then 'boolean' else 'string' end;
    if actual <> wanted then
      perform auth_private.refuse('body_not_json', array[format(
        'json: cannot unmarshal %s into Go struct field %s.%s of type %s',
        case actual when 'boolean' then 'bool' else actual end, params, parameter.name,
        case parameter.type::text
          when 'jsonb' then 'map[string]interface {}' when 'boolean' then 'bool' else 'string'
        end)]);
    end if;
    perform auth_private.check_argument(
      parameter.name, parameter.type, parameter.value #>> '{}');
    -- With its schema, since the call is made on a path of the caller.
    list := list || format(
      case parameter.type::text
        when 'jsonb' then '%I => $1 operator(pg_catalog.->) %L'
        else '%I => ($1 operator(pg_catalog.->>) %L)::%s'
      end,
      parameter.name, parameter.name, parameter.type);
  end loop;

  return format('select auth.%I(%s)%s', statement.routine, array_to_string(list, ', '),
    case when called.prorettype = 'void'::regtype then '' else '::text' end);
end
$$;

comment on function auth_private.statement is
  'The text of a call to auth.<routine> with those of its arguments that the object in $1 has. Refuses: bad_json for a value of another JSON type, naming it params.<argument>, and what auth_private.check_argument refuses.';

grant execute on function auth_private.statement to authenticator;
--! EndIncluded door/statement.sql
--! Included door/call.sql
-- The dispatcher: one request, one statement. It switches to the caller's role before
-- it calls, so what may be called is what GRANT EXECUTE says, here as in psql and under
-- PostgREST.

create or replace function auth_private.call(
  routine text,
  args jsonb,
  claims jsonb,
  request jsonb,
  required text default 'none',
  params text default 'Params'
)
returns table (status integer, headers text, body text)
language plpgsql volatile
as $$
declare
  statement pg_catalog.text;
  result pg_catalog.text;
begin
  -- Who is no admin is told so, whatever else is wrong with the request.
  if required operator(pg_catalog.=) 'admin'::pg_catalog.text then
    perform auth_private.admit(claims, required);
  end if;
  statement := auth_private.statement(routine, args, params);
  perform auth_private.enter(claims, request, required);
  execute statement into result using args;

  return query select
    coalesce(nullif(pg_catalog.current_setting('response.status', true), ''), '200')::integer,
    pg_catalog.current_setting('response.headers', true),
    nullif(result, '');
end
$$;

comment on function auth_private.call is
  'Calls auth.<routine> for a request: args is its body, claims are those of its verified token, required says whether only a user or an admin will do. Returns status, headers as PostgREST writes them, and the JSON body; a null body where there is none. For the gateway.';

grant execute on function auth_private.call to authenticator;
--! EndIncluded door/call.sql
--! Included door/pre_request.sql
-- For PostgREST: name it as db-pre-request, and a token dies there at once, too. By then
-- PostgREST has switched roles, so a token whose role is out of date is refused.

create or replace function auth.pre_request()
returns void
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  claims constant jsonb := coalesce(auth.jwt(), '{}');
  role constant text := auth_private.admit(claims);
begin
  if role <> coalesce(nullif(claims ->> 'role', ''), 'anon') then
    perform auth_private.refuse('role_changed');
  end if;
end
$$;

comment on function auth.pre_request is
  'Checks that the session of the request''s token still lives. Refuses: bad_jwt, user_not_found, session_not_found, user_banned. For PostgREST''s db-pre-request.';

grant execute on function auth.pre_request to anon, authenticated, service_role;
--! EndIncluded door/pre_request.sql
--! Included door/act_as.sql
-- Try policies by hand: begin; select auth.act_as('ann@example.com'); select … ; rollback.
-- An invoker without a search_path of its own, since only such a function may switch
-- roles; it reads auth.users by the caller's own rights.

create or replace function auth.act_as(who text, aal text default 'aal1')
returns jsonb
language plpgsql volatile
as $$
declare
  actor auth.users;
  claims pg_catalog.jsonb;
  role pg_catalog.text;
begin
  select * into actor
  from auth.users u
  where pg_catalog.lower(act_as.who) in (u.email::pg_catalog.text, u.id::pg_catalog.text)
  order by u.is_sso_user
  limit 1;
  if not found then
    perform auth_private.refuse('nobody_to_act_as', array[act_as.who]);
  end if;

  role := actor.role;
  claims := auth_private.session_claims(null, actor) operator(pg_catalog.-)
    'session_id'::pg_catalog.text operator(pg_catalog.||)
    pg_catalog.jsonb_build_object('aal', act_as.aal);
  perform pg_catalog.set_config('request.jwt.claims', claims::pg_catalog.text, true);
  perform pg_catalog.set_config('request.jwt.claim.sub', actor.id::pg_catalog.text, true);
  perform pg_catalog.set_config('role', coalesce(nullif(role, ''), 'anon'), true);
  return claims;
end
$$;

comment on function auth.act_as is
  'Puts the rest of the transaction in the shoes of a user, by e-mail address or id: role and claims, which it returns. Refuses: user_not_found. For the owner.';
--! EndIncluded door/act_as.sql
--! Included door/act_as_anon.sql
create or replace function auth.act_as_anon()
returns jsonb
language plpgsql volatile
as $$
begin
  perform pg_catalog.set_config('request.jwt.claims', '{"role": "anon"}', true);
  perform pg_catalog.set_config('request.jwt.claim.sub', '', true);
  perform pg_catalog.set_config('role', 'anon', true);
  return '{"role": "anon"}';
end
$$;

comment on function auth.act_as_anon is
  'Puts the rest of the transaction in the shoes of a request without a user. For the owner.';
--! EndIncluded door/act_as_anon.sql

--! Included rest/rest_refuse.sql
-- Refuses a request to a table as PostgREST lets a function refuse: SQLSTATE PGRST, the
-- body of the answer as message and its status as detail.

create or replace function auth_private.rest_refuse(
  status integer,
  code text,
  message text,
  details text default null,
  hint text default null
)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception using
    errcode = 'PGRST',
    message = json_build_object('code', rest_refuse.code, 'message', rest_refuse.message,
      'details', rest_refuse.details, 'hint', rest_refuse.hint)::text,
    detail = json_build_object('status', rest_refuse.status, 'headers', '{}'::json)::text;
end
$$;

comment on function auth_private.rest_refuse is
  'Raises a refusal with an HTTP status and an error of PostgREST. Undoes what the statement did.';

grant execute on function auth_private.rest_refuse to authenticator;
--! EndIncluded rest/rest_refuse.sql
--! Included rest/rest_schema.sql
-- The schema a request is for. A definer, since the settings are the owner's alone. It
-- is told back to the client only where there was a choice, as PostgREST does.

create or replace function auth_private.rest_schema(
  profile text,
  out name text,
  out told boolean
)
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  exposed constant text[] := (select s.db_schemas from auth_private.settings s);
begin
  if rest_schema.profile <> all (exposed) then
    perform auth_private.rest_refuse(406, 'PGRST106', 'Invalid schema: ' || rest_schema.profile,
      hint => 'Only the following schemas are exposed: ' || array_to_string(exposed, ', '));
  end if;

  name := coalesce(rest_schema.profile, exposed[1]);
  told := rest_schema.profile is not null or cardinality(exposed) > 1;
end
$$;

comment on function auth_private.rest_schema is
  'The exposed schema that a profile names, or the first; told says whether the answer names it. Refuses: PGRST106.';

grant execute on function auth_private.rest_schema to authenticator;
--! EndIncluded rest/rest_schema.sql
--! Included rest/rest_relation.sql
-- Whether the caller may use it is not asked here: Postgres decides that once the
-- request runs as its role. Partitions are reached through their table.

create or replace function auth_private.rest_relation(schema_name text, table_name text)
returns oid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  relation oid;
begin
  select c.oid into relation
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = rest_relation.schema_name
    and c.relname = rest_relation.table_name
    and c.relkind in ('r', 'v', 'm', 'f', 'p')
    and not c.relispartition;

  if not found then
    perform auth_private.rest_refuse(404, 'PGRST205',
      format('Could not find the table ''%s.%s'' in the schema cache',
        rest_relation.schema_name, rest_relation.table_name));
  end if;
  return relation;
end
$$;

comment on function auth_private.rest_relation is
  'The table or view of this name. Refuses: PGRST205.';

grant execute on function auth_private.rest_relation to authenticator;
--! EndIncluded rest/rest_relation.sql
--! Included rest/rest_column.sql
-- Every name that a client sends becomes SQL text through here, and only as the quoted
-- name of a column that the catalogue has.
--
-- A value is compared as the type below a domain and without a length: as a domain it
-- could violate a constraint, cut to a length it would match what it is not equal to.

create or replace function auth_private.rest_column(
  relation oid,
  name text,
  out expression text,
  out value_type text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  type oid;
begin
  select a.atttypid into type
  from pg_attribute a
  where a.attrelid = rest_column.relation
    and a.attname = rest_column.name
    and a.attnum > 0
    and not a.attisdropped;
  if not found then
    raise undefined_column using message = format('column %s.%s does not exist',
      (select c.relname from pg_class c where c.oid = rest_column.relation), rest_column.name);
  end if;

  while (select t.typtype = 'd' from pg_type t where t.oid = type) loop
    type := (select t.typbasetype from pg_type t where t.oid = type);
  end loop;
  expression := format('t.%I', rest_column.name);
  -- With -1 a type without a length is written so that it reads back without one.
  value_type := format_type(type, -1);
end
$$;

comment on function auth_private.rest_column is
  'A column of the relation, which statements call t: as SQL, and the type to read a compared value as. Refuses: 42703.';

grant execute on function auth_private.rest_column to authenticator;
--! EndIncluded rest/rest_column.sql
--! Included rest/rest_returning.sql
create or replace function auth_private.rest_returning(relation oid, items jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(
    case
      when item ->> 'column' is null then 't.*'
      else format('%s as %I', (auth_private.rest_column(relation, item ->> 'column')).expression,
        coalesce(item ->> 'alias', item ->> 'column'))
    end, ', ' order by n)
  from jsonb_array_elements(items) with ordinality as selected (item, n)
$$;

comment on function auth_private.rest_returning is
  'The columns of an answer as SQL, from items {"column", "alias"}; a null column means all. Refuses: 42703.';

grant execute on function auth_private.rest_returning to authenticator;
--! EndIncluded rest/rest_returning.sql
--! Included rest/rest_filter.sql
create or replace function auth_private.rest_filter(relation oid, filter jsonb, n bigint)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  filtered record;
begin
  select * into strict filtered from auth_private.rest_column(relation, filter ->> 'column');
  -- No else: an operator that is not listed raises, and never drops the condition.
  case filter ->> 'operator'
    when 'eq' then
      return format('%s = ($1[%s])::%s', filtered.expression, n, filtered.value_type);
  end case;
end
$$;

comment on function auth_private.rest_filter is
  'A filter {"column", "operator"} as a condition in SQL; its value is to be element n of the parameter $1. Refuses: 42703.';

grant execute on function auth_private.rest_filter to authenticator;
--! EndIncluded rest/rest_filter.sql
--! Included rest/rest_select.sql
create or replace function auth_private.rest_select(query jsonb, relation oid)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('select %s from %I.%I t', auth_private.rest_returning(c.oid, query -> 'select'),
      n.nspname, c.relname)
    || coalesce((
      select ' where ' || string_agg(auth_private.rest_filter(c.oid, item, i), ' and ' order by i)
      from jsonb_array_elements(query -> 'filters') with ordinality as filters (item, i)
    ), '')
    || coalesce((
      select ' order by ' || string_agg(
        (auth_private.rest_column(c.oid, item ->> 'column')).expression
          || case when (item -> 'descending')::boolean then ' desc' else '' end
          || case item ->> 'nulls'
            when 'first' then ' nulls first' when 'last' then ' nulls last' else ''
          end, ', ' order by i)
      from jsonb_array_elements(query -> 'order') with ordinality as terms (item, i)
    ), '')
    || ' limit $3 offset $4'
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = relation
$$;

comment on function auth_private.rest_select is
  'A read as SQL, with the parameters $1 values of the filters, $3 limit, $4 offset. Refuses: 42703.';

grant execute on function auth_private.rest_select to authenticator;
--! EndIncluded rest/rest_select.sql
--! Included rest/rest_insert.sql
-- Without a representation nothing of the row is read back, so inserting needs no right
-- to select.

create or replace function auth_private.rest_insert(query jsonb, relation oid)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  target text;
  unknown text;
  columns text;
  definition text;
begin
  select format('%I.%I', n.nspname, c.relname) into strict target
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where c.oid = rest_insert.relation;

  select
    string_agg(quote_ident(a.attname), ', ' order by a.attnum),
    string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
      order by a.attnum),
    min(wanted.name) filter (where a.attname is null)
  into columns, definition, unknown
  from jsonb_array_elements_text(rest_insert.query -> 'columns') as wanted (name)
  left join pg_attribute a on a.attrelid = rest_insert.relation
    and a.attname = wanted.name
    and a.attnum > 0
    and not a.attisdropped;
  if unknown is not null then
    perform auth_private.rest_refuse(400, 'PGRST204',
      format('Could not find the ''%s'' column of ''%s'' in the schema cache', unknown,
        rest_insert.query ->> 'table'));
  end if;

  return format('insert into %s as t %s returning %s', target,
    case
      when columns is null then 'select from pg_catalog.json_array_elements($2)'
      else format('(%s) select %1$s from pg_catalog.json_to_recordset($2) as rows (%s)',
        columns, definition)
    end,
    case
      when (rest_insert.query -> 'representation')::boolean
      then auth_private.rest_returning(rest_insert.relation, rest_insert.query -> 'select')
      else '1'
    end);
end
$$;

comment on function auth_private.rest_insert is
  'An insert as SQL, with the rows as a JSON array in the parameter $2. Refuses: PGRST204, 42703.';

grant execute on function auth_private.rest_insert to authenticator;
--! EndIncluded rest/rest_insert.sql
--! Included rest/rest_plan.sql
-- Turns the description of a request into a statement, before anything runs as the
-- caller: names come from the catalogue and values stay in parameters, so nothing that a
-- client sends is ever SQL text.

create or replace function auth_private.rest_plan(
  query jsonb,
  out schema_name text,
  out profile text,
  out statement text,
  out operands text[],
  out first bigint,
  out skipped bigint,
  out singular boolean,
  out writes boolean
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  schema record;
  relation oid;
begin
  select * into strict schema from auth_private.rest_schema(query ->> 'profile');
  relation := auth_private.rest_relation(schema.name, query ->> 'table');

  schema_name := schema.name;
  profile := case when schema.told then schema.name end;
  operands := array(
    select item ->> 'value'
    from jsonb_array_elements(query -> 'filters') with ordinality as filters (item, n)
    order by n
  );
  first := query ->> 'limit';
  skipped := query ->> 'offset';
  singular := query -> 'singular';
  writes := query ->> 'action' = 'insert';

  -- source.* is the whole row, also where a column has the name source.
  statement := format('with source as (%s) select %s, pg_catalog.count(*) from source',
    case
      when writes then auth_private.rest_insert(query, relation)
      else auth_private.rest_select(query, relation)
    end,
    case
      when not (query -> 'representation')::boolean then 'null::pg_catalog.text'
      when singular then '(pg_catalog.json_agg(source.*) -> 0)::pg_catalog.text'
      else 'coalesce(pg_catalog.json_agg(source.*), ''[]'')::pg_catalog.text'
    end);
end
$$;

comment on function auth_private.rest_plan is
  'How to answer a request to a table: a statement with the parameters $1 operands, $2 rows as JSON, $3 first (limit), $4 skipped (offset), which returns the JSON body and the number of rows. Refuses: PGRST106, PGRST204, PGRST205, 42703.';

grant execute on function auth_private.rest_plan to authenticator;
--! EndIncluded rest/rest_plan.sql
--! Included rest/rest.sql
-- One request to a table, one statement. The plan is made by authenticator, who can read
-- the catalogue and no table; it is run as the caller, and there row-level security
-- decides.
--
-- An invoker without a search_path of its own, since only such a function may switch
-- roles. So it names types with their schema, and leaves operators on jsonb to the plan:
-- with a literal beside it, ->> could be found to mean one that someone put on the path.

create or replace function auth_private.rest(
  query jsonb,
  payload text,
  claims jsonb,
  request jsonb
)
returns table (status integer, headers text, profile text, total bigint, body text)
language plpgsql volatile
as $$
declare
  plan record;
  result pg_catalog.text;
  rows bigint;
begin
  select * into strict plan from auth_private.rest_plan(query);

  perform auth_private.enter(claims, request);
  perform pg_catalog.set_config('search_path', pg_catalog.quote_ident(plan.schema_name), true);
  if not plan.writes then
    perform pg_catalog.set_config('transaction_read_only', 'on', true);
  end if;
  execute plan.statement into result, rows
    using plan.operands, payload::pg_catalog.json, plan.first, plan.skipped;

  -- By now the caller's role may call nothing of ours.
  if plan.singular and rows <> 1 then
    raise exception using
      errcode = 'PGRST',
      message = pg_catalog.json_build_object(
        'code', 'PGRST116',
        'message', 'Cannot coerce the result to a single JSON object',
        'details', pg_catalog.format('The result contains %s rows', rows),
        'hint', null
      )::pg_catalog.text,
      detail = '{"status": 406, "headers": {}}';
  end if;

  return query select
    coalesce(
      nullif(pg_catalog.current_setting('response.status', true), '')::integer,
      case when plan.writes then 201 else 200 end
    ),
    pg_catalog.current_setting('response.headers', true), plan.profile, rows, result;
end
$$;

comment on function auth_private.rest is
  'Answers a request to a table or view of an exposed schema: query describes it, payload is a JSON array of rows to insert, claims are those of its verified token. Returns status, headers as PostgREST writes them, the schema to name in the answer, the number of rows and the JSON body. Refuses: PGRST106, PGRST116, PGRST204, PGRST205, 42703, and what auth_private.enter refuses. For the gateway.';

grant execute on function auth_private.rest to authenticator;
--! EndIncluded rest/rest.sql

reset role;
--! EndIncluded index.sql
