--! Previous: sha1:41dfd3c8a340c427281f297c54ad4ad4e735a1ed
--! Hash: sha1:26a353a0af894c055f2d66becce661c0b44955dc
--! Message: less work for a request

-- The next migration: npm run migrate -- commit "what it does"

set local role auth_owner;

-- These take or return something else from here on.
drop function if exists auth_private.call(text, jsonb, jsonb, jsonb, text, text, text);
drop function if exists auth_private.enter(jsonb, jsonb, text);

reset role;

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
--! Included crypto/normal_password.sql
-- The same letters can be written in several ways, as é in one character or as e and an
-- accent, and another keyboard or program writes them otherwise. NFC and no more: most
-- of what people type is in it already, so hashes can still move to and from GoTrue,
-- which hashes what it gets.

create or replace function auth_private.normal_password(password text)
returns text
language sql stable strict
return case
  when getdatabaseencoding() = 'UTF8' then normalize(password, nfc)
  else password
end;

comment on function auth_private.normal_password is
  'A password in Unicode''s normal form NFC, in which it is measured and hashed.';
--! EndIncluded crypto/normal_password.sql
--! Included crypto/hash_password.sql
-- pgcrypto's default cost for bcrypt is 6, which is far too cheap: the cost is always
-- said, and the settings allow none below 10.

create or replace function auth_private.hash_password(password text)
returns text
language sql volatile strict
begin atomic
  select crypt(auth_private.normal_password(password), gen_salt('bf', s.password_hash_cost))
  from auth_private.settings s;
end;

comment on function auth_private.hash_password is
  'bcrypt hash of a password of at most 72 bytes, at the cost of the settings (10: about 50 ms).';
--! EndIncluded crypto/hash_password.sql
--! Included crypto/password_matches.sql
-- A hash that was made elsewhere may be of the password as it was typed, so that is tried
-- where it is not the normal form.
--
-- Whoever has no password, a hash that is not bcrypt or a password that bcrypt would
-- cut costs as much time as a wrong password, so the answer's delay tells nothing.

create or replace function auth_private.password_matches(password text, hash text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- $2b$ and $2y$ are other programs' names for what pgcrypto calls $2a$.
  bcrypt constant text := regexp_replace(hash, '^\$2[by]\$', '$2a$');
  usable constant boolean := bcrypt ~ '^\$2a\$[0-9]{2}\$[./A-Za-z0-9]{53}$';
  normal constant text := auth_private.normal_password(password);
  spelling text;
begin
  foreach spelling in array array_remove(array[normal, nullif(password, normal)], null) loop
    if usable and octet_length(spelling) <= 72 then
      if auth_private.bcrypt(spelling, bcrypt) = bcrypt then
        return true;
      end if;
    else
      perform auth_private.hash_password(left(spelling, 18));
    end if;
  end loop;

  if password is null then
    perform auth_private.hash_password('');
  end if;
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
    ('argument_not_object', 'validation_failed', 400, '%s must be a JSON object'),
    ('body_not_json', 'bad_json', 400, 'Could not parse request body as JSON: %s'),
    ('over_request_rate_limit', 'over_request_rate_limit', 429, 'Request rate limit reached'),
    ('captcha_failed', 'captcha_failed', 400, 'captcha protection: request disallowed (%s)'),
    ('captcha_unverified', 'unexpected_failure', 500, 'captcha verification process failed'),
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
    ('session_unknown', 'session_not_found', 404, 'Session not found'),
    ('user_banned', 'user_banned', 403, 'User is banned'),
    ('audience_mismatch', 'validation_failed', 400,
      'Token audience doesn''t match request audience'),

    -- signing
    ('signing_key_missing', 'unexpected_failure', 500,
      'Tokens can not be signed: no key is in use'),
    ('signing_key_elsewhere', 'unexpected_failure', 500,
      'Tokens can not be signed: this gateway does not have the key "%s"'),

    -- addresses and passwords
    ('email_required', 'validation_failed', 400, 'An email address is required'),
    ('email_too_long', 'validation_failed', 400, 'An email address is too long'),
    ('email_invalid', 'validation_failed', 400,
      'Unable to validate email address: invalid format'),
    ('password_too_long', 'validation_failed', 400,
      'Password cannot be longer than 72 characters'),
    ('weak_password', 'weak_password', 422, '%s'),
    ('password_unverified', 'unexpected_failure', 500,
      'Unable to perform password strength check with HaveIBeenPwned.org.'),
    ('email_address_not_authorized', 'email_address_not_authorized', 400,
      'Email address "%s" cannot be used as it is not authorized'),
    ('email_address_invalid', 'email_address_invalid', 400, 'Email address "%s" is invalid'),
    ('over_email_send_rate_limit', 'over_email_send_rate_limit', 429,
      'For security purposes, you can only request this after %s seconds.'),
    ('over_sms_send_rate_limit', 'over_sms_send_rate_limit', 429,
      'For security purposes, you can only request this after %s seconds.'),
    ('email_sent_limit', 'over_email_send_rate_limit', 429, 'email rate limit exceeded'),
    ('sms_sent_limit', 'over_sms_send_rate_limit', 429, 'SMS rate limit exceeded'),
    ('channel_invalid', 'validation_failed', 400,
      'Invalid channel, supported values are ''sms'' or ''whatsapp''. ''whatsapp'' is only supported if Twilio or Twilio Verify is used as the provider.'),
    ('sms_provider_missing', 'unexpected_failure', 500, 'Unable to get SMS provider'),

    -- signup
    ('signup_disabled', 'signup_disabled', 422, 'Signups not allowed for this instance'),
    ('signup_without_password', 'validation_failed', 400, 'Signup requires a valid password'),
    ('signup_email_and_phone', 'validation_failed', 400,
      'Only an email address or phone number should be provided on signup.'),
    ('signup_email_disabled', 'email_provider_disabled', 400, 'Email signups are disabled'),
    ('signup_phone_disabled', 'phone_provider_disabled', 400, 'Phone signups are disabled'),
    ('signup_phone_pkce', 'validation_failed', 400, 'PKCE not supported for phone signups'),
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
    ('phone_not_confirmed', 'phone_not_confirmed', 400, 'Phone not confirmed'),

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
    ('session_low_aal', 'session_expired', 400,
      'Invalid Refresh Token: Session Expired (Low AAL: User Needs MFA Verification)'),
    ('session_superseded', 'session_expired', 400,
      'Invalid Refresh Token: Session Expired (Revoked by Newer Login)'),
    ('refresh_token_already_used', 'refresh_token_already_used', 400,
      'Invalid Refresh Token: Already Used'),
    ('refresh_oauth_client', 'invalid_client', 400,
      'Client authentication required for OAuth session'),
    ('refresh_conflict', 'conflict', 409,
      'Too many concurrent token refresh requests on the same session or refresh token'),
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
    ('user_sso_managed', 'user_sso_managed', 422,
      'Updating email, phone, password of a SSO account only possible via SSO'),
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
    ('reauthentication_phone_unconfirmed', 'phone_not_confirmed', 422,
      'Please verify your phone first.'),
    ('phone_taken', 'phone_exists', 422,
      'A user with this phone number has already been registered'),
    ('phone_change_taken', 'unexpected_failure', 500, 'Error confirming user'),

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

    -- signing in with other sites
    ('invite_token_unknown', 'user_not_found', 404, 'User identified by token not found'),
    ('oauth_state_missing', 'bad_oauth_callback', 400, 'OAuth state parameter missing'),
    ('oauth_state_invalid', 'bad_oauth_state', 400, 'OAuth state parameter is invalid'),
    ('oauth_state_not_found', 'bad_oauth_state', 400, 'OAuth state not found or expired'),
    ('oauth_state_expired', 'bad_oauth_state', 400, 'OAuth state has expired'),
    ('oauth_state_used', 'flow_state_already_used', 400, 'State has already been used'),
    ('client_state_not_found', 'oauth_client_state_not_found', 422, 'OAuth state not found'),
    ('client_state_foreign', 'oauth_invalid_state', 400, 'OAuth provider mismatch'),
    ('client_state_expired', 'oauth_client_state_expired', 422, 'OAuth state expired'),
    ('linking_target_not_found', 'user_not_found', 422, 'Linking target user not found'),
    ('profile_without_subject', 'unexpected_failure', 500,
      'Error getting user profile from external provider'),
    ('profile_without_email', 'unexpected_failure', 500,
      'Error getting user email from external provider'),
    ('accounts_multiple', 'unexpected_failure', 500,
      'Multiple accounts with the same email address in the same linking domain detected: %s'),
    ('provider_email_unverified', 'provider_email_needs_verification', 422,
      'Unverified email with %s. Verify the email with %s in order to sign in'),
    ('provider_email_mailed', 'provider_email_needs_verification', 422,
      'Unverified email with %s. A confirmation email has been sent to your %s email'),
    ('invite_not_found', 'invite_not_found', 404, 'Invite not found'),
    ('invite_email_mismatch', 'validation_failed', 400,
      'Invited email does not match emails from external provider'),
    ('manual_linking_disabled', 'manual_linking_disabled', 404, 'Manual linking is disabled'),
    ('identity_linked', 'identity_already_exists', 422, 'Identity is already linked'),
    ('identity_linked_elsewhere', 'identity_already_exists', 422,
      'Identity is already linked to another user'),
    ('linked_email_exists', 'email_exists', 400,
      'A user with this email address has already been registered'),
    ('linked_email_mailed', 'email_not_confirmed', 422,
      'Unverified email with %s. A confirmation email has been sent to your %s email'),
    ('unexpected_audience', 'unexpected_audience', 403,
      'Token audience doesn''t match request audience'),
    ('single_identity', 'single_identity_not_deletable', 422,
      'User must have at least 1 identity after unlinking'),
    ('identity_not_found', 'identity_not_found', 422, 'Identity doesn''t exist'),
    ('email_conflict', 'email_conflict_identity_not_deletable', 422,
      'Unable to unlink identity due to email conflict'),

    -- other sites of one's own
    ('custom_providers_disabled', 'feature_disabled', 404,
      'Custom OAuth providers are disabled'),
    ('custom_provider_not_found', 'custom_provider_not_found', 404,
      'Custom OAuth provider not found'),
    ('custom_provider_type', 'validation_failed', 400,
      'provider_type must be either ''oauth2'' or ''oidc'''),
    ('custom_provider_type_filter', 'validation_failed', 400,
      'type must be either ''oauth2'' or ''oidc'''),
    ('custom_provider_without', 'validation_failed', 400, '%s is required'),
    ('custom_provider_prefix', 'validation_failed', 400,
      'identifier must start with ''custom:'' prefix, e.g. ''custom:%s'''),
    ('custom_provider_without_issuer', 'validation_failed', 400,
      'issuer is required for OIDC providers'),
    ('custom_provider_without_url', 'validation_failed', 400,
      '%s is required for OAuth2 providers'),
    ('custom_provider_parameter_reserved', 'validation_failed', 400,
      'Cannot override reserved OAuth parameter: %s'),
    ('custom_provider_parameter_not_text', 'validation_failed', 400,
      'Authorization parameter %s must be a string'),
    ('custom_provider_target_protected', 'validation_failed', 400,
      'Cannot map to protected system field: %s'),
    ('custom_provider_claim_empty', 'validation_failed', 400,
      'custom_claims_allowlist entries must be non-empty strings'),
    ('custom_provider_identifier', 'validation_failed', 400,
      'identifier must have 2 to 50 characters of a-z, 0-9, '':'' and ''-'', the last a letter or digit'),
    ('custom_provider_too_long', 'validation_failed', 400,
      '%s must not be longer than %s characters'),
    ('custom_provider_url', 'validation_failed', 400,
      '%s must be an https URL of at most 2048 characters'),
    ('custom_provider_quota', 'over_custom_provider_quota', 400,
      'Maximum number of custom OAuth/OIDC providers reached'),
    ('custom_provider_exists', 'conflict', 400,
      'A custom OAuth provider with this identifier already exists'),

    -- hooks
    ('hook_failed', 'unexpected_failure', 500, 'Error running hook URI: %s'),
    ('hook_output_invalid', 'unexpected_failure', 500, 'Error unmarshaling JSON output.'),
    ('hook_claims_missing', 'unexpected_failure', 500, 'output claims field is missing'),
    ('hook_claims_invalid', 'unexpected_failure', 500,
      'output claims do not conform to the expected schema: %s'),
    ('hook_after_signup_failed', 'unexpected_failure', 500, 'Error invoking hook'),
    ('password_rejected', 'invalid_credentials', 400, '%s'),

    -- for people in psql
    ('settings_invalid', 'validation_failed', 400, 'Settings not changed: %s'),
    ('template_kind_unknown', 'validation_failed', 400,
      'There is no mail of kind %s; there are %s'),
    ('template_invalid', 'validation_failed', 400, 'Template not changed: %s: %s'),
    ('jwt_secret_too_short', 'validation_failed', 400,
      'GOTRUE_JWT_SECRET needs at least 32 bytes'),
    ('jwt_secret_revoked', 'validation_failed', 400,
      'GOTRUE_JWT_SECRET is a secret that has been revoked: choose another'),
    ('jwt_keys_invalid', 'validation_failed', 400, '%s'),
    ('api_key_secret_revoked', 'validation_failed', 400,
      'API keys are signed with the JWT secret, and it is revoked: set another GOTRUE_JWT_SECRET'),
    ('api_key_role_unknown', 'validation_failed', 400,
      'API keys are for anon and service_role, not for "%s"'),
    ('protect_column_unknown', 'validation_failed', 400, 'Table %s has no column "%s"'),
    ('protect_column_not_uuid', 'validation_failed', 400,
      'Column "%2$s" of table %1$s is of type %3$s, and the id of a user is a uuid'),
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
--! Included error/check_object.sql
-- What the dispatcher has told from a JSON body, for those who call a function themselves.

create or replace function auth_private.check_object(name text, value jsonb)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(value) not in ('object', 'null') then
    perform auth_private.refuse('argument_not_object', array[name]);
  end if;
end
$$;

comment on function auth_private.check_object is
  'Refuses an argument that is no JSON object and not absent either: validation_failed.';
--! EndIncluded error/check_object.sql
--! Included door/respond.sql
-- The response settings are PostgREST's, so the same functions serve there.

create or replace function auth_private.respond(status integer, headers jsonb default null)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select
    set_config('response.status', respond.status::text, true),
    case when respond.headers is not null then set_config(
      'response.headers',
      (
        select jsonb_agg(jsonb_build_object(h.key, h.value))
        from jsonb_each_text(respond.headers) h
      )::text,
      true
    ) end
$$;

comment on function auth_private.respond is
  'Sets the HTTP status of the answer and, from an object, its headers.';
--! EndIncluded door/respond.sql
--! Included error/refused.sql
-- Refuses a request of which something must be remembered (a wrong guess, a reused
-- token): returned and not raised, since raising would undo the memory.

create or replace function auth_private.refused(name text, details text[] default '{}')
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  refusal record;
begin
  select e.code, e.status, format(e.message, variadic refused.details) as message
  into strict refusal
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
-- Whom the gateway believes the request to come from: the peer, or whom a trusted proxy
-- forwards for. What anyone else writes into a header counts for nothing. An IPv4 address
-- that came over an IPv6 socket is the same client as without the disguise.

create or replace function auth_private.client_ip()
returns inet
language sql stable
return regexp_replace(
  host(nullif(current_setting('request.remote_addr', true), '')::inet),
  '^::ffff:(?=[0-9]+[.])', '')::inet;

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
--! Included setting/setting_duration.sql
-- Durations as Go writes them, which is what GoTrue's variables hold. What Postgres takes for
-- an interval is good too, but for a bare number, which one reads as seconds and another as
-- minutes, and for infinity, with which nothing can be computed.

create or replace function auth_private.setting_duration(value text)
returns interval
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  unit constant text := '([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h)';
  parsed interval;
begin
  if nullif(setting_duration.value, '') is null then
    return null;
  end if;
  if setting_duration.value ~ '^[+-]?0$' then
    return interval '0';
  end if;

  if setting_duration.value ~ ('^[+-]?(' || unit || ')+$') then
    select make_interval(secs => sum(part.text[1]::numeric * case part.text[2]
        when 'h' then 3600 when 'm' then 60 when 's' then 1 when 'ms' then 0.001
        when 'ns' then 0.000000001 else 0.000001 end)::double precision)
      * case when setting_duration.value like '-%' then -1 else 1 end
    into parsed
    from regexp_matches(setting_duration.value, unit, 'g') part (text);
  elsif setting_duration.value ~ ':|[a-zA-Z]$' then
    parsed := setting_duration.value::interval;
  end if;

  if parsed is null or not isfinite(parsed) then
    raise exception using errcode = 'invalid_datetime_format', message = 'not a duration';
  end if;
  return parsed;
end
$$;

comment on function auth_private.setting_duration is
  'The duration that is written as 1h30m or as an interval of Postgres; null for nothing. Raises invalid_datetime_format for anything else, a number without a unit among them.';
--! EndIncluded setting/setting_duration.sql
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
        when change.type in ('text[]'::regtype, 'cidr[]'::regtype)
          then auth_private.setting_list(configure.changes -> change.name)::text
        when change.type = 'interval'::regtype
          then auth_private.setting_duration(change.value)::text
        when change.value = '' and not change.required then null
        else change.value
      end;
      -- A glob that can't be read would fail every request that names a target.
      perform '' ~ auth_private.glob_to_regex(pattern)
      from auth_private.settings s, unnest(s.uri_allow_list) pattern;
    exception when data_exception or integrity_constraint_violation then
      faults := faults || format('%s may not be "%s". %s', change.name,
        case when change.name ~ 'secrets?$' then '…' else change.value end, change.allowed);
    end;
  end loop;

  faults := faults || (
    select array_agg(format('jwt_valid_methods may not be "%s". The key in use signs by %s.',
      array_to_string(s.jwt_valid_methods, ','), k.alg))
    from auth_private.settings s
    join auth_private.signing_keys k on k.status = 'in_use'
    where s.jwt_valid_methods <> '{}' and k.alg <> all (s.jwt_valid_methods)
  );
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
    -- Of the sites to sign in with those that GoTrue names.
    'external', (
      select jsonb_object_agg(p.name, p.enabled)
      from auth_private.providers p
      where p.name not in ('x', 'vercel_marketplace')
    ) || jsonb_build_object(
      'anonymous_users', s.external_anonymous_users_enabled,
      'email', s.external_email_enabled, 'phone', s.external_phone_enabled
    ),
    'disable_signup', s.disable_signup,
    'mailer_autoconfirm', s.mailer_autoconfirm,
    'phone_autoconfirm', s.sms_autoconfirm,
    'sms_provider', s.sms_provider,
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

create or replace trigger nudge_gateways
  after insert or update or delete on auth_private.providers
  for each statement execute function auth_private.nudge_gateways();

create or replace trigger nudge_gateways
  after insert or update or delete on auth.custom_oauth_providers
  for each statement execute function auth_private.nudge_gateways();
--! EndIncluded setting/nudge_gateways.sql

--! Included key/jwt_input.sql
create or replace function auth_private.jwt_input(claims jsonb, k auth_private.signing_keys)
returns text
language sql stable
return auth_private.base64url(convert_to(jsonb_strip_nulls(
    jsonb_build_object('alg', k.alg, 'typ', 'JWT', 'kid', k.kid))::text, 'UTF8'))
  || '.' || auth_private.base64url(convert_to(claims::text, 'UTF8'));

comment on function auth_private.jwt_input is
  'Header and claims of a JWT in compact form (RFC 7515): what the key is to sign.';
--! EndIncluded key/jwt_input.sql
--! Included key/hmac_jwt.sql
create or replace function auth_private.hmac_jwt(claims jsonb, k auth_private.signing_keys)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  input constant text := auth_private.jwt_input(claims, k);
begin
  return input || '.' || auth_private.base64url(auth_private.hmac_sha256(
    convert_to(input, 'UTF8'),
    coalesce(convert_to(k.secret, 'UTF8'), auth_private.from_base64url(k.jwk ->> 'k'))));
end
$$;

comment on function auth_private.hmac_jwt is
  'The claims as a JWT in compact form (RFC 7519, RFC 7515), signed with this HS256 key, which never leaves the database by this.';
--! EndIncluded key/hmac_jwt.sql
--! Included key/sign_jwt.sql
-- Signs with the key in use. An HS256 key is here. Of an asymmetric one only the gateway has
-- the private part: it is handed header and claims in the token's place, and signs them on the
-- way out. What it is handed stands behind a mark that it has drawn for this one statement, so
-- that nothing a client has sent can pass for it.
--
-- Without a gateway, as in psql, there is no such token: null. All else is as always, and the
-- refresh token beside it buys a token at the gateway.

create or replace function auth_private.sign_jwt(claims jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  signer constant jsonb := nullif(current_setting('request.signer', true), '');
  k auth_private.signing_keys;
begin
  select * into k from auth_private.signing_keys s where s.status = 'in_use';
  if not found then
    perform auth_private.refuse('signing_key_missing');
  end if;
  if k.alg = 'HS256' then
    return auth_private.hmac_jwt(claims, k);
  end if;

  if signer is null then
    return null;
  end if;
  if not coalesce(signer -> 'kids' ? k.kid, false) then
    perform auth_private.refuse('signing_key_elsewhere', array[k.kid]);
  end if;
  return (signer ->> 'mark') || '.' || auth_private.jwt_input(claims, k);
end
$$;

comment on function auth_private.sign_jwt is
  'The claims as a signed JWT in compact form (RFC 7519, RFC 7515). Where the key in use is asymmetric: for a gateway, as request.signer, what it is to sign, after its mark; null for everybody else. Refuses: unexpected_failure without a key in use, or one that the gateway does not have.';
--! EndIncluded key/sign_jwt.sql
--! Included key/secret_key.sql
-- Older secrets go on verifying, and are not this one: the newest is what GOTRUE_JWT_SECRET
-- said last, in use or beside an asymmetric key.

create or replace function auth_private.secret_key()
returns auth_private.signing_keys
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.*
  from auth_private.signing_keys k
  where k.secret is not null and k.status <> 'revoked'
  order by k.status = 'in_use' desc, k.created_at desc
  limit 1
$$;

comment on function auth_private.secret_key is
  'The HS256 key that others know, GOTRUE_JWT_SECRET; a null row where all are revoked.';
--! EndIncluded key/secret_key.sql
--! Included key/jwt_secret.sql
create or replace function auth_private.jwt_secret()
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.secret from auth_private.secret_key() k
$$;

comment on function auth_private.jwt_secret is
  'The HS256 secret that API keys are signed with, for other servers that verify our tokens; null where it is revoked. For the owner.';
--! EndIncluded key/jwt_secret.sql
--! Included key/api_key.sql
-- The keys that Supabase clients call apikey. They follow from the secret alone, so asking
-- again gives the same ones, and none has to be stored. An asymmetric key in use changes
-- nothing for them: they are signed here, by the secret, which goes on verifying.

create or replace function auth.api_key(role text)
returns text
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  k auth_private.signing_keys;
begin
  if api_key.role is null or api_key.role not in ('anon', 'service_role') then
    perform auth_private.refuse('api_key_role_unknown', array[api_key.role]);
  end if;

  k := auth_private.secret_key();
  if k.id is null then
    perform auth_private.refuse('api_key_secret_revoked');
  end if;
  return auth_private.hmac_jwt(jsonb_build_object(
    'iss', 'pgtrue',
    'role', api_key.role,
    'iat', extract(epoch from k.created_at)::bigint,
    'exp', extract(epoch from k.created_at + interval '10 years')::bigint
  ), k);
end
$$;

comment on function auth.api_key is
  'The API key of anon or service_role: a JWT that is good for ten years from the making of the secret that signs it. For the owner.';
--! EndIncluded key/api_key.sql
--! Included key/use_key.sql
create or replace function auth_private.use_key(id uuid)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from auth_private.signing_keys k where k.id = use_key.id and k.status = 'in_use')
  then
    return;
  end if;
  -- Two statements, since the index that allows one key in use looks at each row by itself.
  update auth_private.signing_keys k set status = 'previous' where k.status = 'in_use';
  update auth_private.signing_keys k set status = 'in_use' where k.id = use_key.id;
end
$$;

comment on function auth_private.use_key is
  'Has this key sign from now on; the one before still verifies.';
--! EndIncluded key/use_key.sql
--! Included key/use_jwt_secret.sql
-- Brings a secret from elsewhere, so that tokens and API keys made with it stay good.
-- The key that was in use goes on verifying, until someone revokes it.

create or replace function auth_private.use_jwt_secret(
  secret text,
  kid text default null,
  signs boolean default true
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  known auth_private.signing_keys;
begin
  -- The table's own check would print the secret into the server's log.
  if coalesce(octet_length(use_jwt_secret.secret), 0) < 32 then
    perform auth_private.refuse('jwt_secret_too_short');
  end if;
  select * into known
  from auth_private.signing_keys k
  where k.secret = use_jwt_secret.secret
  order by k.created_at desc
  limit 1;
  if known.status = 'revoked' then
    perform auth_private.refuse('jwt_secret_revoked');
  end if;

  if known.id is null then
    insert into auth_private.signing_keys (secret, status, created_at)
    values (use_jwt_secret.secret, 'standby', clock_timestamp())
    returning * into known;
  elsif known.id <> (auth_private.secret_key()).id then
    update auth_private.signing_keys k set created_at = clock_timestamp() where k.id = known.id;
  end if;
  if nullif(use_jwt_secret.kid, '') <> coalesce(known.kid, '') then
    update auth_private.signing_keys k set kid = use_jwt_secret.kid where k.id = known.id;
  end if;
  if use_jwt_secret.signs then
    perform auth_private.use_key(known.id);
  end if;
end
$$;

comment on function auth_private.use_jwt_secret is
  'Makes this the HS256 secret that API keys are signed with, at least 32 bytes of it, and the key in use unless signs is false; what was in use before still verifies. kid names it in the headers of its tokens; null leaves its name. Refuses: validation_failed for one that is too short or revoked. For the owner.';
--! EndIncluded key/use_jwt_secret.sql
--! Included key/jwt_key_faults.sql
create or replace function auth_private.jwt_key_faults(keys jsonb)
returns text[]
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(array_agg(format('GOTRUE_JWT_KEYS: the key "%s" %s', given.kid, fault.said)
    order by given.place, fault.place), '{}')
  from (
    select g.place, g.key ->> 'kid' as kid, g.key ->> 'alg' as alg, g.key -> 'jwk' as jwk,
      (g.key ->> 'signs')::boolean as signs
    from jsonb_array_elements(keys) with ordinality g (key, place)
  ) given
  left join auth_private.signing_keys k on k.kid = given.kid and k.jwk is not null
  cross join lateral (
    values
      (1, given.jwk ?| array['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth'],
        'is private, and the database is given public keys only'),
      (2, k.jwk <> given.jwk or k.alg <> given.alg,
        'is another one in the database: a new key needs a new kid'),
      (3, k.status = 'revoked' and given.signs, 'is revoked, so it can not sign')
  ) fault (place, holds, said)
  where fault.holds
$$;

comment on function auth_private.jwt_key_faults is
  'Why these keys can not be the argument of auth_private.use_jwt_keys: a sentence for each fault, without any key in it.';
--! EndIncluded key/jwt_key_faults.sql
--! Included key/use_jwt_keys.sql
-- Brings the keys of GOTRUE_JWT_KEYS, without what is private in them. A key that is not in the
-- list any more is forgotten, and then its tokens are not believed; one that somebody has
-- revoked stays so, whatever the list says.

create or replace function auth_private.use_jwt_keys(keys jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  faults constant text[] := auth_private.jwt_key_faults(keys);
  signing auth_private.signing_keys;
begin
  if faults <> '{}' then
    perform auth_private.refuse('jwt_keys_invalid', array[array_to_string(faults, chr(10))]);
  end if;

  insert into auth_private.signing_keys (kid, alg, jwk, status)
  select given ->> 'kid', given ->> 'alg', given -> 'jwk', 'standby'
  from jsonb_array_elements(keys) given
  on conflict (kid) where jwk is not null do nothing;

  select k.* into signing
  from auth_private.signing_keys k
  join jsonb_array_elements(keys) given on given ->> 'kid' = k.kid
  where k.jwk is not null and (given ->> 'signs')::boolean;
  if not found then
    signing := auth_private.secret_key();
  end if;
  if signing.id is not null then
    perform auth_private.use_key(signing.id);
  end if;

  delete from auth_private.signing_keys k
  where k.jwk is not null and k.status <> 'revoked'
    and k.kid not in (select given ->> 'kid' from jsonb_array_elements(keys) given);
end
$$;

comment on function auth_private.use_jwt_keys is
  'Makes these the keys of GOTRUE_JWT_KEYS: an array of objects with kid, alg, jwk (RFC 7517; the public part, or kty oct with k) and signs, true for the one that is to be in use. For an empty one the secret is in use again. Refuses: validation_failed, telling all that auth_private.jwt_key_faults finds. For the owner.';
--! EndIncluded key/use_jwt_keys.sql
--! Included key/verifying_keys.sql
create or replace function auth_private.verifying_keys()
returns setof auth_private.signing_keys
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select k.*
  from auth_private.signing_keys k
  cross join auth_private.settings s
  where k.status <> 'revoked'
    and (s.jwt_valid_methods = '{}' or k.alg = any (s.jwt_valid_methods))
$$;

comment on function auth_private.verifying_keys is
  'The keys that tokens are believed by.';
--! EndIncluded key/verifying_keys.sql
--! Included key/jwks_with_secrets.sql
create or replace function auth_private.jwks_with_secrets()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object('keys', coalesce(
    jsonb_agg(
      jsonb_strip_nulls(jsonb_build_object('kid', k.kid, 'alg', k.alg))
        || coalesce(k.jwk, jsonb_build_object(
          'kty', 'oct', 'k', auth_private.base64url(convert_to(k.secret, 'UTF8'))))
      order by k.status = 'in_use' desc, k.created_at desc),
    '[]'))
  from auth_private.verifying_keys() k
$$;

comment on function auth_private.jwks_with_secrets is
  'The keys that tokens are believed by, secrets among them, as a JWK Set (RFC 7517), the one in use first: for PGRST_JWT_SECRET of a PostgREST. For the owner.';
--! EndIncluded key/jwks_with_secrets.sql
--! Included key/jwks.sql
create or replace function auth.jwks()
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.respond(200, '{"Cache-Control": "public, max-age=600"}');
  return (
    select jsonb_build_object('keys', coalesce(
      jsonb_agg(
        k.jwk || jsonb_build_object(
          'kid', k.kid, 'alg', k.alg, 'use', 'sig', 'key_ops', array['verify'])
        order by k.status = 'in_use' desc, k.created_at desc),
      '[]'))
    from auth_private.signing_keys k
    where k.alg <> 'HS256' and k.status <> 'revoked'
  );
end
$$;

comment on function auth.jwks is
  'The public keys that access tokens are signed with, as a JWK Set (RFC 7517), for whoever verifies them without asking: those in use, standby and previous. GET /.well-known/jwks.json.';

grant execute on function auth.jwks to anon, authenticated, service_role;
--! EndIncluded key/jwks.sql
--! Included provider/linking_domain.sql
-- Identities are linked by e-mail address within one domain only: an organisation's own sign-in
-- does not speak for the rest of the world, nor the other way round.

create or replace function auth_private.linking_domain(provider text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when provider like 'sso:%' then provider
    else coalesce(
      (
        select substring(btrim(entry) from '[:=]([^:=]*)$')
        from string_to_table(s.experimental_provider_linking_domains, ',') entry
        where substring(btrim(entry) from '^(.*)[:=][^:=]*$') = provider
        limit 1
      ),
      case when provider = any (s.experimental_providers_with_own_linking_domain)
        then provider end,
      'default')
  end
  from auth_private.settings s
$$;

comment on function auth_private.linking_domain is
  'The domain within which identities of a provider are linked by e-mail address: default for most.';
--! EndIncluded provider/linking_domain.sql
--! Included provider/provider_configs.sql
-- What the gateway has to know of the sites that people sign in with, secrets and all: it is the
-- gateway that talks to them. The names are those of gateway/provider/types.ts.

create or replace function auth_private.provider_configs()
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(known.config), '[]')
  from (
    select jsonb_build_object(
      'name', p.name,
      'enabled', p.enabled,
      'clientIds', p.client_id,
      'secret', p.secret,
      'redirectUri', coalesce(nullif(p.redirect_uri, ''),
        rtrim(s.api_external_url, '/') || '/callback'),
      'skipNonceCheck', p.skip_nonce_check,
      'emailOptional', p.email_optional
    )
      || case when p.url = '' then '{}' else jsonb_build_object('url', p.url) end
      || case when p.name = 'apple' and s.external_ios_bundle_id <> ''
        then jsonb_build_object('audiences', array[s.external_ios_bundle_id]) else '{}' end
      as config
    from auth_private.providers p
    cross join auth_private.settings s
    union all
    select jsonb_build_object(
      'name', c.identifier,
      'enabled', c.enabled,
      'clientIds', array[c.client_id],
      'secret', c.client_secret,
      'redirectUri', rtrim(
        coalesce(nullif(s.custom_oauth_external_url, ''), s.api_external_url), '/') || '/callback',
      'skipNonceCheck', c.skip_nonce_check,
      'emailOptional', c.email_optional,
      'custom', to_jsonb(c) - 'client_secret' - 'cached_discovery'
    )
    from auth.custom_oauth_providers c
    cross join auth_private.settings s
  ) known
$$;

comment on function auth_private.provider_configs is
  'The configuration of every site, built in or custom, with its secret.';
--! EndIncluded provider/provider_configs.sql
--! Included key/gateway_config.sql
-- What the gateway has to know to open its door: the keys that tokens are verified
-- with, whom it believes and asks, and a few limits. Read at start and after each nudge.

create or replace function auth_private.gateway_config()
returns jsonb
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'keys', (
      select coalesce(
        jsonb_agg(
          jsonb_build_object('kid', k.kid, 'alg', k.alg, 'secret', k.secret, 'jwk', k.jwk)
          order by k.status = 'in_use' desc, k.created_at desc),
        '[]')
      from auth_private.verifying_keys() k
    ),
    'signingKey', (
      select k.kid from auth_private.signing_keys k where k.status = 'in_use' and k.alg <> 'HS256'
    ),
    'providers', auth_private.provider_configs(),
    'customProvidersEnabled', s.custom_oauth_enabled,
    'allowedIdTokenIssuers', s.external_allowed_id_token_issuers,
    'discoveryMilliseconds',
      (extract(epoch from s.external_oidc_provider_cache_ttl) * 1000)::bigint,
    'providerMilliseconds', (extract(epoch from s.internal_http_timeout) * 1000)::bigint,
    'limited', s.rate_limit_header <> '' or s.security_sb_forwarded_for_enabled,
    'clientHeader', s.rate_limit_header,
    'sbForwardedFor', s.security_sb_forwarded_for_enabled,
    'trustedProxies', s.security_trusted_proxies,
    'captcha', case when s.security_captcha_enabled then jsonb_build_object(
      'provider', s.security_captcha_provider,
      'secret', s.security_captcha_secret,
      'timeoutMilliseconds',
      least(greatest(1, extract(epoch from s.security_captcha_timeout) * 1000), 2e9)::integer
    ) end,
    'pwned', case when s.password_hibp_enabled then jsonb_build_object(
      'userAgent', s.password_hibp_user_agent
    ) end,
    'corsAllowedHeaders', s.cors_allowed_headers,
    'maxRequestMilliseconds', (extract(epoch from s.api_max_request_duration) * 1000)::integer
  )
  from auth_private.settings s
$$;

comment on function auth_private.gateway_config is
  'Keys to verify tokens with, the kid of the one that the gateway is to sign with (null where SQL does it), the sites that people sign in with and their secrets, the limits that the gateway keeps, the proxies that it believes, and what it needs to ask a captcha''s provider and haveibeenpwned.com: null where it is not to ask. For the gateway.';

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
-- Whether a password has leaked is known to another site, which a database can not ask. The
-- gateway does, and says it in request.pwned: true, false or unknown.

create or replace function auth_private.password_weakness(password text)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  settings record;
  sets text[];
  wanted text;
  reasons text[] := '{}';
  messages text[] := '{}';
begin
  select s.password_min_length, s.password_required_characters, s.password_hibp_enabled
  into strict settings
  from auth_private.settings s;

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
  -- Set by set, since a query would show the password to a server that logs plans.
  foreach wanted in array sets loop
    if translate(password, wanted, '') = password then
      reasons := reasons || 'characters'::text;
      messages := messages || format(
        'Password should contain at least one character of each: %s.',
        array_to_string(sets, ', '));
      exit;
    end if;
  end loop;

  if settings.password_hibp_enabled and current_setting('request.pwned', true) = 'true' then
    reasons := reasons || 'pwned'::text;
    messages := messages ||
      'Password is known to be weak and easy to guess, please choose a different one.'::text;
  end if;

  if reasons = '{}' then
    return null;
  end if;
  return jsonb_build_object('message', array_to_string(messages, ' '), 'reasons', reasons);
end
$$;

comment on function auth_private.password_weakness is
  'Why the settings find a password weak: {"message", "reasons"}; null where they do not. That a password has leaked (password_hibp_enabled) is found in requests to the gateway only: from psql and through PostgREST nobody is asked.';
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
  fail_closed constant boolean := (
    select s.password_hibp_enabled and s.password_hibp_fail_closed from auth_private.settings s);
  weakness jsonb;
begin
  if octet_length(auth_private.normal_password(password)) > 72 then
    perform auth_private.refuse('password_too_long');
  end if;

  if fail_closed and current_setting('request.pwned', true) = 'unknown' then
    perform auth_private.refuse('password_unverified');
  end if;

  weakness := auth_private.password_weakness(password);
  if weakness is not null then
    perform auth_private.refuse('weak_password', array[weakness ->> 'message'],
      hint => (select string_agg(r, ',') from jsonb_array_elements_text(weakness -> 'reasons') r));
  end if;
end
$$;

comment on function auth_private.check_password is
  'Passes a password that may be set. Refuses: password_too_long, weak_password with the reasons as hint, unexpected_failure where password_hibp_fail_closed asks for a verdict that the gateway could not get.';
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
--! Included phone/phone_digits.sql
create or replace function auth_private.phone_digits(phone text)
returns text
language sql immutable strict
set search_path = pg_catalog, pg_temp
as $$
  select replace(regexp_replace(phone_digits.phone, '^\+', ''), ' ', '')
$$;

comment on function auth_private.phone_digits is
  'A telephone number as it is stored: without its plus sign and spaces. Not checked.';
--! EndIncluded phone/phone_digits.sql
--! Included phone/is_phone.sql
create or replace function auth_private.is_phone(address text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select is_phone.address not like '%@%'
$$;

comment on function auth_private.is_phone is
  'Whether an address, of which the form has been checked, is a telephone number and no e-mail address.';
--! EndIncluded phone/is_phone.sql
--! Included phone/validate_phone.sql
create or replace function auth_private.validate_phone(phone text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  digits constant text := auth_private.phone_digits(validate_phone.phone);
begin
  if digits is null or digits !~ '^[1-9][0-9]{1,14}$' then
    perform auth_private.refuse('phone_invalid');
  end if;
  return digits;
end
$$;

comment on function auth_private.validate_phone is
  'A telephone number (E.164) in digits, without its plus sign and spaces. Refuses: validation_failed.';
--! EndIncluded phone/validate_phone.sql
--! Included phone/find_user_by_phone.sql
create or replace function auth_private.find_user_by_phone(phone text)
returns auth.users
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select u
  from auth.users u
  where u.phone = auth_private.phone_digits(find_user_by_phone.phone)
    and u.aud = auth_private.requested_aud()
    and not u.is_sso_user
$$;

comment on function auth_private.find_user_by_phone is
  'The user with this telephone number in the requested audience; a null row for none.';
--! EndIncluded phone/find_user_by_phone.sql
--! Included user/settle_password.sql
-- Somebody may sign up with an address that is not theirs, set a password and wait until
-- its owner comes. So a password that was set before anything was proven lasts only if
-- what proves it is the mail of that sign-up: an owner who arrives by another way, or a
-- second sign-up that chose another password, leaves none, and it has to be set anew.

create or replace function auth_private.settle_password(user_id uuid, by_signup boolean)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settled auth_private.unproven_passwords;
begin
  delete from auth_private.unproven_passwords p
  where p.user_id = settle_password.user_id
  returning p.* into settled;

  if not found or settle_password.by_signup and not settled.contested then
    return;
  end if;
  update auth.users u set encrypted_password = '' where u.id = settle_password.user_id;
  delete from auth.sessions s where s.user_id = settle_password.user_id;
end
$$;

comment on function auth_private.settle_password is
  'For whoever has just proven to own a user''s address: clears a password that was set at a sign-up which nobody had confirmed, with its sessions. It stays only where the proof is the mail of that sign-up (by_signup) and nobody else has asked for one.';
--! EndIncluded user/settle_password.sql
--! Included user/contest_password.sql
-- The user's row first, as whoever settles it does.

create or replace function auth_private.contest_password(user_id uuid)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select from auth.users u where u.id = contest_password.user_id for no key update;
  update auth_private.unproven_passwords p
  set contested = true
  where p.user_id = contest_password.user_id;
$$;

comment on function auth_private.contest_password is
  'Notes that somebody who may be the owner has come by another way, or with another password, before a sign-up was confirmed: the mail on its way proves more than that sign-up.';
--! EndIncluded user/contest_password.sql
--! Included user/insert_user.sql
-- The one place where users come from, whoever makes them. The indexes decide between two
-- that want one address, and the loser gets a null row instead of an error, to go on as
-- for an address that is known.

create or replace function auth_private.insert_user(
  id uuid,
  aud text,
  role text,
  email text,
  phone text,
  password_hash text,
  user_metadata jsonb,
  identity_data jsonb default '{}'
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
    raw_app_meta_data, raw_user_meta_data, is_anonymous, created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000', insert_user.id,
    coalesce(nullif(insert_user.aud, ''), auth_private.requested_aud()),
    coalesce(nullif(insert_user.role, ''), s.jwt_default_group_name),
    nullif(insert_user.email, ''), nullif(insert_user.phone, ''),
    coalesce(insert_user.password_hash, ''), '', '', '', '',
    case when providers = '{}' then '{}'::jsonb
      else jsonb_build_object('provider', providers[1], 'providers', providers) end,
    coalesce(insert_user.user_metadata, '{}'), providers = '{}', now(), now()
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
    newcomer.id, newcomer.id,
    insert_user.identity_data || jsonb_strip_nulls(jsonb_build_object(
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
  'A new user, unconfirmed, with an identity for each address, and anonymous without one; without a password hash there is no password. A null row where an address or the id is taken.';
--! EndIncluded user/insert_user.sql
--! Included user/create_user.sql
create or replace function auth_private.create_user(
  email text,
  phone text,
  password_hash text,
  data jsonb default null
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  new_id constant uuid := gen_random_uuid();
  said constant jsonb := coalesce(create_user.data, '{}');
  newcomer auth.users;
begin
  perform auth_private.before_user_created(
    new_id, create_user.email, create_user.phone, said);
  newcomer := auth_private.insert_user(new_id, null, null, create_user.email, create_user.phone,
    create_user.password_hash,
    -- What users say of themselves can't overrule what is known of them.
    said || jsonb_strip_nulls(jsonb_build_object(
      'sub', new_id, 'email', create_user.email, 'email_verified', false,
      'phone_verified', false)),
    said);
  if newcomer.encrypted_password <> '' then
    insert into auth_private.unproven_passwords (user_id) values (newcomer.id);
  end if;
  return newcomer;
end
$$;

comment on function auth_private.create_user is
  'A user who signs up, unconfirmed, with an identity for the address; data becomes user_metadata. A null row where the address is taken. Refuses what the hook before_user_created refuses.';
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

  delete from auth_private.unproven_passwords p where p.user_id = confirmed.id;
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
--! Included user/bare_user_json.sql
-- What the world may know of a user's row. Hashes and tokens are never in it. One expression,
-- so that it melts into a query over many users.

create or replace function auth_private.bare_user_json(u auth.users)
returns jsonb
language sql stable
return jsonb_strip_nulls(jsonb_build_object(
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
  || jsonb_build_object(
    'app_metadata', coalesce(u.raw_app_meta_data, '{}'),
    'user_metadata', coalesce(u.raw_user_meta_data, '{}')
  );

comment on function auth_private.bare_user_json is
  'A user in the shape of the API, without identities and factors.';
--! EndIncluded user/bare_user_json.sql
--! Included user/user_json.sql
create or replace function auth_private.user_json(u auth.users)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.bare_user_json(u)
    || jsonb_build_object('identities', auth_private.identities_json(u.id))
    || coalesce((
      select jsonb_build_object('factors', f)
      from auth_private.factors_json(u.id) f
      where f is not null
    ), '{}')
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
  uid constant uuid := auth.uid();
  present auth.users;
begin
  if uid is null then
    perform auth_private.refuse('sub_missing');
  end if;

  select * into present from auth.users u where u.id = uid and u.deleted_at is null;
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
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  said constant bytea := '\x00' || uuid_send(session.id)
    || auth_private.varint(session.refresh_token_counter);
  signed constant bytea := said || substring(
    auth_private.hmac_sha256(said, auth_private.from_base64url(session.refresh_token_hmac_key))
    for 16);
begin
  return auth_private.base64url(signed || substring(sha256(signed) for 4));
end
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
--! Included session/lacks_factor.sql
create or replace function auth_private.lacks_factor(session auth.sessions)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(session.aal, 'aal1') = 'aal1' and exists (
    select
    from auth.mfa_factors f
    where f.user_id = session.user_id and f.status = 'verified'
  )
$$;

comment on function auth_private.lacks_factor is
  'Whether the session has not shown the second factor that its user has.';
--! EndIncluded session/lacks_factor.sql
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
      'exp', least(
        extract(epoch from now())::bigint + s.jwt_exp,
        case when s.sessions_allow_low_aal is not null and auth_private.lacks_factor(session)
          then extract(epoch from session.created_at + s.sessions_allow_low_aal)::bigint end
      ),
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

create or replace function auth_private.session_json(
  session auth.sessions,
  u auth.users,
  method text,
  headers jsonb default '{}'
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  -- How long the token lives is told by our own claims, whatever a hook makes of them.
  claims constant jsonb := auth_private.session_claims(session, u);
begin
  perform auth_private.respond(200, jsonb_build_object(
    'sb-auth-user-id', u.id,
    'sb-auth-session-id', session.id,
    'sb-auth-refresh-token-counter', session.refresh_token_counter
  ) || session_json.headers);

  return jsonb_build_object(
    'access_token', auth_private.sign_jwt(
      auth_private.custom_claims(claims, u.id, session_json.method)),
    'token_type', 'bearer',
    'expires_in', (claims ->> 'exp')::bigint - (claims ->> 'iat')::bigint,
    'expires_at', (claims ->> 'exp')::bigint,
    'refresh_token', auth_private.refresh_token(session),
    'user', auth_private.user_json(u)
  );
end
$$;

comment on function auth_private.session_json is
  'Access token, refresh token and user in the shape of the API; expires_in in seconds, expires_at in Unix seconds. method: how this token was come by, an amr value or token_refresh. headers: more of them.';
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

  return auth_private.session_json(opened, owner, open_session.method);
end
$$;

comment on function auth_private.open_session is
  'Signs the user in: a new session, proven by the method (an amr value), in the shape of the API.';
--! EndIncluded session/open_session.sql
--! Included session/session_used_at.sql
create or replace function auth_private.session_used_at(
  session auth.sessions,
  last_used timestamptz default null
)
returns timestamptz
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    session.refreshed_at at time zone 'utc', greatest(session.created_at, last_used))
$$;

comment on function auth_private.session_used_at is
  'When a session was refreshed last, or begun. last_used: the time of its older refresh token, which counts where it was never refreshed.';
--! EndIncluded session/session_used_at.sql
--! Included session/session_tag.sql
-- The column is for whoever runs the database: nothing here writes it.

create or replace function auth_private.session_tag(session auth.sessions)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case when session.tag = any (s.sessions_tags) then session.tag else s.sessions_tags[1] end
  from auth_private.settings s
$$;

comment on function auth_private.session_tag is
  'Which of the settings'' sessions_tags a session counts as: its own tag, or the first; null where there are none.';
--! EndIncluded session/session_tag.sql
--! Included session/session_fault.sql
-- The order of the checks is GoTrue's.

create or replace function auth_private.session_fault(
  session auth.sessions,
  last_used timestamptz default null
)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when session.not_after < now() or session.created_at + s.sessions_timebox < now()
    then 'old'
    when auth_private.session_used_at(session, last_used) + s.sessions_inactivity_timeout < now()
    then 'inactive'
    when coalesce(session.created_at + s.sessions_allow_low_aal < now(), false)
      and auth_private.lacks_factor(session)
    then 'low aal'
  end
  from auth_private.settings s
$$;

comment on function auth_private.session_fault is
  'Why a session is over: old, inactive or low aal; null for one that is good. last_used as for session_used_at.';
--! EndIncluded session/session_fault.sql
--! Included session/check_session.sql
-- Sessions stay where they are when a newer one begins, and can be used until their
-- access token ends: only a refresh asks for the newest.

create or replace function auth_private.check_session(
  session auth.sessions,
  last_used timestamptz default null
)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  fault constant text := auth_private.session_fault(session, last_used);
begin
  if fault = 'old' then
    perform auth_private.refuse('session_expired');
  end if;
  if fault = 'inactive' then
    perform auth_private.refuse('session_inactive');
  end if;
  if fault = 'low aal' then
    perform auth_private.refuse('session_low_aal');
  end if;

  if not (select s.sessions_single_per_user from auth_private.settings s) then
    return;
  end if;
  perform
  from auth.sessions other
  where other.user_id = session.user_id
    and other.id <> session.id
    and auth_private.session_used_at(other) > auth_private.session_used_at(session, last_used)
    and auth_private.session_tag(other) is not distinct from auth_private.session_tag(session)
    and auth_private.session_fault(other) is null
  limit 1;
  if found then
    perform auth_private.refuse('session_superseded');
  end if;
end
$$;

comment on function auth_private.check_session is
  'Passes a session that may still be refreshed. last_used as for session_used_at. Refuses: session_expired, session_inactive, session_low_aal, session_superseded.';
--! EndIncluded session/check_session.sql
--! Included session/hold_session.sql
-- The session's row is what refreshes wait for. Nobody waits for it longer than 5 s, so one
-- that is stuck does not take the gateway's connections along.

create or replace function auth_private.hold_session(id uuid)
returns auth.sessions
language plpgsql volatile
set search_path = pg_catalog, pg_temp
set lock_timeout = '5s'
as $$
declare
  held auth.sessions;
begin
  select * into held from auth.sessions s where s.id = hold_session.id for update;
  return held;
exception when lock_not_available then
  perform auth_private.refuse('refresh_conflict');
end
$$;

comment on function auth_private.hold_session is
  'The session with this id, locked; a null row for none. Refuses: conflict after 5 s of waiting.';
--! EndIncluded session/hold_session.sql
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
  return auth_private.session_json(renewed, owner, 'token_refresh', jsonb_strip_nulls(
    jsonb_build_object(
      -- GoTrue says false, and nothing where it would be true.
      'sb-auth-refresh-token-reuse', case when reuse_cause is null then false end,
      'sb-auth-refresh-token-reuse-cause', reuse_cause)));
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
-- GoTrue's older refresh tokens, which come with data from there: rows in a table. The
-- first that is used moves its session to tokens of ours and is revoked by that, with all
-- others of the session.
--
-- A revoked one is taken where it can be an answer that got lost: the parent of the one
-- that is good now, which is then given once more, without any limit of time; or the one
-- that was moved, until ours is used. Else it has been copied, as in auth.refresh.

create or replace function auth_private.refresh_legacy(refresh_token text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  shown auth.refresh_tokens;
  active auth.refresh_tokens;
  held auth.sessions;
  owner auth.users;
  excuses text[];
begin
  select * into strict settings from auth_private.settings;
  select * into shown from auth.refresh_tokens t where t.token = refresh_legacy.refresh_token;
  if not found then
    perform auth_private.refuse('refresh_token_not_found');
  end if;

  held := auth_private.hold_session(shown.session_id);
  if held.id is null then
    perform auth_private.refuse('refresh_session_not_found');
  end if;
  if held.oauth_client_id is not null then
    perform auth_private.refuse('refresh_oauth_client');
  end if;
  -- Again: who was faster has changed it while we waited for the session.
  select * into strict shown from auth.refresh_tokens t where t.id = shown.id;
  select * into active
  from auth.refresh_tokens t
  where t.session_id = held.id and t.revoked is not true
  order by t.id desc
  limit 1;

  select * into strict owner from auth.users u where u.id = held.user_id;
  if owner.banned_until > now() then
    perform auth_private.refuse('refresh_banned');
  end if;
  perform auth_private.check_session(held, shown.updated_at);

  if shown.revoked is not true then
    update auth.refresh_tokens t
    set revoked = true, updated_at = now()
    where t.session_id = held.id and t.revoked is not true;
    update auth.sessions s
    set refresh_token_hmac_key = coalesce(
        s.refresh_token_hmac_key, auth_private.base64url(auth_private.random_bytes(32))),
      refresh_token_counter = coalesce(s.refresh_token_counter, 0)
    where s.id = held.id
    returning * into strict held;
    perform auth_private.audit('token_revoked', 'token', owner);
    return auth_private.renew_session(held, owner);
  end if;

  excuses := array_remove(array[
    case when clock_timestamp() - shown.updated_at
      < make_interval(secs => settings.security_refresh_token_reuse_interval)
      then 'concurrent-refresh' end,
    -- What one refresh writes has one time.
    case when active.parent = shown.token or held.refresh_token_counter = 1
      and held.refreshed_at at time zone 'utc' = shown.updated_at
      then 'fail-to-save' end,
    case when settings.security_refresh_token_allow_reuse then 'always-allow' end
  ], null);
  if excuses = '{}' or active.id is null and held.refresh_token_hmac_key is null then
    return auth_private.refresh_reused(held);
  end if;
  return auth_private.renew_session(held, owner, array_to_string(excuses, ','))
    || case when active.id is null then '{}'
      else jsonb_build_object('refresh_token', active.token) end;
end
$$;

comment on function auth_private.refresh_legacy is
  'auth.refresh for a token of twelve characters from GoTrue''s refresh_tokens.';
--! EndIncluded session/refresh_legacy.sql
--! Included session/admit_admin.sql
-- Decides whether a token may ask for what admins may. The role in it is what counts, so
-- an API key will do; where the token belongs to a session, its user must still have such
-- a role, so that taking the role away takes effect at once. With the hook
-- custom_access_token it is the hook that gives the role, and only the token has it.

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
  role text;
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
  role := case when auth_private.hook_uri('custom_access_token') is null
    then bearer.role else claims ->> 'role' end;
  if coalesce(role, '') <> all (admins) then
    perform auth_private.refuse('not_admin');
  end if;
  if auth_private.session_fault(present) is not null then
    perform auth_private.refuse('admin_session_expired');
  end if;
  return role;
end
$$;

comment on function auth_private.admit_admin is
  'The database role that an admin''s request with these verified claims runs as. Refuses: not_admin, session_expired, user_banned.';
--! EndIncluded session/admit_admin.sql
--! Included session/admit.sql
-- Decides whether a token that is well signed and in time is still good, and as what
-- the request runs. One probe by primary key, so that signing out, a ban, a deletion
-- and a new role take effect at the next statement.
--
-- With the hook custom_access_token the role is what the application decided when it was
-- asked, and stands in the token: the user's own counts no more.

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

  if required <> 'user' then
    -- Others may sign tokens with our key that name none of our users. Most requests end
    -- here, so this asks no table.
    if session = no_session or sub !~ uuid_form then
      return coalesce(nullif(claims ->> 'role', ''), 'anon');
    end if;
    if not (select s.sessions_checked_live from auth_private.settings s) then
      return coalesce(nullif(claims ->> 'role', ''), 'anon');
    end if;
  end if;

  select case when by.hook_custom_access_token_enabled then claims ->> 'role' else u.role end
      as role,
    u.banned_until, s.id as session_id
  into bearer
  from auth.users u
  cross join auth_private.settings by
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
-- so letters beyond ASCII are encoded. In the fragment GoTrue encodes twice what is no plus
-- sign, and so do we, for clients that expect it.

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
        -- Names alone: a server that logs plans shows what a condition compares with.
        where kept.text <> ''
          and split_part(kept.text, '=', 1) not in (select jsonb_object_keys(query))
        union all
        select key, 0, key || '=' || auth_private.url_encode(value)
        from jsonb_each_text(query)
      ) pair
    ), '')
    || coalesce('#' || (
      select string_agg(key || '=' || replace(auth_private.url_encode(value), '%', '%25'), '&'
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
--! Included provider/is_site.sql
-- Whatever is sent to another site, secrets and codes, is sent encrypted. A site on this machine
-- needs that less, and is where people try things out.

create or replace function auth_private.is_site(url text)
returns boolean
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(parsed.scheme = 'https' and parsed.host <> ''
    or parsed.scheme = 'http'
      and parsed.host in ('localhost', '127.0.0.1', '[::1]', 'host.docker.internal'), false)
    and char_length(is_site.url) <= 2048
  from auth_private.parse_url(is_site.url) parsed
$$;

comment on function auth_private.is_site is
  'Whether another site may be reached at this URL: by https, or by http on this machine.';
--! EndIncluded provider/is_site.sql
--! Included provider/configure_provider.sql
-- Changes the configuration of a built-in site. All faults are told at once, each with what is
-- allowed, and then nothing is changed. Faults never quote a secret.

create or replace function auth.configure_provider(provider text, changes jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  change record;
  fault boolean;
  faults text[] := '{}';
begin
  if not exists (
    select from auth_private.providers p where p.name = configure_provider.provider
  ) then
    perform auth_private.refuse('settings_invalid', array[
      format('%s is not a provider', configure_provider.provider)]);
  end if;

  for change in
    select c.key as name, c.value #>> '{}' as value, jsonb_typeof(c.value) as json,
      a.atttypid::regtype as type, col_description(a.attrelid, a.attnum) as allowed
    from jsonb_each(configure_provider.changes) c
    left join pg_attribute a on a.attrelid = 'auth_private.providers'::regclass
      and a.attname = c.key and a.attnum > 0 and not a.attisdropped and a.attname <> 'name'
    order by c.key
  loop
    if change.type is null then
      faults := faults || format('%s has no %s', configure_provider.provider, change.name);
      continue;
    end if;
    fault := case
      when change.name = 'url' then change.value <> '' and not auth_private.is_site(change.value)
      when change.name = 'redirect_uri' then change.value !~ '^(|https?://[^/[:space:]].*)$'
      when change.type = 'text'::regtype then change.json not in ('string', 'null')
      when change.type = 'text[]'::regtype
        then auth_private.setting_list(configure_provider.changes -> change.name) is null
      else false
    end;
    begin
      if not fault then
        execute format('update auth_private.providers set %1$I = $1::%2$s where name = $2',
          change.name, change.type)
        using case
          when change.type = 'text[]'::regtype
            then auth_private.setting_list(configure_provider.changes -> change.name)::text
          else coalesce(change.value, '')
        end, configure_provider.provider;
      end if;
    exception when data_exception then
      fault := true;
    end;
    if fault then
      faults := faults || format('%s of %s may not be %s. %s', change.name,
        configure_provider.provider, case change.name when 'secret' then 'that'
          else format('"%s"', change.value) end, change.allowed);
    end if;
  end loop;

  if faults <> '{}' then
    perform auth_private.refuse('settings_invalid', array[array_to_string(faults, E'\n')]);
  end if;
  return (
    select to_jsonb(p) - 'secret' || jsonb_build_object('has_secret', p.secret <> '')
    from auth_private.providers p
    where p.name = configure_provider.provider
  );
end
$$;

comment on function auth.configure_provider is
  'Configures a built-in site to sign in with, as auth.configure_provider(''google'', {"enabled": true, "client_id": "…", "secret": "…"}): enabled, client_id (a list), secret, redirect_uri, url, email_optional, skip_nonce_check, as GOTRUE_EXTERNAL_<PROVIDER>_… says them. Live at once. Returns the configuration without its secret. Refuses unknown names and bad values, all together: settings_invalid. For the owner.';
--! EndIncluded provider/configure_provider.sql
--! Included provider/require_custom_providers.sql
create or replace function auth_private.require_custom_providers()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not (select s.custom_oauth_enabled from auth_private.settings s) then
    perform auth_private.refuse('custom_providers_disabled');
  end if;
end
$$;

comment on function auth_private.require_custom_providers is
  'Passes where there may be providers of one''s own. Refuses: feature_disabled.';
--! EndIncluded provider/require_custom_providers.sql
--! Included provider/check_custom_identifier.sql
-- The prefix keeps these names apart from those of the sites that are built in.

create or replace function auth_private.check_custom_identifier(identifier text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(check_custom_identifier.identifier, '') = '' then
    perform auth_private.refuse('custom_provider_without', array['identifier']);
  end if;
  if not starts_with(check_custom_identifier.identifier, 'custom:') then
    perform auth_private.refuse(
      'custom_provider_prefix', array[check_custom_identifier.identifier]);
  end if;
end
$$;

comment on function auth_private.check_custom_identifier is
  'Passes custom:<anything>. Refuses: validation_failed.';
--! EndIncluded provider/check_custom_identifier.sql
--! Included provider/check_custom_provider.sql
-- What an administrator may say of a provider of one's own. It must not take over what is ours to
-- set in a sign-in, nor what a user is here. The addresses are checked by the gateway, which can
-- look where a host is.

create or replace function auth_private.check_custom_provider(provider auth.custom_oauth_providers)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  ours constant text[] := array['client_id', 'client_secret', 'redirect_uri', 'response_type',
    'state', 'code_challenge', 'code_challenge_method', 'code_verifier', 'nonce'];
  protected constant text[] := array['id', 'aud', 'role', 'app_metadata', 'created_at',
    'updated_at', 'confirmed_at', 'email_confirmed_at', 'phone_confirmed_at', 'email_verified',
    'phone_verified', 'banned_until', 'is_super_admin'];
  said record;
begin
  for said in
    select p.key, p.value from jsonb_each(provider.authorization_params) p order by p.key
  loop
    if lower(said.key) = any (ours) then
      perform auth_private.refuse('custom_provider_parameter_reserved', array[said.key]);
    end if;
    if jsonb_typeof(said.value) <> 'string' then
      perform auth_private.refuse(
        'custom_provider_parameter_not_text', array[to_json(said.key)::text]);
    end if;
  end loop;
  for said in
    select m.key from jsonb_object_keys(provider.attribute_mapping) m (key) order by m.key
  loop
    if said.key = any (protected) then
      perform auth_private.refuse('custom_provider_target_protected', array[said.key]);
    end if;
  end loop;
  if exists (
    select from unnest(provider.custom_claims_allowlist) claim
    where coalesce(btrim(claim, E' \t\r\n'), '') = ''
  ) then
    perform auth_private.refuse('custom_provider_claim_empty');
  end if;

  -- The table's own checks would show the secret in the server's log.
  if provider.identifier !~ '^[a-z0-9][a-z0-9:-]{0,48}[a-z0-9]$' then
    perform auth_private.refuse('custom_provider_identifier');
  end if;
  if char_length(provider.name) > 100 then
    perform auth_private.refuse('custom_provider_too_long', array['name', '100']);
  end if;
  if char_length(provider.client_id) > 512 then
    perform auth_private.refuse('custom_provider_too_long', array['client_id', '512']);
  end if;
end
$$;

comment on function auth_private.check_custom_provider is
  'Passes a provider of one''s own that may be stored. Refuses: validation_failed.';
--! EndIncluded provider/check_custom_provider.sql
--! Included provider/check_custom_urls.sql
-- Over HTTP the gateway has refused more than this: whatever is not https, or leads into its own
-- network. In psql a site on this machine will do, for trying things out.

create or replace function auth_private.check_custom_urls(provider auth.custom_oauth_providers)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  good constant text := '^(https://[^/]|http://'
    || '(localhost|127[.]0[.]0[.]1|[[]::1[]]|host[.]docker[.]internal)(:[0-9]+)?(/|$))';
  said record;
begin
  for said in
    select u.name
    from (
      values ('issuer', provider.issuer), ('discovery_url', provider.discovery_url),
        ('authorization_url', provider.authorization_url), ('token_url', provider.token_url),
        ('userinfo_url', provider.userinfo_url), ('jwks_uri', provider.jwks_uri)
    ) u (name, url)
    where u.url !~ good or char_length(u.url) > 2048
  loop
    perform auth_private.refuse('custom_provider_url', array[said.name]);
  end loop;
end
$$;

comment on function auth_private.check_custom_urls is
  'Passes addresses by https, or by http on this machine, of at most 2048 characters. Refuses: validation_failed.';
--! EndIncluded provider/check_custom_urls.sql
--! Included provider/with_openid.sql
-- Without this scope a site is not asked for an id_token (OpenID Connect Core, 3.1.2.1).

create or replace function auth_private.with_openid(scopes text[])
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when 'openid' = any (scopes) then scopes
    else array_prepend('openid', scopes) end
$$;

comment on function auth_private.with_openid is
  'These scopes, with openid first where they lack it.';
--! EndIncluded provider/with_openid.sql
--! Included provider/custom_provider_addresses.sql
-- Names as in gateway/provider/types.ts.

create or replace function auth_private.custom_provider_addresses(
  provider auth.custom_oauth_providers
)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_strip_nulls(jsonb_build_object(
    'provider_type', provider.provider_type,
    'issuer', provider.issuer,
    'discovery_url', provider.discovery_url,
    'authorization_url', provider.authorization_url,
    'token_url', provider.token_url,
    'userinfo_url', provider.userinfo_url,
    'jwks_uri', provider.jwks_uri))
$$;

comment on function auth_private.custom_provider_addresses is
  'What of a provider of one''s own leads to other sites, for the gateway to vet.';
--! EndIncluded provider/custom_provider_addresses.sql
--! Included provider/custom_provider_json.sql
create or replace function auth_private.custom_provider_json(provider auth.custom_oauth_providers)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'id', provider.id,
    'provider_type', provider.provider_type,
    'identifier', provider.identifier,
    'name', provider.name,
    'client_id', provider.client_id,
    'acceptable_client_ids', provider.acceptable_client_ids,
    'scopes', provider.scopes,
    'pkce_enabled', provider.pkce_enabled,
    'attribute_mapping', provider.attribute_mapping,
    'custom_claims_allowlist', provider.custom_claims_allowlist,
    'authorization_params', provider.authorization_params,
    'enabled', provider.enabled,
    'email_optional', provider.email_optional,
    'skip_nonce_check', provider.skip_nonce_check,
    'created_at', auth_private.rfc3339(provider.created_at),
    'updated_at', auth_private.rfc3339(provider.updated_at)
  ) || jsonb_strip_nulls(jsonb_build_object(
    'issuer', provider.issuer,
    'discovery_url', provider.discovery_url,
    'discovery_document', provider.cached_discovery,
    'authorization_url', provider.authorization_url,
    'token_url', provider.token_url,
    'userinfo_url', provider.userinfo_url,
    'jwks_uri', provider.jwks_uri
  ))
$$;

comment on function auth_private.custom_provider_json is
  'A provider of one''s own as the API shows it: without its secret.';
--! EndIncluded provider/custom_provider_json.sql
--! Included provider/custom_provider_named.sql
create or replace function auth_private.custom_provider_named(identifier text)
returns auth.custom_oauth_providers
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  known auth.custom_oauth_providers;
begin
  perform auth_private.check_custom_identifier(custom_provider_named.identifier);
  select * into known
  from auth.custom_oauth_providers c
  where c.identifier = custom_provider_named.identifier;
  if not found then
    perform auth_private.refuse('custom_provider_not_found');
  end if;
  return known;
end
$$;

comment on function auth_private.custom_provider_named is
  'The provider of one''s own with this identifier. Refuses: validation_failed without the prefix, custom_provider_not_found.';
--! EndIncluded provider/custom_provider_named.sql
--! Included provider/admin_create_custom_provider.sql
-- Over HTTP it is called twice, with the gateway between, which looks at the addresses and asks the
-- issuer for its document: first with only_check.

create or replace function auth.admin_create_custom_provider(
  provider_type text default null,
  identifier text default null,
  name text default null,
  client_id text default null,
  client_secret text default null,
  acceptable_client_ids text[] default '{}',
  scopes text[] default '{}',
  pkce_enabled boolean default true,
  attribute_mapping jsonb default '{}',
  custom_claims_allowlist text[] default '{}',
  authorization_params jsonb default '{}',
  enabled boolean default true,
  email_optional boolean default false,
  issuer text default null,
  discovery_url text default null,
  skip_nonce_check boolean default false,
  authorization_url text default null,
  token_url text default null,
  userinfo_url text default null,
  jwks_uri text default null,
  discovery_document jsonb default null,
  only_check boolean default false
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  oidc constant boolean := coalesce(provider_type, '') = 'oidc';
  most constant integer := (select s.custom_oauth_max_providers from auth_private.settings s);
  made auth.custom_oauth_providers;
  missing text;
begin
  perform auth_private.require_custom_providers();
  if coalesce(provider_type, '') not in ('oauth2', 'oidc') then
    perform auth_private.refuse('custom_provider_type');
  end if;
  perform auth_private.check_custom_identifier(identifier);
  select f.field into missing
  from (values (1, 'name', name), (2, 'client_id', client_id), (3, 'client_secret', client_secret))
    f (place, field, value)
  where coalesce(f.value, '') = ''
  order by f.place
  limit 1;
  if found then
    perform auth_private.refuse('custom_provider_without', array[missing]);
  end if;
  if oidc and coalesce(issuer, '') = '' then
    perform auth_private.refuse('custom_provider_without_issuer');
  end if;
  select f.field into missing
  from (
    values (1, 'authorization_url', authorization_url), (2, 'token_url', token_url),
      (3, 'userinfo_url', userinfo_url)
  ) f (place, field, value)
  where not oidc and coalesce(f.value, '') = ''
  order by f.place
  limit 1;
  if found then
    perform auth_private.refuse('custom_provider_without_url', array[missing]);
  end if;

  made.id := gen_random_uuid();
  made.provider_type := provider_type;
  made.identifier := identifier;
  made.name := name;
  made.client_id := client_id;
  made.client_secret := client_secret;
  made.acceptable_client_ids := coalesce(acceptable_client_ids, '{}');
  made.scopes := coalesce(scopes, '{}');
  made.pkce_enabled := coalesce(pkce_enabled, true);
  made.attribute_mapping := coalesce(attribute_mapping, '{}');
  made.custom_claims_allowlist := coalesce(custom_claims_allowlist, '{}');
  made.authorization_params := coalesce(authorization_params, '{}');
  made.enabled := coalesce(enabled, true);
  made.email_optional := coalesce(email_optional, false);
  made.skip_nonce_check := oidc and coalesce(skip_nonce_check, false);
  made.created_at := now();
  made.updated_at := now();
  if oidc then
    made.scopes := auth_private.with_openid(made.scopes);
    made.issuer := issuer;
    made.discovery_url := nullif(discovery_url, '');
    made.cached_discovery := discovery_document;
    made.discovery_cached_at := case when discovery_document is not null then now() end;
  else
    made.authorization_url := authorization_url;
    made.token_url := token_url;
    made.userinfo_url := userinfo_url;
    made.jwks_uri := nullif(jwks_uri, '');
  end if;
  perform auth_private.check_custom_provider(made);

  -- Of several that are made at once, no more than are allowed.
  perform pg_advisory_xact_lock(hashtextextended('auth.custom_oauth_providers', 0));
  if most > 0 and (select count(*) from auth.custom_oauth_providers) >= most then
    perform auth_private.refuse('custom_provider_quota');
  end if;
  if only_check then
    return auth_private.custom_provider_addresses(made) || jsonb_build_object('taken', exists (
      select from auth.custom_oauth_providers c where c.identifier = made.identifier));
  end if;
  perform auth_private.check_custom_urls(made);

  insert into auth.custom_oauth_providers select made.*
  on conflict do nothing;
  if not found then
    perform auth_private.refuse('custom_provider_exists');
  end if;
  perform auth_private.respond(201);
  return auth_private.custom_provider_json(made);
end
$$;

comment on function auth.admin_create_custom_provider is
  'Makes a provider of one''s own, as auth.admin_create_custom_provider(provider_type => ''oidc'', identifier => ''custom:acme'', name => ''Acme'', client_id => ''…'', client_secret => ''…'', issuer => ''https://id.acme.example''), or with oauth2 and authorization_url, token_url and userinfo_url. Returns it without its secret; with only_check stores nothing and returns what is to be vetted. Refuses: validation_failed, over_custom_provider_quota, conflict, feature_disabled. For the owner and the gateway. POST /admin/custom-providers.';

grant execute on function auth.admin_create_custom_provider to authenticator;
--! EndIncluded provider/admin_create_custom_provider.sql
--! Included provider/admin_update_custom_provider.sql
-- Over HTTP it is called twice, as auth.admin_create_custom_provider. Only what is changed is
-- vetted anew.

create or replace function auth.admin_update_custom_provider(
  identifier text default null,
  name text default null,
  client_id text default null,
  client_secret text default null,
  acceptable_client_ids text[] default null,
  scopes text[] default null,
  pkce_enabled boolean default null,
  attribute_mapping jsonb default null,
  custom_claims_allowlist text[] default null,
  authorization_params jsonb default null,
  enabled boolean default null,
  email_optional boolean default null,
  issuer text default null,
  discovery_url text default null,
  skip_nonce_check boolean default null,
  authorization_url text default null,
  token_url text default null,
  userinfo_url text default null,
  jwks_uri text default null,
  discovery_document jsonb default null,
  only_check boolean default false
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  moved constant boolean := coalesce(issuer, '') <> '' or coalesce(discovery_url, '') <> '';
  made auth.custom_oauth_providers;
  vetted auth.custom_oauth_providers;
begin
  perform auth_private.require_custom_providers();
  perform auth_private.check_custom_identifier(identifier);
  -- Not before what is said is known to be good: GoTrue's order.
  made.authorization_params := coalesce(authorization_params, '{}');
  made.attribute_mapping := coalesce(attribute_mapping, '{}');
  made.custom_claims_allowlist := coalesce(custom_claims_allowlist, '{}');
  perform auth_private.check_custom_provider(made);
  made := auth_private.custom_provider_named(identifier);

  made.name := coalesce(nullif(name, ''), made.name);
  made.client_id := coalesce(nullif(client_id, ''), made.client_id);
  made.client_secret := coalesce(nullif(client_secret, ''), made.client_secret);
  made.acceptable_client_ids := coalesce(acceptable_client_ids, made.acceptable_client_ids);
  made.scopes := coalesce(scopes, made.scopes);
  made.pkce_enabled := coalesce(pkce_enabled, made.pkce_enabled);
  made.attribute_mapping := coalesce(attribute_mapping, made.attribute_mapping);
  made.custom_claims_allowlist := coalesce(custom_claims_allowlist, made.custom_claims_allowlist);
  made.authorization_params := coalesce(authorization_params, made.authorization_params);
  made.enabled := coalesce(enabled, made.enabled);
  made.email_optional := coalesce(email_optional, made.email_optional);
  vetted.provider_type := made.provider_type;
  if made.provider_type = 'oidc' then
    made.scopes := auth_private.with_openid(made.scopes);
    made.skip_nonce_check := coalesce(skip_nonce_check, made.skip_nonce_check);
    made.issuer := coalesce(nullif(issuer, ''), made.issuer);
    made.discovery_url := coalesce(nullif(discovery_url, ''), made.discovery_url);
    if moved then
      made.cached_discovery := discovery_document;
      made.discovery_cached_at := case when discovery_document is not null then now() end;
      vetted.issuer := made.issuer;
      vetted.discovery_url := made.discovery_url;
    end if;
  else
    vetted.authorization_url := nullif(authorization_url, '');
    vetted.token_url := nullif(token_url, '');
    vetted.userinfo_url := nullif(userinfo_url, '');
    vetted.jwks_uri := nullif(jwks_uri, '');
    made.authorization_url := coalesce(vetted.authorization_url, made.authorization_url);
    made.token_url := coalesce(vetted.token_url, made.token_url);
    made.userinfo_url := coalesce(vetted.userinfo_url, made.userinfo_url);
    made.jwks_uri := coalesce(vetted.jwks_uri, made.jwks_uri);
  end if;
  perform auth_private.check_custom_provider(made);
  if only_check then
    return auth_private.custom_provider_addresses(vetted);
  end if;
  perform auth_private.check_custom_urls(made);

  update auth.custom_oauth_providers c
  set name = made.name, client_id = made.client_id, client_secret = made.client_secret,
    acceptable_client_ids = made.acceptable_client_ids, scopes = made.scopes,
    pkce_enabled = made.pkce_enabled, attribute_mapping = made.attribute_mapping,
    custom_claims_allowlist = made.custom_claims_allowlist,
    authorization_params = made.authorization_params, enabled = made.enabled,
    email_optional = made.email_optional, skip_nonce_check = made.skip_nonce_check,
    issuer = made.issuer, discovery_url = made.discovery_url,
    cached_discovery = made.cached_discovery, discovery_cached_at = made.discovery_cached_at,
    authorization_url = made.authorization_url, token_url = made.token_url,
    userinfo_url = made.userinfo_url, jwks_uri = made.jwks_uri, updated_at = now()
  where c.id = made.id
  returning c.* into made;
  return auth_private.custom_provider_json(made);
end
$$;

comment on function auth.admin_update_custom_provider is
  'Changes what is given of a provider of one''s own, as auth.admin_update_custom_provider(''custom:acme'', enabled => false); type and identifier stay. Empty texts change nothing, empty lists do. Returns it without its secret; with only_check stores nothing and returns what is to be vetted. Refuses: custom_provider_not_found, validation_failed, feature_disabled. For the owner and the gateway. PUT /admin/custom-providers/{identifier}.';

grant execute on function auth.admin_update_custom_provider to authenticator;
--! EndIncluded provider/admin_update_custom_provider.sql
--! Included provider/admin_get_custom_provider.sql
create or replace function auth.admin_get_custom_provider(identifier text default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.require_custom_providers();
  return auth_private.custom_provider_json(
    auth_private.custom_provider_named(admin_get_custom_provider.identifier));
end
$$;

comment on function auth.admin_get_custom_provider is
  'A provider of one''s own, without its secret. Refuses: custom_provider_not_found, validation_failed, feature_disabled. GET /admin/custom-providers/{identifier}.';

grant execute on function auth.admin_get_custom_provider to service_role;
--! EndIncluded provider/admin_get_custom_provider.sql
--! Included provider/admin_list_custom_providers.sql
create or replace function auth.admin_list_custom_providers(type text default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.require_custom_providers();
  if coalesce(admin_list_custom_providers.type, '') not in ('', 'oauth2', 'oidc') then
    perform auth_private.refuse('custom_provider_type_filter');
  end if;
  return jsonb_build_object('providers', (
    select coalesce(
      jsonb_agg(auth_private.custom_provider_json(c) order by c.created_at desc, c.id), '[]')
    from auth.custom_oauth_providers c
    where coalesce(admin_list_custom_providers.type, '') in ('', c.provider_type)
  ));
end
$$;

comment on function auth.admin_list_custom_providers is
  'The providers of one''s own, newest first, of one type (oauth2 or oidc) or all: {"providers": […]}, without their secrets. Refuses: validation_failed, feature_disabled. GET /admin/custom-providers.';

grant execute on function auth.admin_list_custom_providers to service_role;
--! EndIncluded provider/admin_list_custom_providers.sql
--! Included provider/admin_delete_custom_provider.sql
-- Identities of people who came by it stay: they are theirs, and the provider may come again.

create or replace function auth.admin_delete_custom_provider(identifier text default null)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.require_custom_providers();
  perform auth_private.check_custom_identifier(admin_delete_custom_provider.identifier);
  delete from auth.custom_oauth_providers c
  where c.identifier = admin_delete_custom_provider.identifier;
  if not found then
    perform auth_private.refuse('custom_provider_not_found');
  end if;
  perform auth_private.respond(204);
end
$$;

comment on function auth.admin_delete_custom_provider is
  'Deletes a provider of one''s own: nobody can sign in by it any more, who did stays. Refuses: custom_provider_not_found, validation_failed, feature_disabled. DELETE /admin/custom-providers/{identifier}.';

grant execute on function auth.admin_delete_custom_provider to service_role;
--! EndIncluded provider/admin_delete_custom_provider.sql
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

--! Included hook/hook_uri.sql
-- A hook that is on and leads nowhere gives an empty text: calling it is refused, since
-- whoever turned it on wanted a decision, and silence would be a yes.

create or replace function auth_private.hook_uri(name text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case hook_uri.name
    when 'before_user_created'
      then case when s.hook_before_user_created_enabled then s.hook_before_user_created_uri end
    when 'after_user_created'
      then case when s.hook_after_user_created_enabled then s.hook_after_user_created_uri end
    when 'custom_access_token'
      then case when s.hook_custom_access_token_enabled then s.hook_custom_access_token_uri end
    when 'send_email'
      then case when s.hook_send_email_enabled then s.hook_send_email_uri end
    when 'send_sms'
      then case when s.hook_send_sms_enabled then s.hook_send_sms_uri end
    when 'password_verification_attempt'
      then case when s.hook_password_verification_attempt_enabled
        then s.hook_password_verification_attempt_uri end
    when 'mfa_verification_attempt'
      then case when s.hook_mfa_verification_attempt_enabled
        then s.hook_mfa_verification_attempt_uri end
  end
  from auth_private.settings s
$$;

comment on function auth_private.hook_uri is
  'What is called for a hook, by the name of its settings; null where the hook is off.';
--! EndIncluded hook/hook_uri.sql
--! Included hook/hook_statement.sql
-- Names come from the catalogue, so pg_temp, whose functions anyone can make, is no schema
-- that a hook could be in.

create or replace function auth_private.hook_statement(uri text)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select format('select %I.%I($1::%s)', n.nspname, p.proname, p.proargtypes[0]::regtype)
  from regexp_match(uri, '^pg-functions://[^/]*/([^/]+)/([^/]+)$') named
  join pg_namespace n on n.nspname = named[1]
  join pg_proc p on p.pronamespace = n.oid and p.proname = named[2]
  where p.prokind = 'f'
    and p.proargtypes[0] in ('json'::regtype, 'jsonb'::regtype)
    and p.pronargs - p.pronargdefaults <= 1
  order by p.proargtypes[0] = 'jsonb'::regtype desc, p.pronargs
  limit 1
$$;

comment on function auth_private.hook_statement is
  'The call of the function that pg-functions://any/schema/function names, with $1 for its one json or jsonb argument; null where there is no such function.';
--! EndIncluded hook/hook_statement.sql
--! Included hook/hook_input.sql
create or replace function auth_private.hook_input(name text, payload jsonb)
returns jsonb
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select payload || jsonb_build_object('metadata', jsonb_strip_nulls(jsonb_build_object(
    'uuid', gen_random_uuid(),
    'time', auth_private.rfc3339(clock_timestamp()),
    'name', case hook_input.name
      when 'custom_access_token' then 'customize-access-token'
      when 'password_verification_attempt' then 'password-verification'
      when 'mfa_verification_attempt' then 'mfa-verification'
      else replace(hook_input.name, '_', '-')
    end,
    'ip_address', host(auth_private.client_ip())
  )))
$$;

comment on function auth_private.hook_input is
  'What a hook is given: the payload and the metadata of this one call.';
--! EndIncluded hook/hook_input.sql
--! Included hook/hook_error.sql
-- A refusal has to look like one: a status that is none of an error's becomes 500.

create or replace function auth_private.hook_error(
  output jsonb,
  out status integer,
  out message text
)
returns record
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select
    case when output #>> '{error,http_code}' ~ '^[45][0-9][0-9]$'
      then (output #>> '{error,http_code}')::integer else 500 end,
    nullif(output #>> '{error,message}', '')
$$;

comment on function auth_private.hook_error is
  'The refusal in a hook''s output {"error": {"http_code", "message"}}; its message is null where there is none.';
--! EndIncluded hook/hook_error.sql
--! Included hook/hook_refused.sql
create or replace function auth_private.hook_refused(status integer, message text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.respond(hook_refused.status);
  return jsonb_build_object(
    'code', hook_refused.status,
    'error_code', case hook_refused.status when 500 then 'unexpected_failure' else 'unknown' end,
    'msg', hook_refused.message);
end
$$;

comment on function auth_private.hook_refused is
  'What a hook refuses with as a result, with its status set for PostgREST and the gateway. Keeps what the statement did.';
--! EndIncluded hook/hook_refused.sql
--! Included hook/call_hook.sql
-- Calls a function of the application: as the owner of this function, on its path, in the
-- transaction of the request.
--
-- What a hook raises on purpose, or a constraint of its tables, is told to the client in
-- its own words, as with an application's triggers. Of any other failure the client learns
-- only which hook it was. The log learns the reason, and never the payload: it holds codes
-- and links, and the errors of class 22 quote the value that they could not read.

create or replace function auth_private.call_hook(name text, payload jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  uri constant text := auth_private.hook_uri(call_hook.name);
  statement constant text := auth_private.hook_statement(uri);
  said text;
  output jsonb;
  state text;
  message text;
  place text;
begin
  if statement is null then
    raise log 'hook %: auth_owner sees no function with one json or jsonb argument at %',
      call_hook.name, uri;
    perform auth_private.refuse('hook_failed', array[uri]);
  end if;

  begin
    execute statement into said using auth_private.hook_input(call_hook.name, payload);
  exception when others then
    get stacked diagnostics
      state = returned_sqlstate, message = message_text, place = pg_exception_context;
    if state like 'PT%' or state in (
      'P0001', '23000', '23001', '23502', '23503', '23505', '23514', '23P01')
    then
      raise;
    end if;
    raise log 'hook % failed: %, %, %', call_hook.name, state,
      case when state like '22%' then regexp_replace(message, '".*"', '"…"') else message end,
      substring(place from '(?:PL/pgSQL|SQL) function [^' || chr(10) || ']*');
    perform auth_private.refuse('hook_failed', array[uri]);
  end;

  begin
    output := nullif(said, '');
  exception when data_exception then
    perform auth_private.refuse('hook_output_invalid');
  end;
  if jsonb_typeof(output) not in ('object', 'null') then
    perform auth_private.refuse('hook_output_invalid');
  end if;
  return nullif(output, 'null');
end
$$;

comment on function auth_private.call_hook is
  'What a hook of the database says to the payload, an object; null where it says nothing. Its own {"error": …} is not looked at. Refuses: unexpected_failure, and what the hook raises.';
--! EndIncluded hook/call_hook.sql
--! Included hook/run_hook.sql
-- Only functions of the database decide anything here: a database that waited for another
-- site would hold its locks meanwhile. Hooks at an https URL send what was decided.

create or replace function auth_private.run_hook(name text, payload jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  output constant jsonb := auth_private.call_hook(run_hook.name, payload);
  error record;
begin
  error := auth_private.hook_error(output);
  if error.message is not null then
    raise exception using errcode = 'PT' || error.status, message = error.message,
      detail = case error.status when 500 then 'unexpected_failure' else 'unknown' end,
      schema = 'auth';
  end if;
  return output;
end
$$;

comment on function auth_private.run_hook is
  'What a hook of the database says to the payload, an object; null where it says nothing. Refuses what the hook refuses, which undoes what the statement and the hook did, and what auth_private.call_hook refuses.';
--! EndIncluded hook/run_hook.sql
--! Included hook/claim_faults.sql
-- The claims that Supabase's clients and policies stand on, checked as GoTrue does, in the
-- words of its JSON schema.

create or replace function auth_private.claim_faults(claims jsonb)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  with given as (
    select 'root' as name, null::integer as item, coalesce(claims, 'null') as value
    union all
    select c.key, null, c.value
    from jsonb_each(case jsonb_typeof(claims) when 'object' then claims else '{}' end) c
    union all
    select 'amr', a.place::integer - 1, a.value
    from jsonb_array_elements(
      case jsonb_typeof(claims -> 'amr') when 'array' then claims -> 'amr' else '[]' end)
      with ordinality a (value, place)
  ),
  expected (place, name, types) as (
    values
      (1, 'root', '{object}'::text[]),
      (2, 'aud', '{string,array}'), (3, 'exp', '{integer}'), (4, 'jti', '{string}'),
      (5, 'iat', '{integer}'), (6, 'iss', '{string}'), (7, 'nbf', '{integer}'),
      (8, 'sub', '{string}'), (9, 'email', '{string}'), (10, 'phone', '{string}'),
      (11, 'app_metadata', '{object}'), (12, 'user_metadata', '{object}'),
      (13, 'role', '{string}'), (14, 'aal', '{string}'), (15, 'amr', '{array}'),
      (16, 'session_id', '{string}'), (17, 'client_id', '{string}')
  ),
  typed as (
    select g.name, g.item,
      case
        when jsonb_typeof(g.value) <> 'number' then jsonb_typeof(g.value)
        when trunc((g.value #>> '{}')::numeric) = (g.value #>> '{}')::numeric then 'integer'
        else 'number'
      end as type
    from given g
  ),
  faults (place, item, text) as (
    select 0, r.place::integer, format('(root): %s is required', r.name)
    from unnest('{aud,exp,iat,sub,email,phone,role,aal,session_id,is_anonymous}'::text[])
      with ordinality r (name, place)
    where jsonb_typeof(claims) = 'object' and not claims ? r.name
    union all
    select e.place, null, format('%s: Invalid type. Expected: %s, given: %s',
      case e.name when 'root' then '(root)' else e.name end,
      case array_length(e.types, 1) when 1 then e.types[1]
        else '[' || array_to_string(e.types, ',') || ']' end,
      t.type)
    from expected e
    join typed t on t.name = e.name and t.item is null
    where t.type <> all (e.types)
    union all
    select 15, t.item, format('amr.%s: %s', t.item, said.text)
    from typed t
    cross join unnest(array[
      'Must validate at least one schema (anyOf)',
      'Invalid type. Expected: string, given: ' || t.type]) said (text)
    where t.item is not null and t.type not in ('string', 'object')
  )
  select coalesce(array_agg(f.text order by f.place, f.item, f.text desc), '{}')
  from faults f
$$;

comment on function auth_private.claim_faults is
  'What is wrong with the claims of an access token, a line each; empty for good ones.';
--! EndIncluded hook/claim_faults.sql
--! Included hook/custom_claims.sql
-- Lets the application decide what an access token says. What it says replaces everything,
-- so the role in the token may be another than the user's; auth_private.admit believes it.

create or replace function auth_private.custom_claims(claims jsonb, user_id uuid, method text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  output jsonb;
  faults text[];
begin
  if auth_private.hook_uri('custom_access_token') is null then
    return claims;
  end if;

  output := auth_private.run_hook('custom_access_token', jsonb_build_object(
    'user_id', custom_claims.user_id,
    'claims', custom_claims.claims,
    'authentication_method', custom_claims.method));
  if output is not null and not output ? 'claims' then
    perform auth_private.refuse('hook_claims_missing');
  end if;
  if jsonb_typeof(output -> 'claims') not in ('object', 'null') then
    perform auth_private.refuse('hook_output_invalid');
  end if;

  faults := auth_private.claim_faults(output -> 'claims');
  if faults <> '{}' then
    perform auth_private.refuse('hook_claims_invalid', array[
      chr(10) || '- ' || array_to_string(faults, chr(10) || '- ') || chr(10)]);
  end if;
  return output -> 'claims';
end
$$;

comment on function auth_private.custom_claims is
  'The claims as the hook custom_access_token wants them, for a sign-in by this method or token_refresh; the same claims without the hook. Refuses what the hook refuses, and unexpected_failure for claims that clients could not read.';
--! EndIncluded hook/custom_claims.sql
--! Included hook/before_user_created.sql
-- The application may say no to a user. It is asked for unknown addresses only, so its
-- answers can tell who has an account: a hook that refuses some addresses tells of these.

create or replace function auth_private.before_user_created(
  id uuid,
  email text,
  phone text,
  user_metadata jsonb,
  provider text default null
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newcomer auth.users;
  way constant text := case
    when before_user_created.provider <> '' then before_user_created.provider
    when before_user_created.email <> '' then 'email'
    when before_user_created.phone <> '' then 'phone' end;
begin
  if auth_private.hook_uri('before_user_created') is null then
    return;
  end if;

  newcomer.id := before_user_created.id;
  newcomer.aud := auth_private.requested_aud();
  newcomer.email := before_user_created.email;
  newcomer.phone := before_user_created.phone;
  newcomer.raw_app_meta_data := case when way is null then '{}'
    else jsonb_build_object('provider', way, 'providers', array[way]) end;
  newcomer.raw_user_meta_data := before_user_created.user_metadata;
  newcomer.is_anonymous := way is null;
  perform auth_private.run_hook('before_user_created', jsonb_build_object(
    'user', auth_private.user_json(newcomer)
      || '{"created_at": "0001-01-01T00:00:00Z", "updated_at": "0001-01-01T00:00:00Z"}'));
end
$$;

comment on function auth_private.before_user_created is
  'Asks the hook of this name about a user that is going to be made. Refuses what the hook refuses.';
--! EndIncluded hook/before_user_created.sql
--! Included hook/after_user_created.sql
-- Told once of each user that is made, when it is there. Whatever the hook says, the user
-- stays: its error is returned to the client, and only what the hook itself did before it
-- raised is undone.

create or replace function auth_private.after_user_created(user_id uuid)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newcomer auth.users;
  error record;
  message text;
  state text;
begin
  if auth_private.hook_uri('after_user_created') is null then
    return null;
  end if;

  select * into strict newcomer from auth.users u where u.id = after_user_created.user_id;
  begin
    error := auth_private.hook_error(auth_private.call_hook('after_user_created',
      jsonb_build_object('user', auth_private.user_json(newcomer))));
  exception when others then
    get stacked diagnostics state = returned_sqlstate, message = message_text;
    return auth_private.hook_refused(
      case when state ~ '^PT[45][0-9][0-9]$' then substr(state, 3)::integer else 500 end, message);
  end;

  if error.message is null then
    return null;
  end if;
  return auth_private.hook_refused(error.status, error.message);
end
$$;

comment on function auth_private.after_user_created is
  'Tells the hook of this name of a user that was made. Returns the hook''s refusal, with its status set, else null.';
--! EndIncluded hook/after_user_created.sql
--! Included hook/password_attempted.sql
-- Tells the application of a right or wrong password, and lets it refuse even the right
-- one. What it writes, as a count of failures, must outlive the refusal, so with this hook
-- refusals are returned and not raised. Of an unknown address there is nobody to tell.

create or replace function auth_private.password_attempted(claimant auth.users, valid boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  output jsonb;
  error record;
begin
  if claimant.id is null or coalesce(claimant.encrypted_password, '') = ''
    or auth_private.hook_uri('password_verification_attempt') is null
  then
    return null;
  end if;

  output := auth_private.call_hook('password_verification_attempt', jsonb_build_object(
    'user_id', claimant.id, 'valid', password_attempted.valid));
  error := auth_private.hook_error(output);
  if error.message is not null then
    return auth_private.hook_refused(error.status, error.message);
  end if;

  if jsonb_typeof(output -> 'decision') not in ('string', 'null')
    or jsonb_typeof(output -> 'message') not in ('string', 'null')
    or jsonb_typeof(output -> 'should_logout_user') not in ('boolean', 'null')
  then
    perform auth_private.refuse('hook_output_invalid');
  end if;
  if output ->> 'decision' = 'reject' then
    if output -> 'should_logout_user' = 'true' then
      delete from auth.sessions s where s.user_id = claimant.id;
    end if;
    return auth_private.refused('password_rejected', array[coalesce(
      nullif(output ->> 'message', ''),
      'Further password verification attempts will be rejected.')]);
  end if;
  if not password_attempted.valid then
    return auth_private.refused('invalid_credentials');
  end if;
  return null;
end
$$;

comment on function auth_private.password_attempted is
  'Tells the hook password_verification_attempt. Returns what is to be returned instead of a session: the refusal of a wrong password, or the hook''s; else null, always so without the hook.';
--! EndIncluded hook/password_attempted.sql
--! Included hook/hook_send.sql
-- A function of the database sends within the transaction, and its refusal undoes what was
-- to be sent about. A hook at a URL is called by the worker, which tries until it is heard:
-- a site that is down fails nobody's request. The uuid in the metadata stays the same.

create or replace function auth_private.hook_send(
  name text,
  recipient auth.users,
  address text,
  payload jsonb
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if auth_private.hook_uri(hook_send.name) !~ '^https?:' then
    perform auth_private.run_hook(hook_send.name, hook_send.payload);
    return;
  end if;

  insert into auth_private.outbox (channel, kind, user_id, recipient, variables)
  values ('hook', hook_send.name, recipient.id, hook_send.address,
    auth_private.hook_input(hook_send.name, hook_send.payload));
end
$$;

comment on function auth_private.hook_send is
  'Gives what is to be sent to the address to the hook send_email or send_sms. Refuses what a hook of the database refuses.';
--! EndIncluded hook/hook_send.sql
--! Included hook/hook_email.sql
-- Hands a mail to the application instead of the mail server.

create or replace function auth_private.hook_email(
  kind text,
  recipient auth.users,
  address text,
  data jsonb
)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.hook_send('send_email', recipient, address, jsonb_build_object(
    'user', auth_private.user_json(recipient),
    'email_data', jsonb_build_object(
      'token', '',
      'token_hash', '',
      'redirect_to', auth_private.redirect_target(null),
      'email_action_type', case hook_email.kind
        when 'confirmation' then 'signup'
        when 'magic_link' then 'magiclink'
        else hook_email.kind
      end,
      'site_url', s.api_external_url,
      'token_new', '',
      'token_hash_new', '',
      'old_email', '',
      'old_phone', '',
      'provider', '',
      'factor_type', ''
    ) || jsonb_strip_nulls(data)))
  from auth_private.settings s
$$;

comment on function auth_private.hook_email is
  'Gives a mail of this kind to the hook send_email: the user, and email_data with all its keys. Refuses what the hook refuses.';
--! EndIncluded hook/hook_email.sql
--! Included hook/hook_target.sql
-- Read when the worker is about to call, so a new address or secret holds for what has been
-- waiting, too.

create or replace function auth_private.hook_target(channel text, name text)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case hook_target.name
    when 'send_email' then jsonb_build_object(
      'uri', s.hook_send_email_uri, 'secrets', s.hook_send_email_secrets)
    when 'send_sms' then jsonb_build_object(
      'uri', s.hook_send_sms_uri, 'secrets', s.hook_send_sms_secrets)
  end
  from auth_private.settings s
  where hook_target.channel = 'hook'
$$;

comment on function auth_private.hook_target is
  'Where the worker calls the hook send_email or send_sms and what signs the call, for a row of channel hook; else null.';
--! EndIncluded hook/hook_target.sql

--! Included limit/limit_key.sql
-- Whoever has one IPv6 address has the other 2^64 of its network, too.

create or replace function auth_private.limit_key(address inet)
returns text
language sql immutable
return case family(address)
  when 6 then network(set_masklen(address, 64))::text
  when 4 then host(address)
  else ''
end;

comment on function auth_private.limit_key is
  'Who counts as one client: an IPv4 address, or the /64 of an IPv6 one; empty for null.';
--! EndIncluded limit/limit_key.sql
--! Included limit/request_limit.sql
-- GoTrue's buckets, rates and bursts. Two names that share a rate are two buckets.

create or replace function auth_private.request_limit(
  bucket text,
  out pace interval,
  out burst integer
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select
    -- Three years are as good as more, and no arithmetic overflows.
    case when named.rate > 0
      then interval '1 second' * least(named.seconds / named.rate, 1e8)::float8 end,
    least(named.burst, 2147483647)::integer
  from auth_private.settings s
  cross join lateral (
    values
      ('signup', s.rate_limit_otp, 300, 30::numeric),
      ('otp', s.rate_limit_otp, 300, 30),
      ('magiclink', s.rate_limit_otp, 300, 30),
      ('recover', s.rate_limit_otp, 300, 30),
      ('resend', s.rate_limit_otp, 300, 30),
      ('user', s.rate_limit_otp, 300, 30),
      ('token', s.rate_limit_token_refresh, 300, 30),
      ('verify', s.rate_limit_verify, 300, 30),
      ('anonymous', s.rate_limit_anonymous_users, 3600, ceil(s.rate_limit_anonymous_users))
  ) named (bucket, rate, seconds, burst)
  where named.bucket = request_limit.bucket
$$;

comment on function auth_private.request_limit is
  'How much a client may take from a bucket: burst at once, and one more after each pace; pace is null where nothing may be taken, and all is null for a bucket that there is not.';
--! EndIncluded limit/request_limit.sql
--! Included limit/take_from_bucket.sql
-- Takes one from a token bucket. When it will be full again is all that has to be known of
-- it, so that one upsert tests and takes: of any number of parallel requests exactly as many
-- pass as the bucket holds.
--
-- By the clock, not by the beginning of the transaction: who had to wait for another request
-- began before that one took.

create or replace function auth_private.take_from_bucket(
  bucket text,
  client text,
  pace interval,
  burst integer
)
returns interval
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  was_full boolean;
begin
  if pace is null or burst < 1 then
    return interval '5 minutes';
  end if;

  insert into auth_private.rate_limits as r (bucket, client, full_at)
  values (take_from_bucket.bucket, take_from_bucket.client, clock_timestamp() + pace)
  on conflict on constraint rate_limits_pkey do update
  set full_at = greatest(r.full_at, clock_timestamp()) + pace
  where greatest(r.full_at, clock_timestamp()) + pace <= clock_timestamp() + burst * pace
  returning r.full_at <= clock_timestamp() + pace into was_full;

  if not found then
    return (
      select r.full_at + pace - burst * pace - clock_timestamp()
      from auth_private.rate_limits r
      where r.bucket = take_from_bucket.bucket and r.client = take_from_bucket.client
    );
  end if;

  -- A few buckets that nobody uses any more go with each that comes into use, so the table
  -- never grows past what is in use.
  if was_full then
    delete from auth_private.rate_limits r
    using (
      select o.bucket, o.client
      from auth_private.rate_limits o
      where o.full_at < now() and o.client <> ''
      order by o.full_at
      limit 10
      for update skip locked
    ) unused
    where r.bucket = unused.bucket and r.client = unused.client;
  end if;
  return null;
end
$$;

comment on function auth_private.take_from_bucket is
  'Takes one from the bucket, which holds burst and gets one back after each pace (null: never). Returns null, or, having taken nothing, how long to wait.';
--! EndIncluded limit/take_from_bucket.sql
--! Included limit/take_request.sql
-- Counts a request against its client's limit. Anonymous sign-ins have a bucket of their own
-- although they come by the same road; those that are not allowed anyway are not counted.

create or replace function auth_private.take_request(bucket text, args jsonb)
returns interval
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  taken_from text := take_request.bucket;
  allowed record;
begin
  select * into strict settings from auth_private.settings;

  if settings.rate_limit_header = '' and not settings.security_sb_forwarded_for_enabled then
    return null;
  end if;
  if taken_from = 'signup' and coalesce(args ->> 'email', '') = ''
    and coalesce(args ->> 'phone', '') = ''
  then
    if not settings.external_anonymous_users_enabled then
      return null;
    end if;
    taken_from := 'anonymous';
  end if;

  select * into allowed from auth_private.request_limit(taken_from);
  return auth_private.take_from_bucket(taken_from,
    auth_private.limit_key(auth_private.client_ip()), allowed.pace, allowed.burst);
end
$$;

comment on function auth_private.take_request is
  'Counts the request against the limit that its route names, if clients are limited at all. Returns null, or how long to wait where there is nothing left.';
--! EndIncluded limit/take_request.sql
--! Included limit/captcha_fault.sql
-- The gateway has asked the captcha's provider; what follows from its verdict is decided
-- here. Admins need no captcha, as programs can solve none.

create or replace function auth_private.captcha_fault(captcha jsonb)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if captcha is null
    or not (select s.security_captcha_enabled from auth_private.settings s)
    or coalesce((captcha ->> 'success')::boolean, false)
  then
    return null;
  end if;
  if jsonb_typeof(captcha -> 'bearer') = 'object' then
    begin
      perform auth_private.admit_admin(captcha -> 'bearer');
      return null;
    exception when sqlstate 'PT403' then
      -- Whoever shows a token that is no admin's is asked like everybody.
    end;
  end if;

  if captcha ->> 'success' is null then
    return auth_private.refused('captcha_unverified');
  end if;
  return auth_private.refused('captcha_failed', array[(
    select coalesce(string_agg(error, ', '), '')
    from jsonb_array_elements_text(captcha -> 'error_codes') error
  )]);
end
$$;

comment on function auth_private.captcha_fault is
  'The refusal of a request that the captcha stops; null for others. captcha is what the gateway found out: bearer, the claims of the request''s token if it has one; success, null if the provider could not be asked; error_codes. Null where no captcha is asked for.';
--! EndIncluded limit/captcha_fault.sql
--! Included limit/gate.sql
-- What a request has to pass before its function is called: the captcha and the limit of
-- its client. A refusal is returned, since the limit counts refused requests, too.

create or replace function auth_private.gate(bucket text, args jsonb, request jsonb)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  -- GoTrue's order: there, what the captcha stops is not counted.
  captcha_first constant boolean := gate.bucket in ('', 'signup', 'token');
  captcha constant jsonb := gate.request -> 'captcha';
  refusal jsonb;
  wait interval;
begin
  if captcha_first then
    refusal := auth_private.captcha_fault(captcha);
  end if;
  if refusal is not null then
    return refusal;
  end if;
  if gate.bucket <> '' then
    perform set_config(
      'request.remote_addr', coalesce(gate.request ->> 'remote_addr', ''), true);
    wait := auth_private.take_request(gate.bucket, gate.args);
  end if;
  if wait is not null then
    refusal := auth_private.refused('over_request_rate_limit');
    perform auth_private.respond(429, jsonb_build_object(
      'retry-after', greatest(1, ceil(extract(epoch from wait)))::integer));
    return refusal;
  end if;
  return case when not captcha_first then auth_private.captcha_fault(captcha) end;
end
$$;

comment on function auth_private.gate is
  'Counts a request against the limit that its route names (empty: none) and looks at its captcha. Returns null, or the refusal: over_request_rate_limit with Retry-After, captcha_failed, unexpected_failure.';

grant execute on function auth_private.gate to authenticator;
--! EndIncluded limit/gate.sql
--! Included limit/send_limit.sql
create or replace function auth_private.send_limit(
  channel text,
  out size integer,
  out pace interval
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  -- A million paces of 30 days are about what an interval can hold. By case, since least
  -- takes null for no candidate.
  select
    case when l.told is not null
      then least(split_part(l.told, '/', 1)::numeric, 1000000)::integer end,
    case when l.told like '%/%'
      then least(split_part(l.told, '/', 2)::interval, interval '30 days') end
  from auth_private.settings s
  cross join lateral (
    select case send_limit.channel when 'sms' then s.rate_limit_sms_sent
      else s.rate_limit_email_sent end as told
  ) l
$$;

comment on function auth_private.send_limit is
  'How many mails or SMS (channel sms) the instance may send: size in an hour; or, where pace is not null, size at once and one more after each pace. A null size is no limit.';
--! EndIncluded limit/send_limit.sql
--! Included limit/sends_exhausted.sql
-- A look without a lock, so that what is hopeless is refused early. It may be wrong when
-- others are sending: auth_private.take_send is not.

create or replace function auth_private.sends_exhausted(channel text)
returns boolean
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select l.size = 0 or exists (
    select
    from auth_private.rate_limits r
    where r.bucket = sends_exhausted.channel || '_sent' and r.client = ''
      and case when l.pace is null
        then r.taken >= l.size and r.full_at > clock_timestamp()
        else r.taken is null and r.full_at + l.pace > clock_timestamp() + l.size * l.pace
      end
  )
  from auth_private.send_limit(sends_exhausted.channel) l
$$;

comment on function auth_private.sends_exhausted is
  'Whether nothing is left of what the instance may send by a channel: email or sms.';
--! EndIncluded limit/sends_exhausted.sql
--! Included limit/take_send.sql
create or replace function auth_private.take_send(channel text)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  allowed constant record := auth_private.send_limit(take_send.channel);
  bucket constant text := take_send.channel || '_sent';
begin
  if allowed.size = 0 then
    return false;
  end if;
  if allowed.size is null then
    return true;
  end if;
  if allowed.pace is not null then
    -- An hour that began under another setting is no bucket.
    delete from auth_private.rate_limits r
    where r.bucket = take_send.channel || '_sent' and r.client = '' and r.taken is not null;
    return auth_private.take_from_bucket(bucket, '', allowed.pace, allowed.size) is null;
  end if;

  insert into auth_private.rate_limits as r (bucket, client, full_at, taken)
  values (bucket, '', clock_timestamp() + interval '1 hour', 1)
  on conflict on constraint rate_limits_pkey do update
  set taken = case when r.full_at > clock_timestamp() then coalesce(r.taken, 0) + 1 else 1 end,
    full_at = case when r.full_at > clock_timestamp() then r.full_at
      else clock_timestamp() + interval '1 hour' end
  where coalesce(r.taken, 0) < allowed.size or r.full_at <= clock_timestamp();
  return found;
end
$$;

comment on function auth_private.take_send is
  'Takes one of the mails or SMS that the instance may send. False where none is left.';
--! EndIncluded limit/take_send.sql
--! Included limit/refuse_send.sql
create or replace function auth_private.refuse_send(channel text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if channel = 'sms' then
    perform auth_private.refuse('sms_sent_limit');
  end if;
  perform auth_private.refuse('email_sent_limit');
end
$$;

comment on function auth_private.refuse_send is
  'Refuses what would send one more mail or SMS than the instance may: over_email_send_rate_limit, over_sms_send_rate_limit.';
--! EndIncluded limit/refuse_send.sql
--! Included limit/settle_send.sql
create or replace function auth_private.settle_send()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from auth_private.sends s where s.id = new.id;
  if not auth_private.take_send(new.channel) and new.refusable then
    perform auth_private.refuse_send(new.channel);
  end if;
  return null;
end
$$;

comment on function auth_private.settle_send is
  'Trigger function: counts what is sent, as late as the transaction allows. Refuses: over_email_send_rate_limit, over_sms_send_rate_limit.';

-- A trigger that waits for the commit can not be replaced.
drop trigger if exists settle_send on auth_private.sends;

create constraint trigger settle_send
  after insert on auth_private.sends
  deferrable initially deferred
  for each row execute function auth_private.settle_send();
--! EndIncluded limit/settle_send.sql
--! Included limit/count_send.sql
-- Every mail, and every SMS, of the instance is counted in one row. Who changes that row
-- keeps all others who send waiting until the transaction ends, and an application's
-- transaction may go on for long after it. So it is only noted here that something is to be
-- sent, and counted at the very end, as the transaction commits.
--
-- What stands for a mail that goes to nobody is counted like one, or the limit would tell
-- who has an account.

create or replace function auth_private.count_send(channel text, refusable boolean default true)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  size integer;
begin
  select * into strict settings from auth_private.settings;

  size := (auth_private.send_limit(count_send.channel)).size;
  if size is null
    or count_send.channel = 'sms' and settings.sms_autoconfirm
    or count_send.channel = 'email' and settings.mailer_autoconfirm and size > 0
  then
    return true;
  end if;
  if auth_private.sends_exhausted(count_send.channel) then
    if refusable then
      perform auth_private.refuse_send(count_send.channel);
    end if;
    return false;
  end if;

  insert into auth_private.sends (channel, refusable)
  values (count_send.channel, count_send.refusable);
  return true;
end
$$;

comment on function auth_private.count_send is
  'Counts one mail (channel email) or SMS (sms) against what the instance may send. Refuses, now or as the transaction commits: over_email_send_rate_limit, over_sms_send_rate_limit. What is not refusable is counted if it can be; false where it is not to be sent.';
--! EndIncluded limit/count_send.sql

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
--! Included token/issue_code.sql
-- What is typed, from a mail or an SMS. A new code replaces the one before, whose guesses
-- are forgotten with it.

create or replace function auth_private.issue_code(
  user_id uuid,
  kind auth.one_time_token_type,
  address text,
  code text default null
)
returns text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  issued constant text := coalesce(issue_code.code, auth_private.random_digits((
    select case when auth_private.is_phone(issue_code.address) then s.sms_otp_length
      else s.mailer_otp_length end
    from auth_private.settings s
  )));
begin
  -- The user first, as in auth_private.spend_link.
  perform from auth.users u where u.id = issue_code.user_id for no key update;

  insert into auth_private.one_time_codes as c (user_id, token_type, code_hash, relates_to)
  values (
    issue_code.user_id, issue_code.kind,
    auth_private.code_hash(issue_code.address, issued), issue_code.address
  )
  on conflict (user_id, token_type) do update
  set code_hash = excluded.code_hash,
    relates_to = excluded.relates_to,
    attempts = 0,
    created_at = now();
  return issued;
end
$$;

comment on function auth_private.issue_code is
  'A fresh code for this user, purpose and address, random unless one is given, kept as a hash.';
--! EndIncluded token/issue_code.sql
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
  token := case when pkce then 'pkce_' else '' end
    || encode(auth_private.random_bytes(32), 'hex');
  code := auth_private.issue_code(issue_token.user_id, issue_token.kind, issue_token.address);

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
-- Spends a code that was mailed or sent by SMS. The guess is counted first and compared
-- afterwards, in rows that stay locked, so guesses sent side by side are counted too. The
-- caller returns its refusal and doesn't raise it: raising would forget the count.

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
      and c.created_at + make_interval(secs => case when auth_private.is_phone(c.relates_to)
        then s.sms_otp_exp else s.mailer_otp_exp end) >= now()
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
-- Lets an address ask for a mail, or a number for an SMS, only so often. Addresses without
-- a user are remembered too, so the wait is the same for them and tells nobody who has an
-- account.

create or replace function auth_private.cool_down(
  address text,
  purpose text,
  channel text default 'email'
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  wait interval;
  fingerprint bytea := sha256(convert_to(cool_down.address, 'UTF8'));
  last_sent timestamptz;
  seconds text;
begin
  select * into strict settings from auth_private.settings;
  wait := case cool_down.channel when 'sms' then settings.sms_max_frequency
    else settings.smtp_max_frequency end;

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
    seconds := greatest(0,
      floor(extract(epoch from last_sent + wait - clock_timestamp())))::integer::text;
    if cool_down.channel = 'sms' then
      perform auth_private.refuse('over_sms_send_rate_limit', array[seconds]);
    end if;
    perform auth_private.refuse('over_email_send_rate_limit', array[seconds]);
  end if;

  -- A few old rows go with each new one, so the table never grows past what is in use.
  delete from auth_private.cooldowns c
  using (
    select o.address_hash, o.purpose
    from auth_private.cooldowns o
    where o.sent_at < now() - greatest(settings.smtp_max_frequency, settings.sms_max_frequency)
    order by o.sent_at
    limit 10
    for update skip locked
  ) old
  where c.address_hash = old.address_hash and c.purpose = old.purpose;
end
$$;

comment on function auth_private.cool_down is
  'Notes that an address asks for a mail of this purpose, as signup or recovery, or for an SMS where that is the channel. Refuses: over_email_send_rate_limit, over_sms_send_rate_limit, with the seconds to wait.';
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
--! Included phone/phone_token_kinds.sql
create or replace function auth_private.phone_token_kinds(type text)
returns auth.one_time_token_type[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case type
    when 'sms' then '{confirmation_token}'
    when 'phone_change' then '{phone_change_token}'
    else '{}'
  end::auth.one_time_token_type[]
$$;

comment on function auth_private.phone_token_kinds is
  'What may have been sent to a telephone number for a type of verification; empty for another type.';
--! EndIncluded phone/phone_token_kinds.sql
--! Included phone/test_code.sql
create or replace function auth_private.test_code(phone text)
returns text
language sql stable strict
set search_path = pg_catalog, pg_temp
as $$
  select substring(pair from '[0-9]+$')
  from auth_private.settings s, string_to_table(replace(s.sms_test_otp, ' ', ''), ',') pair
  where ltrim(pair, '+') ~ ('^' || test_code.phone || '[:=]')
    and coalesce(s.sms_test_otp_valid_until > now(), true)
  limit 1
$$;

comment on function auth_private.test_code is
  'The code that the settings give to this number, in digits, for testing; null for every other number.';
--! EndIncluded phone/test_code.sql
--! Included phone/spend_test_code.sql
-- A number of sms_test_otp is for testing: its code is good at any time, as often as wanted,
-- and need not have been asked for.

create or replace function auth_private.spend_test_code(type text, phone text, code text)
returns uuid
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case spend_test_code.type
    when 'sms' then (auth_private.find_user_by_phone(spend_test_code.phone)).id
    when 'phone_change' then (
      select u.id
      from auth.users u
      where u.phone_change = spend_test_code.phone
        and u.aud = auth_private.requested_aud()
        and not u.is_sso_user
      order by u.phone_change_sent_at desc nulls last
      limit 1
    )
  end
  where spend_test_code.code = auth_private.test_code(spend_test_code.phone)
$$;

comment on function auth_private.spend_test_code is
  'The user that the code of a test number verifies; null for other numbers, other codes and types, and where there is none.';
--! EndIncluded phone/spend_test_code.sql
--! Included phone/confirm_phone.sql
create or replace function auth_private.confirm_phone(user_id uuid)
returns auth.users
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  delete from auth_private.unproven_passwords p where p.user_id = confirm_phone.user_id;
  update auth.users u
  set phone_confirmed_at = now(), is_anonymous = false, updated_at = now()
  where u.id = confirm_phone.user_id
  returning u.*;
$$;

comment on function auth_private.confirm_phone is
  'Marks a user''s telephone number as proven, now.';
--! EndIncluded phone/confirm_phone.sql
--! Included phone/apply_phone_change.sql
-- What was sent to the number before is void, or its next owner could come in.

create or replace function auth_private.apply_phone_change(claimant auth.users)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  changed auth.users;
  violated text;
begin
  perform auth_private.audit('user_modified', 'user', claimant);

  -- The index decides between two users who want one number.
  begin
    update auth.users u
    set phone = claimant.phone_change,
      phone_change = '',
      phone_confirmed_at = now(),
      is_anonymous = false,
      updated_at = now()
    where u.id = claimant.id
    returning * into strict changed;
  exception when unique_violation then
    get stacked diagnostics violated = constraint_name;
    if violated = 'users_phone_key' then
      perform auth_private.refuse('phone_change_taken');
    end if;
    raise;
  end;
  perform auth_private.discard_tokens(claimant.id);

  insert into auth.identities as i (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  values (
    claimant.id, claimant.id, jsonb_build_object('sub', claimant.id,
      'phone', claimant.phone_change, 'phone_verified', true, 'email_verified', false),
    'phone', now(), now(), now()
  )
  on conflict on constraint identities_provider_id_provider_unique do update
  set identity_data = i.identity_data
      || jsonb_build_object('phone', claimant.phone_change, 'phone_verified', true),
    updated_at = now();
  if claimant.phone <> '' then
    perform auth_private.notify('phone_changed_notification', changed, changed.email,
      jsonb_build_object('Phone', changed.phone, 'OldPhone', claimant.phone));
  end if;
end
$$;

comment on function auth_private.apply_phone_change is
  'Makes the pending number the user''s, in the user and in the phone identity, and voids what was sent. Refuses: unexpected_failure where another user has taken it meanwhile.';
--! EndIncluded phone/apply_phone_change.sql
--! Included phone/verified_phone.sql
-- What follows from typing a code that was sent to a number. The code was for this number
-- alone: a user who has, or wants, another one by now is not proven by it.

create or replace function auth_private.verified_phone(
  claimant auth.users,
  kind auth.one_time_token_type,
  phone text
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if verified_phone.phone is distinct from (case verified_phone.kind
    when 'phone_change_token' then claimant.phone_change else claimant.phone end)
  then
    perform auth_private.refuse('otp_expired');
  end if;

  if verified_phone.kind = 'phone_change_token' then
    perform auth_private.apply_phone_change(claimant);
  else
    perform auth_private.audit('user_signedup', 'team', claimant, '{"provider": "phone"}');
    perform auth_private.settle_password(claimant.id, true);
    perform auth_private.confirm_phone(claimant.id);
    perform auth_private.discard_tokens(claimant.id);
  end if;
  return auth_private.refresh_providers(claimant.id);
end
$$;

comment on function auth_private.verified_phone is
  'Confirms the number that a spent code was sent to, or makes it the user''s; the user as it is then. Refuses: otp_expired.';
--! EndIncluded phone/verified_phone.sql
--! Included user/apply_email_change.sql
create or replace function auth_private.apply_email_change(claimant auth.users)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  changed auth.users;
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
    where u.id = claimant.id
    returning u.* into strict changed;
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
  -- To the old address, whose owner may be the one who has been robbed.
  perform auth_private.notify('email_changed_notification', changed, claimant.email,
    jsonb_build_object('OldEmail', claimant.email));
end
$$;

comment on function auth_private.apply_email_change is
  'Makes the pending address the user''s, in the user and in the e-mail identity. Refuses: unexpected_failure where another user has taken it meanwhile.';
--! EndIncluded user/apply_email_change.sql
--! Included user/confirm_email_change.sql
-- One of the links that confirm a new address has been followed. What was spent is gone
-- in both its forms, link and code: else one mail could stand in for two. That newcomers
-- are confirmed without a mail is another matter, and takes no objection from the owner.

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

  if settings.mailer_secure_email_change_enabled
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
-- sent to the user is void from then on. An e-mail address need not wait any longer; a
-- number has to, since whoever owns a number that earns by being called would ask without end.

create or replace function auth_private.verified(
  user_id uuid,
  kind auth.one_time_token_type,
  phone text default null
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

  if verified.phone is not null then
    return auth_private.verified_phone(claimant, verified.kind, verified.phone);
  end if;
  if verified.kind in ('email_change_token_new', 'email_change_token_current') then
    if not auth_private.confirm_email_change(claimant, verified.kind) then
      return null;
    end if;
  elsif claimant.email_confirmed_at is null or verified.kind = 'confirmation_token' then
    perform auth_private.audit('user_signedup', 'team', claimant, '{"provider": "email"}');
    perform auth_private.settle_password(claimant.id, verified.kind = 'confirmation_token');
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
  'Confirms the address that a spent link or code was mailed to, or the number that the code was sent to; the user as it is then, or a null row after the first of two confirmations of a new address. Refuses: user_banned.';
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

--! Included mail/may_get_mail.sql
-- For instances that are being tried out: nobody is written to who has not agreed to it.

create or replace function auth_private.may_get_mail(address text)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select s.external_email_authorized_addresses = '{}'
    or exists (
      select
      from unnest(s.external_email_authorized_addresses) authorized
      where lower(authorized) in (
        lower(may_get_mail.address),
        lower(regexp_replace(may_get_mail.address, '\+[^@]+@', '@'))
      )
    )
  from auth_private.settings s
$$;

comment on function auth_private.may_get_mail is
  'Whether external_email_authorized_addresses, unless it is empty, has this address or what it is without its +label.';
--! EndIncluded mail/may_get_mail.sql
--! Included mail/post_decoy.sql
-- A function of the database that sends mail writes nobody knows what, so it has no decoy.

create or replace function auth_private.post_decoy(recipient text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  uri constant text := auth_private.hook_uri('send_email');
begin
  if uri !~ '^https?:' then
    return;
  end if;
  insert into auth_private.outbox (channel, kind, recipient)
  values (case when uri is null then 'email' else 'hook' end, 'decoy', post_decoy.recipient);
end
$$;

comment on function auth_private.post_decoy is
  'Queues a mail that the worker throws away.';
--! EndIncluded mail/post_decoy.sql
--! Included mail/is_fake_email.sql
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
--! EndIncluded mail/is_fake_email.sql
--! Included mail/check_recipient.sql
-- Asked before a mail is queued and before a decoy is, so that known and unknown addresses are
-- refused alike. The hook send_email gets every address that is authorized, as in GoTrue.

create or replace function auth_private.check_recipient(address text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not auth_private.may_get_mail(check_recipient.address) then
    perform auth_private.refuse('email_address_not_authorized', array[check_recipient.address]);
  end if;
  if (select s.mailer_email_validation_extended from auth_private.settings s)
    and auth_private.hook_uri('send_email') is null
    and auth_private.is_fake_email(check_recipient.address)
  then
    perform auth_private.refuse('email_address_invalid', array[check_recipient.address]);
  end if;
end
$$;

comment on function auth_private.check_recipient is
  'Refuses an address that the settings have no mail sent to: email_address_not_authorized, email_address_invalid.';
--! EndIncluded mail/check_recipient.sql
--! Included mail/post_mail.sql
-- The one way into the outbox for a mail that is to be read by someone.

create or replace function auth_private.post_mail(
  kind text,
  recipient auth.users,
  address text,
  variables jsonb
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if auth_private.hook_uri('send_email') is not null then
    perform auth_private.hook_email(post_mail.kind, post_mail.recipient, post_mail.address,
      jsonb_build_object(
        'token', variables -> 'Token',
        'token_hash', variables -> 'TokenHash',
        'redirect_to', variables -> 'RedirectTo',
        'old_email', variables -> 'OldEmail',
        'old_phone', variables -> 'OldPhone',
        'provider', variables -> 'Provider',
        'factor_type', variables -> 'FactorType'
      ));
    return;
  end if;

  insert into auth_private.outbox (kind, user_id, recipient, locale, variables)
  select
    post_mail.kind, (post_mail.recipient).id, post_mail.address,
    -- Users write it themselves; no name of a language is longer.
    left(coalesce((post_mail.recipient).raw_user_meta_data ->> 'locale', ''), 35),
    jsonb_build_object(
      'SiteURL', s.site_url,
      'Email', coalesce((post_mail.recipient).email, ''),
      'Data', coalesce((post_mail.recipient).raw_user_meta_data, '{}')
    ) || post_mail.variables
  from auth_private.settings s;
end
$$;

comment on function auth_private.post_mail is
  'Queues a mail about the user to the address: the variables, and those that every kind has. With the hook send_email, gives it to that. Refuses what the hook refuses.';
--! EndIncluded mail/post_mail.sql
--! Included mail/mail_variables.sql
create or replace function auth_private.mail_variables(
  kind text,
  recipient auth.users,
  address text,
  token_kind auth.one_time_token_type,
  redirect_to text default null,
  pkce boolean default false
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  secret record;
  variables jsonb;
begin
  perform auth_private.check_recipient(mail_variables.address);
  secret := auth_private.issue_token(recipient.id, token_kind, mail_variables.address, pkce);

  variables := jsonb_build_object('Token', secret.code);
  if mail_variables.kind <> 'reauthentication' then
    variables := variables || jsonb_build_object(
      'TokenHash', secret.token,
      'RedirectTo', mail_variables.redirect_to,
      'ConfirmationURL',
      auth_private.link(mail_variables.kind, secret.token, mail_variables.redirect_to)
    );
  end if;
  if mail_variables.kind = 'email_change' then
    variables := variables || jsonb_build_object(
      'NewEmail', recipient.email_change,
      'SendingTo', mail_variables.address
    );
  end if;
  return variables;
end
$$;

comment on function auth_private.mail_variables is
  'What a mail of this kind says: a fresh code for the purpose, and a link with a fresh token; a reauthentication has no link. Refuses: email_address_not_authorized, email_address_invalid.';
--! EndIncluded mail/mail_variables.sql
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
  variables constant jsonb := auth_private.mail_variables(queue_mail.kind, queue_mail.recipient,
    queue_mail.address, queue_mail.token_kind, queue_mail.redirect_to, queue_mail.pkce);
begin
  perform auth_private.count_send('email');
  perform auth_private.post_mail(
    queue_mail.kind, queue_mail.recipient, queue_mail.address, variables);
end
$$;

comment on function auth_private.queue_mail is
  'Mails an address of the user a fresh code for the purpose, and a link with a fresh token; a reauthentication has no link. Refuses: email_address_not_authorized, email_address_invalid, over_email_send_rate_limit.';
--! EndIncluded mail/queue_mail.sql
--! Included mail/notify.sql
-- Tells a user what has happened to the account: the only way in which its owner hears of
-- an intruder. It comes after the fact and never undoes it, so where there is nobody to
-- write to nothing is said.

create or replace function auth_private.notify(
  kind text,
  recipient auth.users,
  address text,
  variables jsonb default '{}'
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  setting constant text := format('mailer_notifications_%s_enabled',
    regexp_replace(notify.kind, '_notification$', ''));
begin
  if coalesce(notify.address, '') <> ''
    and (select (to_jsonb(s) ->> setting)::boolean from auth_private.settings s)
    and auth_private.may_get_mail(notify.address)
    and auth_private.count_send('email', refusable => false)
  then
    begin
      perform auth_private.post_mail(
        notify.kind, notify.recipient, notify.address, notify.variables);
    exception when others then
      raise log '% not sent: %', notify.kind, sqlstate;
    end;
  end if;
end
$$;

comment on function auth_private.notify is
  'Mails a user of an event: kind password_changed_notification, email_changed_notification (OldEmail), phone_changed_notification (Phone, OldPhone), identity_linked_notification and identity_unlinked_notification (Provider), mfa_factor_enrolled_notification and mfa_factor_unenrolled_notification (FactorType). Nothing if the settings do not ask for it or the address is empty, or no more mails may be sent.';
--! EndIncluded mail/notify.sql
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
--
-- An address that another user has gets no mail, since its link could not work. The same is
-- written, so that whoever asks does not learn it from that.
--
-- The hook send_email is told of both mails at once. As in GoTrue, and as every such hook
-- therefore expects, the pairs are crossed: token is the code for the present address, and
-- token_hash the link for the new one. Where another user has the new address the hook is
-- told all the same: a call without it would tell whoever reads the present one's mail.

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
  hooked constant boolean := auth_private.hook_uri('send_email') is not null;
  proposed jsonb;
  present jsonb;
begin
  update auth.users u
  set email_change_sent_at = now(), email_change_confirm_status = 0, updated_at = now()
  where u.id = actor.id;

  proposed := auth_private.mail_variables('email_change', actor, actor.email_change,
    'email_change_token_new', target, pkce);
  if coalesce(actor.email, '') <> ''
    and (select s.mailer_secure_email_change_enabled from auth_private.settings s)
  then
    present := auth_private.mail_variables('email_change', actor, actor.email,
      'email_change_token_current', target, pkce);
  end if;

  perform auth_private.count_send('email');
  if present is not null and hooked then
    perform auth_private.hook_email('email_change', actor, actor.email_change,
      jsonb_build_object(
        'token', present -> 'Token',
        'token_hash', proposed -> 'TokenHash',
        'token_new', proposed -> 'Token',
        'token_hash_new', present -> 'TokenHash',
        'redirect_to', target
      ));
    return;
  end if;
  if not hooked and exists (
    select
    from auth.users u
    where u.email = actor.email_change and not u.is_sso_user and u.id <> actor.id
  ) then
    perform auth_private.post_decoy(actor.email_change);
  else
    perform auth_private.post_mail('email_change', actor, actor.email_change, proposed);
  end if;
  if present is not null then
    perform auth_private.post_mail('email_change', actor, actor.email, present);
  end if;
end
$$;

comment on function auth_private.send_email_change is
  'Mails the user''s new address, and the present one if the settings say so, a link that confirms the change; both count as one mail. Refuses: email_address_not_authorized, over_email_send_rate_limit.';
--! EndIncluded mail/send_email_change.sql
--! Included mail/send_decoy.sql
-- For an address that gets no mail: writes what a mail would write, so that neither the
-- answer's delay nor the rows tell whether there is a user, and refuses what a mail would.

create or replace function auth_private.send_decoy(recipient text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A number stands for an address that is not known.
  if not auth_private.is_phone(send_decoy.recipient) then
    perform auth_private.check_recipient(send_decoy.recipient);
  end if;
  perform auth_private.count_send('email');
  perform auth_private.post_decoy(send_decoy.recipient);
end
$$;

comment on function auth_private.send_decoy is
  'Queues a mail that the worker throws away. Refuses: email_address_not_authorized, email_address_invalid, over_email_send_rate_limit.';
--! EndIncluded mail/send_decoy.sql
--! Included mail/nudge_worker.sql
-- Wakes the workers when mail is queued. The notification carries nothing, since anyone
-- may listen on a channel or send on it: it only ever makes a worker look at the table.
--
-- NOTIFY takes a lock on the whole database until the commit is on disk, so that under load
-- commits would wait for each other. A worker that has much to do has promised to look
-- again, and a request commits as soon as it is done: long before that promise ends.

create or replace function auth_private.nudge_worker()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if coalesce(current_setting('request.method', true), '') = '' or not exists (
    select from auth_private.worker_awake w where w.until > clock_timestamp() + interval '1 second'
  ) then
    perform pg_notify('pgtrue_outbox', '');
  end if;
  return null;
end
$$;

comment on function auth_private.nudge_worker is
  'Trigger function: has the workers look for mail as soon as this transaction commits, unless it is a request and a worker will look anyway.';

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
--! EndIncluded mail/builtin_templates.sql
--! Included mail/sms_expired.sql
create or replace function auth_private.sms_expired(queued auth_private.outbox, moment timestamptz)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select (queued.channel = 'sms' or queued.channel = 'hook' and queued.kind = 'send_sms')
    and queued.created_at + make_interval(secs => s.sms_otp_exp) <= sms_expired.moment
  from auth_private.settings s
$$;

comment on function auth_private.sms_expired is
  'Whether the code in a queued SMS is of no use any more at that moment; also in one for the hook send_sms; never so for mail.';
--! EndIncluded mail/sms_expired.sql
--! Included mail/template_variables.sql
create or replace function auth_private.template_variables(kind text)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select array['SiteURL', 'Email', 'Data'] || case template_variables.kind
    when 'reauthentication' then array['Token']
    when 'email_change' then array[
      'ConfirmationURL', 'Token', 'TokenHash', 'RedirectTo', 'NewEmail', 'SendingTo']
    when 'email_changed_notification' then array['OldEmail']
    when 'phone_changed_notification' then array['Phone', 'OldPhone']
    when 'identity_linked_notification' then array['Provider']
    when 'identity_unlinked_notification' then array['Provider']
    when 'mfa_factor_enrolled_notification' then array['FactorType']
    when 'mfa_factor_unenrolled_notification' then array['FactorType']
    when 'password_changed_notification' then '{}'
    else array['ConfirmationURL', 'Token', 'TokenHash', 'RedirectTo']
  end
$$;

comment on function auth_private.template_variables is
  'The variables that mails of this kind have, as GoTrue has them.';
--! EndIncluded mail/template_variables.sql
--! Included mail/template_fault.sql
-- What SQL can see of a template before a mail depends on it: a brace that is not closed, a
-- block without its end, a variable that mails of this kind do not have, which would be empty
-- in every mail. Within with and range a dot is something else, so names there are not checked.

create or replace function auth_private.template_fault(kind text, source text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  known constant text[] := auth_private.template_variables(template_fault.kind);
  bare constant text := regexp_replace(source, '\{\{-?\s*/\*.*?\*/\s*-?\}\}', '', 'g');
  blocks text[] := '{}';
  action text;
  keyword text;
  name text;
begin
  for action in
    select found.part[1] from regexp_matches(bare, '\{\{(.*?)\}\}', 'g') found (part)
  loop
    if action like '%{{%' then
      return format('{{%s is not closed', split_part(action, '{{', 1));
    end if;
    -- What is quoted is no name.
    action := regexp_replace(action, '"(\\.|[^"\\])*"|`[^`]*`', '""', 'g');
    keyword := substring(action from '^-?\s*([a-z]+)');
    if keyword in ('define', 'template', 'block') then
      return format('{{ %s }} is not supported', keyword);
    end if;
    if keyword = 'end' then
      if blocks = '{}' then
        return 'an {{ end }} too many';
      end if;
      blocks := blocks[:cardinality(blocks) - 1];
      continue;
    end if;
    if keyword = 'else' and blocks = '{}' then
      return 'an {{ else }} without {{ if }}';
    end if;
    if not blocks && array['with', 'range'] then
      for name in
        select found.part[1]
        from regexp_matches(action, '(?:^|[\s(|])\.([A-Za-z_][A-Za-z0-9_]*)', 'g') found (part)
      loop
        if name <> all (known) then
          return format('there is no {{ .%s }} in a mail of kind %s; there are %s', name,
            template_fault.kind, array_to_string(known, ', '));
        end if;
      end loop;
    end if;
    if keyword in ('if', 'with', 'range') then
      blocks := blocks || keyword;
    end if;
  end loop;

  if blocks <> '{}' then
    return format('{{ %s }} without {{ end }}', blocks[cardinality(blocks)]);
  end if;
  if regexp_replace(bare, '\{\{.*?\}\}', '', 'g') like '%{{%' then
    return '{{ without }}';
  end if;
  return null;
end
$$;

comment on function auth_private.template_fault is
  'Why this can not be the subject or a part of a mail of this kind, as far as SQL can tell; null where nothing speaks against it.';
--! EndIncluded mail/template_fault.sql
--! Included mail/set_template.sql
-- The door to mail templates for people. What is wrong with one is told here, and not when the
-- mail is due; what only the worker sees makes it send the built-in and say so in its log.

create or replace function auth.set_template(
  kind text,
  subject text,
  html text,
  text text default null,
  locale text default ''
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  given record;
  fault text;
begin
  if set_template.kind is null or not exists (
    select from auth_private.builtin_templates() b where b.kind = set_template.kind
  ) then
    perform auth_private.refuse('template_kind_unknown', array[
      coalesce(set_template.kind, 'null'),
      (select string_agg(b.kind, ', ') from auth_private.builtin_templates() b)]);
  end if;
  if coalesce(set_template.locale, '-') !~ '^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$' then
    perform auth_private.refuse('template_invalid', array[
      'locale', 'a language is written like de or pt-BR, and any is an empty text']);
  end if;

  if set_template.subject is null and set_template.html is null and set_template.text is null then
    delete from auth_private.templates t
    where t.kind = set_template.kind and t.locale = set_template.locale;
    return null;
  end if;

  for given in
    values ('subject', set_template.subject), ('html', set_template.html),
      ('text', coalesce(set_template.text, '-'))
  loop
    fault := case when coalesce(btrim(given.column2), '') = '' then 'it is empty'
      else auth_private.template_fault(set_template.kind, given.column2) end;
    if fault is not null then
      perform auth_private.refuse('template_invalid', array[given.column1, fault]);
    end if;
  end loop;

  insert into auth_private.templates as t (kind, locale, subject, html, text)
  values (set_template.kind, set_template.locale, set_template.subject, set_template.html,
    set_template.text)
  on conflict on constraint templates_pkey do update
  set subject = excluded.subject, html = excluded.html, text = excluded.text;
  return jsonb_build_object('kind', set_template.kind, 'locale', set_template.locale,
    'subject', set_template.subject, 'html', set_template.html, 'text', set_template.text);
end
$$;

comment on function auth.set_template is
  'Has mails of this kind, to users whose user_metadata has this locale (all others when empty), made from these templates, in Go''s syntax with GoTrue''s variables. The plain text is made from html where it is null. Nulls for all three take the template away again. Live at the next mail. Returns the template. Refuses: template_kind_unknown, template_invalid. For the owner.';
--! EndIncluded mail/set_template.sql
--! Included mail/template_settings.sql
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
--! EndIncluded mail/template_settings.sql
--! Included mail/stay_awake.sql
-- Whoever has claimed several mails at once has much to do, and more is likely to come.
-- One update a second at most, so that workers do not wait for each other here.

create or replace function auth_private.stay_awake()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into auth_private.worker_awake as w (singleton, until)
  values (true, clock_timestamp() + interval '3 seconds')
  on conflict (singleton) do update
  set until = excluded.until
  where w.until < clock_timestamp() + interval '2 seconds'
$$;

comment on function auth_private.stay_awake is
  'Notes that a worker will look for mail again and again for three seconds, unasked.';
--! EndIncluded mail/stay_awake.sql
--! Included mail/claim_mail.sql
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
--! EndIncluded mail/claim_mail.sql
--! Included mail/settle_sent.sql
-- Removes mails that were sent, all that a worker has to tell of at once in one transaction:
-- to wait for the disk once for each would be most of the work. The attempt is a fence, as in
-- auth_private.settle_mail.

create or replace function auth_private.settle_sent(ids bigint[], attempts integer[])
returns setof bigint
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  -- Nothing of a sent mail stays: its variables hold the link.
  delete from auth_private.outbox o
  using unnest(settle_sent.ids, settle_sent.attempts) sent (id, attempt)
  where o.id = sent.id and o.attempts = sent.attempt and o.leased_until is not null
  returning o.id
$$;

comment on function auth_private.settle_sent is
  'Removes the rows of mails that were sent: their ids, and the attempt of each. Returns the ids of those that were still the caller''s. For the worker.';

grant execute on function auth_private.settle_sent to auth_worker;
--! EndIncluded mail/settle_sent.sql
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

--! Included phone/sms_channel.sql
-- Only Twilio sends to WhatsApp. A hook that sends instead may do with the channel what it
-- likes.

create or replace function auth_private.sms_channel(channel text)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant text := coalesce(nullif(sms_channel.channel, ''), 'sms');
begin
  if not exists (
    select
    from auth_private.settings s
    where wanted = 'sms'
      or wanted = 'whatsapp' and s.sms_provider = 'twilio'
      or s.hook_send_sms_enabled
  ) then
    perform auth_private.refuse('channel_invalid');
  end if;
  return wanted;
end
$$;

comment on function auth_private.sms_channel is
  'The channel that a code is to be sent by, sms where none is named. Refuses: validation_failed.';
--! EndIncluded phone/sms_channel.sql
--! Included phone/require_sms_provider.sql
create or replace function auth_private.require_sms_provider()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from auth_private.settings s where s.sms_provider = '' and not s.hook_send_sms_enabled
  ) then
    perform auth_private.refuse('sms_provider_missing');
  end if;
end
$$;

comment on function auth_private.require_sms_provider is
  'Passes if there is somebody to send an SMS. Refuses: unexpected_failure.';
--! EndIncluded phone/require_sms_provider.sql
--! Included phone/send_sms.sql
-- The one way by which a code goes to a telephone number. Queued like mail, in the
-- transaction that wants it sent. A number of the settings' own gets nothing: its code is
-- known, so that a program can sign in with it. The hook send_sms sends instead.

create or replace function auth_private.send_sms(
  recipient auth.users,
  phone text,
  token_kind auth.one_time_token_type,
  channel text default 'sms'
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  known_code constant text := auth_private.test_code(send_sms.phone);
  code text;
begin
  if known_code is null then
    perform auth_private.require_sms_provider();
    perform auth_private.count_send('sms');
  end if;
  code := auth_private.issue_code(recipient.id, token_kind, send_sms.phone, known_code);

  update auth.users u
  set confirmation_sent_at = case token_kind when 'confirmation_token' then now()
      else u.confirmation_sent_at end,
    phone_change_sent_at = case token_kind when 'phone_change_token' then now()
      else u.phone_change_sent_at end,
    reauthentication_sent_at = case token_kind when 'reauthentication_token' then now()
      else u.reauthentication_sent_at end,
    updated_at = now()
  where u.id = recipient.id;

  if known_code is not null then
    return '{"message_id": "test-otp"}';
  end if;
  if auth_private.hook_uri('send_sms') is not null then
    perform auth_private.hook_send('send_sms', recipient, send_sms.phone, jsonb_build_object(
      'user', auth_private.user_json(recipient),
      'sms', jsonb_build_object('otp', code, 'phone', send_sms.phone)));
    return '{}';
  end if;
  insert into auth_private.outbox (channel, kind, user_id, recipient, variables)
  values (
    'sms', replace(token_kind::text, '_token', ''), recipient.id, send_sms.phone,
    jsonb_build_object('Code', code, 'Channel', send_sms.channel)
  );
  return '{}';
end
$$;

comment on function auth_private.send_sms is
  'Sends a fresh code to a number, which is the user''s or is to be: token_kind is what the code is for, channel is sms or whatsapp. Returns what a client is told: {}, with a message_id for a number of sms_test_otp. Refuses: unexpected_failure where nobody sends SMS, over_sms_send_rate_limit, and what the hook send_sms refuses.';
--! EndIncluded phone/send_sms.sql
--! Included phone/send_sms_decoy.sql
-- For a number that gets no SMS: the answers and the rows are those of one that does. A
-- function of the database that sends writes nobody knows what, so it has no decoy.

create or replace function auth_private.send_sms_decoy(phone text)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  uri constant text := auth_private.hook_uri('send_sms');
begin
  if auth_private.test_code(send_sms_decoy.phone) is not null then
    return;
  end if;
  perform auth_private.require_sms_provider();
  perform auth_private.count_send('sms');
  if uri !~ '^https?:' then
    return;
  end if;
  insert into auth_private.outbox (channel, kind, recipient)
  values (case when uri is null then 'sms' else 'hook' end, 'decoy', send_sms_decoy.phone);
end
$$;

comment on function auth_private.send_sms_decoy is
  'Queues an SMS that the worker throws away. Refuses: as auth_private.send_sms.';
--! EndIncluded phone/send_sms_decoy.sql
--! Included phone/ask_to_confirm_phone.sql
create or replace function auth_private.ask_to_confirm_phone(newcomer auth.users, channel text)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.audit('user_confirmation_requested', 'user', newcomer,
    '{"provider": "phone"}');
  perform auth_private.send_sms(newcomer, newcomer.phone, 'confirmation_token',
    ask_to_confirm_phone.channel);

  select * into strict asked from auth.users u where u.id = newcomer.id;
  return asked;
end
$$;

comment on function auth_private.ask_to_confirm_phone is
  'Sends an unconfirmed user the code that confirms the number; the user as it is then.';
--! EndIncluded phone/ask_to_confirm_phone.sql
--! Included phone/send_phone_change.sql
-- A number that another user has gets no SMS, since its code could not work. The same is
-- written, so that whoever asks does not learn it from that.

create or replace function auth_private.send_phone_change(actor auth.users, channel text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from auth.users u where u.phone = actor.phone_change and u.id <> actor.id
  ) then
    return auth_private.send_sms(actor, actor.phone_change, 'phone_change_token',
      send_phone_change.channel);
  end if;

  perform auth_private.issue_code(actor.id, 'phone_change_token', actor.phone_change);
  perform auth_private.send_sms_decoy(actor.phone_change);
  update auth.users u
  set phone_change_sent_at = now(), updated_at = now()
  where u.id = actor.id;
  return case when auth_private.test_code(actor.phone_change) is null then '{}'
    else '{"message_id": "test-otp"}' end;
end
$$;

comment on function auth_private.send_phone_change is
  'Sends the number that the user wants the code that confirms it. Returns as auth_private.send_sms.';
--! EndIncluded phone/send_phone_change.sql
--! Included phone/request_phone_change.sql
create or replace function auth_private.request_phone_change(
  actor auth.users,
  phone text,
  channel text
)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.cool_down(actor.id::text, 'phone_change', 'sms');
  update auth.users u
  set phone_change = request_phone_change.phone
  where u.id = actor.id
  returning * into strict asked;

  if (select s.sms_autoconfirm from auth_private.settings s) then
    perform auth_private.apply_phone_change(asked);
    perform auth_private.refresh_providers(asked.id);
    return;
  end if;
  perform auth_private.send_phone_change(asked, request_phone_change.channel);
end
$$;

comment on function auth_private.request_phone_change is
  'Notes the number that a user wants and sends it the code that confirms it; applies it at once with sms_autoconfirm. Refuses: over_sms_send_rate_limit.';
--! EndIncluded phone/request_phone_change.sql
--! Included phone/signup_phone_confirmed.sql
create or replace function auth_private.signup_phone_confirmed(newcomer auth.users, channel text)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  confirmed auth.users := auth_private.confirm_phone(newcomer.id);
begin
  perform auth_private.audit('user_signedup', 'team', confirmed,
    jsonb_build_object('provider', 'phone', 'channel', signup_phone_confirmed.channel));
  return confirmed;
end
$$;

comment on function auth_private.signup_phone_confirmed is
  'Confirms a new user''s number without an SMS, for sms_autoconfirm; the user as it is then.';
--! EndIncluded phone/signup_phone_confirmed.sql
--! Included phone/signup_phone.sql
-- auth.signup by telephone number, once its arguments have passed. What it tells of a number
-- that has a user is what auth.signup tells of an address.

create or replace function auth_private.signup_phone(
  phone text,
  password text,
  data jsonb,
  channel text
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant auth.users := auth_private.find_user_by_phone(signup_phone.phone);
  known boolean := claimant.id is not null;
  same_password boolean := true;
begin
  if not known then
    claimant := auth_private.create_user(null, signup_phone.phone,
      auth_private.hash_password(signup_phone.password), signup_phone.data);
    known := claimant.id is null;
  end if;
  -- Another sign-up for this number has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user_by_phone(signup_phone.phone);
  end if;
  if known and claimant.id is not null then
    same_password := auth_private.password_matches(
      signup_phone.password, claimant.encrypted_password);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    claimant.aud := auth_private.requested_aud();
    claimant.phone := signup_phone.phone;
    claimant.phone_confirmed_at := now();
  end if;

  if (select s.sms_autoconfirm from auth_private.settings s) then
    -- Only the right password opens a session, as in auth_private.signup_again.
    if known and (claimant.phone_confirmed_at is not null or claimant.banned_until > now()
      or not same_password)
    then
      perform auth_private.refuse('user_already_exists');
    end if;
    claimant := auth_private.signup_phone_confirmed(claimant, signup_phone.channel);
    perform auth_private.audit('login', 'account', claimant, '{"provider": "phone"}');
    return auth_private.open_session(claimant.id, 'password');
  end if;

  perform auth_private.cool_down(signup_phone.phone, 'sms', 'sms');
  if claimant.phone_confirmed_at is not null then
    return auth_private.signup_obfuscated(claimant, signup_phone.data, 'phone');
  end if;
  if not same_password then
    perform auth_private.contest_password(claimant.id);
  end if;
  claimant := auth_private.ask_to_confirm_phone(claimant, signup_phone.channel);
  if not known and auth_private.after_user_created(claimant.id) is not null then
    return auth_private.refused('hook_after_signup_failed');
  end if;
  if claimant.email_confirmed_at is not null then
    return auth_private.stranger_json(claimant, signup_phone.data, 'phone');
  end if;
  return auth_private.user_json(claimant);
end
$$;

comment on function auth_private.signup_phone is
  'Signs up with a number and a password. Returns the user, to whom a code is sent, or a session with sms_autoconfirm. Refuses: user_already_exists (only with sms_autoconfirm), over_sms_send_rate_limit, and what the hooks refuse.';
--! EndIncluded phone/signup_phone.sql
--! Included phone/send_sms_otp.sql
-- auth.otp by telephone number: a confirmed user gets a code to sign in with, anyone else is
-- signed up by it.

create or replace function auth_private.send_sms_otp(phone text, data jsonb, channel text)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  digits text;
  way text;
  claimant auth.users;
  known boolean;
begin
  select * into strict settings from auth_private.settings;

  if not settings.external_phone_enabled then
    perform auth_private.refuse('otp_phone_disabled');
  end if;
  digits := auth_private.validate_phone(send_sms_otp.phone);
  way := auth_private.sms_channel(send_sms_otp.channel);

  claimant := auth_private.find_user_by_phone(digits);
  if claimant.phone_confirmed_at is null and settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;
  perform auth_private.cool_down(digits, 'sms', 'sms');

  known := claimant.id is not null;
  if not known then
    claimant := auth_private.create_user(null, digits, '', send_sms_otp.data);
    known := claimant.id is null;
  end if;
  -- Another request for this number has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user_by_phone(digits);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    perform auth_private.send_sms_decoy(digits);
    return '{}';
  end if;
  if claimant.phone_confirmed_at is null and not settings.sms_autoconfirm then
    perform auth_private.contest_password(claimant.id);
    perform auth_private.ask_to_confirm_phone(claimant, way);
    if not known and auth_private.after_user_created(claimant.id) is not null then
      return auth_private.refused('hook_after_signup_failed');
    end if;
    return '{}';
  end if;

  if claimant.phone_confirmed_at is null then
    claimant := auth_private.signup_phone_confirmed(claimant, way);
  end if;
  perform auth_private.audit('user_recovery_requested', 'user', claimant,
    jsonb_build_object('channel', way));
  return auth_private.send_sms(claimant, digits, 'confirmation_token', way);
end
$$;

comment on function auth_private.send_sms_otp is
  'Sends a code that signs in; makes the user, with data as user_metadata, where there is none. Returns as auth_private.send_sms. Refuses: phone format, phone_provider_disabled, signup_disabled, over_sms_send_rate_limit, and what the hooks refuse.';
--! EndIncluded phone/send_sms_otp.sql

--! Included user/ask_to_confirm.sql
create or replace function auth_private.ask_to_confirm(
  newcomer auth.users,
  redirect_to text,
  code_challenge text,
  code_challenge_method text,
  traits jsonb default '{"provider": "email"}'
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  asked auth.users;
begin
  perform auth_private.audit('user_confirmation_requested', 'user', newcomer,
    ask_to_confirm.traits);
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

create or replace function auth_private.signup_again(claimant auth.users, same_password boolean)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if claimant.email_confirmed_at is not null
    or claimant.banned_until > now()
    or not same_password
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
  new_id constant uuid := gen_random_uuid();
  settings auth_private.settings;
  session jsonb;
begin
  select * into strict settings from auth_private.settings;
  if not settings.external_anonymous_users_enabled then
    perform auth_private.refuse('anonymous_disabled');
  end if;
  if settings.disable_signup then
    perform auth_private.refuse('signup_disabled');
  end if;

  perform auth_private.before_user_created(new_id, null, null, signup_anonymous.data);
  perform auth_private.insert_user(
    new_id, null, null, null, null, null, signup_anonymous.data);
  session := auth_private.open_session(new_id, 'anonymous');
  return coalesce(auth_private.after_user_created(new_id), session);
end
$$;

comment on function auth_private.signup_anonymous is
  'A session of a new user without address and identity. Refuses: anonymous_provider_disabled, signup_disabled, and what the hooks refuse.';
--! EndIncluded user/signup_anonymous.sql
--! Included user/stranger_json.sql
-- Whoever signs up with an address that has a user must not be shown that user.

create or replace function auth_private.stranger_json(
  known auth.users,
  data jsonb,
  provider text
)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  stranger auth.users;
begin
  stranger.id := gen_random_uuid();
  stranger.aud := known.aud;
  stranger.email := case stranger_json.provider when 'email' then known.email end;
  stranger.phone := case stranger_json.provider when 'phone' then known.phone end;
  stranger.raw_app_meta_data := jsonb_build_object('provider', stranger_json.provider,
    'providers', jsonb_build_array(stranger_json.provider));
  stranger.raw_user_meta_data := stranger_json.data;
  stranger.created_at := now();
  stranger.updated_at := now();
  stranger.confirmation_sent_at := now();
  stranger.is_anonymous := false;
  return auth_private.user_json(stranger);
end
$$;

comment on function auth_private.stranger_json is
  'A user made up from the request: with the address of the known one that it is about, email or phone, an id that is nobody''s, and no identities.';
--! EndIncluded user/stranger_json.sql
--! Included user/signup_obfuscated.sql
-- The answer to signing up with an address that has a user: made of the request alone,
-- with an id that is nobody's.

create or replace function auth_private.signup_obfuscated(
  known auth.users,
  data jsonb,
  provider text default 'email'
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.audit('user_repeated_signup', 'user', known,
    jsonb_build_object('provider', signup_obfuscated.provider));
  if signup_obfuscated.provider = 'phone' then
    perform auth_private.send_sms_decoy(known.phone);
  else
    perform auth_private.send_decoy(known.email);
  end if;
  return auth_private.stranger_json(known, signup_obfuscated.data, signup_obfuscated.provider);
end
$$;

comment on function auth_private.signup_obfuscated is
  'A user made up from the request, for an address, email or phone, that has one already. Its identities are empty.';
--! EndIncluded user/signup_obfuscated.sql
--! Included user/merge_metadata.sql
create or replace function auth_private.merge_metadata(present jsonb, changes jsonb)
returns jsonb
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select (coalesce(present, '{}') || coalesce(changes, '{}')) - coalesce((
    select array_agg(gone.key) from jsonb_each(changes) gone where gone.value = 'null'
  ), '{}')
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
--! Included user/is_admin.sql
create or replace function auth_private.is_admin(actor auth.users)
returns boolean
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(actor.role = s.jwt_admin_group_name and actor.aud = s.jwt_aud, false)
  from auth_private.settings s
$$;

comment on function auth_private.is_admin is
  'Whether a user is of the group that may set its own app_metadata.';
--! EndIncluded user/is_admin.sql
--! Included user/end_all_access.sql
-- The user's row is locked by the caller, so no session opens meanwhile.

create or replace function auth_private.end_all_access(user_id uuid, but uuid default null)
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.discard_tokens(end_all_access.user_id);
  delete from auth.flow_state f where f.user_id = end_all_access.user_id;
  delete from auth.sessions s
  where s.user_id = end_all_access.user_id and s.id is distinct from end_all_access.but;
$$;

comment on function auth_private.end_all_access is
  'Ends a user''s sessions, all or all but one, the sign-ins that have begun, and all links and codes.';
--! EndIncluded user/end_all_access.sql
--! Included user/set_password.sql
-- Whoever sets a password may be throwing an intruder out, so nothing that signs in or is
-- signed in outlives it, but for the session that asks.

create or replace function auth_private.set_password(
  user_id uuid,
  password text,
  but uuid default null
)
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
  delete from auth_private.unproven_passwords p where p.user_id = set_password.user_id;
  perform auth_private.end_all_access(set_password.user_id, set_password.but);
end
$$;

comment on function auth_private.set_password is
  'Sets a user''s password, ends all sessions but the one that is named, and voids what was mailed.';
--! EndIncluded user/set_password.sql
--! Included user/change_password.sql
-- A nonce that was right is spent only if nothing refuses afterwards: raising undoes it.

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
      '{reauthentication_token}', coalesce(nullif(actor.email, ''), actor.phone),
      change_password.nonce);
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

  perform auth_private.set_password(actor.id, change_password.password, auth.session_id());
  perform auth_private.audit('user_updated_password', 'user', actor);
  perform auth_private.notify('password_changed_notification', actor, actor.email);
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
  known boolean;
begin
  perform auth_private.check_object('data', send_magic_link.data);
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

  known := claimant.id is not null;
  if not known then
    claimant := auth_private.create_user(address, null, '', send_magic_link.data);
    known := claimant.id is null;
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
    perform auth_private.contest_password(claimant.id);
    perform auth_private.ask_to_confirm(claimant, target, send_magic_link.code_challenge,
      send_magic_link.code_challenge_method);
    if not known and auth_private.after_user_created(claimant.id) is not null then
      return auth_private.refused('hook_after_signup_failed');
    end if;
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
  'Mails a link and a code that sign in; makes the user where there is none. Refuses what the hooks about new users refuse.';
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
  redirect_to text default null,
  channel text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  way text;
  address text;
  claimant auth.users;
  known boolean;
  same_password boolean := true;
begin
  perform auth_private.check_object('data', signup.data);
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
    way := auth_private.sms_channel(signup.channel);
    if signup.code_challenge <> '' then
      perform auth_private.refuse('signup_phone_pkce');
    end if;
  end if;
  perform auth_private.check_code_challenge(signup.code_challenge, signup.code_challenge_method);
  if signup.phone <> '' then
    if not settings.external_phone_enabled then
      perform auth_private.refuse('signup_phone_disabled');
    end if;
    return auth_private.signup_phone(
      auth_private.validate_phone(signup.phone), signup.password, signup.data, way);
  end if;
  if not settings.external_email_enabled then
    perform auth_private.refuse('signup_email_disabled');
  end if;
  address := auth_private.validate_email(signup.email);

  claimant := auth_private.find_user(address);
  known := claimant.id is not null;
  if not known then
    claimant := auth_private.create_user(
      address, null, auth_private.hash_password(signup.password), signup.data);
    known := claimant.id is null;
  end if;
  -- Another sign-up for this address has just been faster.
  if claimant.id is null then
    claimant := auth_private.find_user(address);
  end if;
  -- One hash, too: a known address takes as long as a new one.
  if known and claimant.id is not null then
    same_password := auth_private.password_matches(signup.password, claimant.encrypted_password);
  end if;
  -- Or its user belongs to another audience, of which this one may know nothing.
  if claimant.id is null then
    claimant.aud := auth_private.requested_aud();
    claimant.email := address;
    claimant.email_confirmed_at := now();
  end if;

  if settings.mailer_autoconfirm and known then
    return auth_private.signup_again(claimant, same_password);
  end if;
  if settings.mailer_autoconfirm then
    return auth_private.signup_confirmed(claimant);
  end if;

  perform auth_private.cool_down(address, 'signup');
  if claimant.email_confirmed_at is not null then
    return auth_private.signup_obfuscated(claimant, signup.data);
  end if;
  if not same_password then
    perform auth_private.contest_password(claimant.id);
  end if;
  claimant := auth_private.ask_to_confirm(claimant,
    auth_private.redirect_target(signup.redirect_to), signup.code_challenge,
    signup.code_challenge_method);
  if not known and auth_private.after_user_created(claimant.id) is not null then
    return auth_private.refused('hook_after_signup_failed');
  end if;
  if claimant.phone_confirmed_at is not null then
    return auth_private.stranger_json(claimant, signup.data, 'email');
  end if;
  -- What an admin wrote into an invitation is not for whoever knows the address.
  if known and claimant.invited_at is not null then
    return auth_private.user_json(claimant) || '{"user_metadata": {}, "identities": []}';
  end if;
  return auth_private.user_json(claimant);
end
$$;

comment on function auth.signup is
  'Signs up with e-mail address or phone number and password; data becomes user_metadata. Returns the user, to whom a confirmation is mailed, or a code sent by channel sms or whatsapp, or a session where no confirmation is asked for. Without any address: a session of an anonymous user. Refuses: weak_password, email format, signup_disabled, anonymous_provider_disabled, user_already_exists (only with autoconfirm), over_email_send_rate_limit, over_sms_send_rate_limit, and what the hooks about new users refuse. POST /signup.';

grant execute on function auth.signup to anon, authenticated, service_role;
--! EndIncluded user/signup.sql
--! Included user/get_user.sql
create or replace function auth.get_user()
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  aud constant jsonb := auth.jwt() -> 'aud';
  token_aud constant text := case jsonb_typeof(aud) when 'array' then aud ->> 0
    else aud #>> '{}' end;
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
--
-- That an address is taken is told, unless the settings forbid it: then it is answered like
-- a free one, of which no mail ever comes. The order of the checks is GoTrue's.

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
  redirect_to text default null,
  channel text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
  address text;
  digits text;
  way text;
  reveals constant boolean := (select s.security_reveal_accounts from auth_private.settings s);
  refusal jsonb;
begin
  perform auth_private.check_object('data', update_user.data);
  perform auth_private.check_object('app_metadata', update_user.app_metadata);
  if coalesce(update_user.email, '') <> '' then
    address := nullif(auth_private.validate_email(update_user.email), actor.email);
  end if;
  if coalesce(update_user.phone, '') <> '' then
    digits := nullif(auth_private.validate_phone(update_user.phone), actor.phone);
    way := auth_private.sms_channel(update_user.channel);
  end if;
  if update_user.password is not null then
    perform auth_private.check_password(update_user.password);
  end if;
  if update_user.app_metadata is not null and not auth_private.is_admin(actor) then
    perform auth_private.refuse('app_metadata_forbidden');
  end if;
  if update_user.password is not null or address is not null or digits is not null then
    perform auth_private.require_aal2(actor);
  end if;
  if actor.is_anonymous and update_user.password is not null and address is null and digits is null
  then
    perform auth_private.refuse('anonymous_password');
  end if;
  if actor.is_sso_user and (update_user.password is not null or address is not null
    or digits is not null or update_user.nonce <> '')
  then
    perform auth_private.refuse('user_sso_managed');
  end if;
  if reveals and exists (
    select from auth.users u where u.email = address and not u.is_sso_user and u.aud = actor.aud
  ) then
    perform auth_private.refuse('email_exists');
  end if;
  if reveals and exists (select from auth.users u where u.phone = digits) then
    perform auth_private.refuse('phone_taken');
  end if;

  if update_user.password is not null then
    refusal := auth_private.change_password(actor, update_user.password,
      update_user.current_password, update_user.nonce);
  end if;
  if refusal is not null then
    return refusal;
  end if;
  if address is not null then
    perform auth_private.check_code_challenge(
      update_user.code_challenge, update_user.code_challenge_method);
    perform auth_private.request_email_change(actor, address, update_user.redirect_to,
      update_user.code_challenge, update_user.code_challenge_method);
  end if;
  if digits is not null then
    perform auth_private.request_phone_change(actor, digits, way);
  end if;

  update auth.users u
  set raw_user_meta_data = auth_private.merge_metadata(u.raw_user_meta_data, update_user.data),
    raw_app_meta_data = auth_private.merge_metadata(
      u.raw_app_meta_data, update_user.app_metadata),
    updated_at = now()
  where u.id = actor.id
  returning * into actor;

  perform auth_private.audit('user_modified', 'user', actor);
  return auth_private.user_json(actor);
end
$$;

comment on function auth.update_user is
  'Changes the user of the request: password; user_metadata, where data is merged and null deletes a key; email, which is mailed for confirmation and is new_email until then; phone, to which a code is sent by channel sms or whatsapp, and which is new_phone until then; app_metadata, for admins. nonce is a code from auth.reauthenticate, for settings that ask for one. Refuses: weak_password, same_password, current_password_required, reauthentication_needed, insufficient_aal, user_sso_managed, email_exists, phone_exists, over_email_send_rate_limit, over_sms_send_rate_limit, not_admin for app_metadata. PUT /user.';

grant execute on function auth.update_user to authenticated, service_role;
--! EndIncluded user/update_user.sql
--! Included user/reauthenticate.sql
-- Sends a code that proves, in a session of any age, that its owner is still there. It is
-- the nonce of auth.update_user.

create or replace function auth.reauthenticate()
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
begin
  if coalesce(actor.email, '') = '' and coalesce(actor.phone, '') = '' then
    perform auth_private.refuse('reauthentication_without_address');
  end if;
  if coalesce(actor.email, '') = '' then
    if actor.phone_confirmed_at is null then
      perform auth_private.refuse('reauthentication_phone_unconfirmed');
    end if;
    perform auth_private.cool_down(actor.id::text, 'reauthentication', 'sms');
    perform auth_private.audit('user_reauthenticate_requested', 'user', actor);
    return auth_private.send_sms(actor, actor.phone, 'reauthentication_token');
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
  'Sends the user of the request a code to give as nonce when setting a password: by mail, or by SMS where there is no e-mail address. Returns {}. Refuses: email_not_confirmed, phone_not_confirmed, over_email_send_rate_limit, over_sms_send_rate_limit. GET /reauthenticate.';

grant execute on function auth.reauthenticate to authenticated, service_role;
--! EndIncluded user/reauthenticate.sql
--! Included session/signin.sql
-- Signs in with a password. An unknown address, a user without a password and a wrong
-- password cost one hash each and get one answer.
--
-- A refusal is raised, but for the hook about passwords: what it has written must outlive
-- the refusal, which is then returned.

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
  settings record;
  by_phone constant boolean := coalesce(signin.phone, '') <> '';
  claimant auth.users;
  proven boolean;
  hooked boolean;
  refusal jsonb;
begin
  select s.external_email_enabled, s.external_phone_enabled into strict settings
  from auth_private.settings s;

  if signin.email <> '' and signin.phone <> '' then
    perform auth_private.refuse('signin_email_and_phone');
  end if;
  if coalesce(signin.email, '') = '' and not by_phone then
    perform auth_private.refuse('signin_without_address');
  end if;
  if by_phone and not settings.external_phone_enabled then
    perform auth_private.refuse('signin_phone_disabled');
  end if;
  if not by_phone and not settings.external_email_enabled then
    perform auth_private.refuse('signin_email_disabled');
  end if;

  claimant := case when by_phone then auth_private.find_user_by_phone(signin.phone)
    else auth_private.find_user(signin.email) end;
  if claimant.banned_until > now() then
    perform auth_private.refuse('signin_banned');
  end if;

  proven := auth_private.password_matches(signin.password, claimant.encrypted_password);
  -- Hashing takes long. Whoever changes the password meanwhile ends all sessions, and a
  -- session opened afterwards by the old password would outlive that.
  if proven then
    perform
    from auth.users u
    where u.id = claimant.id and u.encrypted_password = claimant.encrypted_password
    for no key update;
    proven := found;
  end if;

  refusal := auth_private.password_attempted(claimant, proven);
  if refusal is not null then
    return refusal;
  end if;
  if not proven then
    perform auth_private.refuse('invalid_credentials');
  end if;
  hooked := auth_private.hook_uri('password_verification_attempt') is not null;
  if by_phone and claimant.phone_confirmed_at is null then
    if hooked then
      return auth_private.refused('phone_not_confirmed');
    end if;
    perform auth_private.refuse('phone_not_confirmed');
  end if;
  if not by_phone and claimant.email_confirmed_at is null then
    if hooked then
      return auth_private.refused('email_not_confirmed');
    end if;
    perform auth_private.refuse('email_not_confirmed');
  end if;

  perform auth_private.audit('login', 'account', claimant,
    jsonb_build_object('provider', case when by_phone then 'phone' else 'email' end));
  return auth_private.open_session(claimant.id, 'password') || jsonb_build_object(
    'weak_password', auth_private.password_weakness(signin.password));
end
$$;

comment on function auth.signin is
  'Signs in with e-mail address or telephone number and password; returns a session, with weak_password where the password would not be taken today. Refuses: invalid_credentials, email_not_confirmed, phone_not_confirmed, user_banned, what the hook password_verification_attempt refuses, and the wrong use of arguments. POST /token?grant_type=password.';

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

  held := auth_private.hold_session(shown.session_id);
  -- A key that can't be read gives null: no signature equals that. Anyone has the empty key.
  if held.id is null or shown.signature is distinct from substring(
    auth_private.hmac_sha256(shown.said,
      auth_private.from_base64url(nullif(held.refresh_token_hmac_key, '')))
    for 16)
  then
    perform auth_private.refuse('refresh_token_not_found');
  end if;
  if held.oauth_client_id is not null then
    perform auth_private.refuse('refresh_oauth_client');
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

  return auth_private.renew_session(held, owner, array_to_string(excuses, ','));
end
$$;

comment on function auth.refresh is
  'A new access token for a refresh token, and the refresh token to use next. Refuses: refresh_token_not_found, refresh_token_already_used (which ends the session), session_expired, user_banned, validation_failed, conflict. POST /token?grant_type=refresh_token.';

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
--! Included session/sessions_json.sql
create or replace function auth_private.sessions_json(user_id uuid)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(jsonb_build_object(
    'id', s.id,
    'created_at', auth_private.rfc3339(s.created_at),
    'last_used_at', auth_private.rfc3339(auth_private.session_used_at(s, older.used_at)),
    'not_after', auth_private.rfc3339(s.not_after),
    'aal', s.aal,
    'user_agent', s.user_agent,
    'ip', host(s.ip),
    'current', s.id is not distinct from auth.session_id()
  ) order by s.created_at desc, s.id), '[]')
  from auth.sessions s
  cross join lateral (
    select max(r.updated_at) as used_at from auth.refresh_tokens r where r.session_id = s.id
  ) older
  where s.user_id = sessions_json.user_id
    and auth_private.session_fault(s, older.used_at) is null
$$;

comment on function auth_private.sessions_json is
  'The sessions of a user that are not over, the newest first, in the shape of the API.';
--! EndIncluded session/sessions_json.sql
--! Included session/list_sessions.sql
-- Who sees a session that is not theirs can end it: OWASP ASVS 5.0, 7.5.2. GoTrue has no such list.

create or replace function auth.list_sessions()
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
begin
  return auth_private.sessions_json(actor.id);
end
$$;

comment on function auth.list_sessions is
  'The sessions of the user of the request, the newest first: [{id, created_at, last_used_at, not_after, aal, user_agent, ip, current}]; current is the session that asks. GET /user/sessions.';

grant execute on function auth.list_sessions to authenticated, service_role;
--! EndIncluded session/list_sessions.sql
--! Included session/revoke_session.sql
create or replace function auth.revoke_session(session_id uuid default null)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
begin
  delete from auth.sessions s
  where s.id = revoke_session.session_id and s.user_id = actor.id;
  -- Somebody else's is answered as one that there never was.
  if not found then
    perform auth_private.refuse('session_unknown');
  end if;
  perform auth_private.audit('logout', 'account', actor,
    jsonb_build_object('session_id', revoke_session.session_id));
  perform auth_private.respond(204);
end
$$;

comment on function auth.revoke_session is
  'Ends one session of the user of the request, and at once its access token. Refuses: session_not_found. DELETE /user/sessions/{session_id}.';

grant execute on function auth.revoke_session to authenticated, service_role;
--! EndIncluded session/revoke_session.sql
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
  if coalesce(otp.email, '') = '' and coalesce(otp.phone, '') = '' then
    perform auth_private.refuse('otp_without_address');
  end if;
  if not otp.create_user
    and (auth_private.find_user(otp.email)).id is null
    and (auth_private.find_user_by_phone(otp.phone)).id is null
  then
    perform auth_private.refuse('otp_disabled');
  end if;
  if otp.phone <> '' then
    return auth_private.send_sms_otp(otp.phone, otp.data, otp.channel);
  end if;

  return auth_private.send_magic_link(
    otp.email, otp.data, otp.code_challenge, otp.code_challenge_method, otp.redirect_to);
end
$$;

comment on function auth.otp is
  'Mails a link and a code that sign in, or sends a code to a phone by channel sms or whatsapp. With create_user => false only to users that exist: otp_disabled otherwise. Returns {}. POST /otp.';

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
-- Sends once more what is still to be confirmed. Where there is nothing to confirm, or
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
  channel constant text := case when resend.type in ('sms', 'phone_change') then 'sms'
    else 'email' end;
  settings auth_private.settings;
  address text;
  claimant auth.users;
begin
  select * into strict settings from auth_private.settings;

  if coalesce(resend.type, '') not in ('signup', 'email_change', 'sms', 'phone_change') then
    perform auth_private.refuse('resend_type_unknown');
  end if;
  if resend.type in ('signup', 'email_change') then
    perform auth_private.check_code_challenge(resend.code_challenge, resend.code_challenge_method);
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
  if not has_email and not has_phone then
    perform auth_private.refuse('resend_without_address');
  end if;
  if has_email and not settings.external_email_enabled then
    perform auth_private.refuse('resend_email_disabled');
  end if;
  if has_phone and not settings.external_phone_enabled then
    perform auth_private.refuse('resend_phone_disabled');
  end if;
  address := case when has_phone then auth_private.validate_phone(resend.phone)
    else auth_private.validate_email(resend.email) end;

  perform auth_private.cool_down(address, resend.type, channel);
  claimant := case when has_phone then auth_private.find_user_by_phone(address)
    else auth_private.find_user(address) end;
  if resend.type = 'signup' and claimant.id is not null and claimant.email_confirmed_at is null then
    perform auth_private.ask_to_confirm(claimant, auth_private.redirect_target(resend.redirect_to),
      resend.code_challenge, resend.code_challenge_method, traits => null);
    return '{}';
  end if;
  if resend.type = 'sms' and claimant.id is not null and claimant.phone_confirmed_at is null then
    perform auth_private.audit('user_recovery_requested', 'user', claimant);
    return auth_private.send_sms(claimant, address, 'confirmation_token');
  end if;
  if resend.type = 'email_change' and coalesce(claimant.email_change, '') <> '' then
    perform auth_private.send_email_change(claimant, resend.redirect_to,
      resend.code_challenge, resend.code_challenge_method);
    return '{}';
  end if;
  if resend.type = 'phone_change' and coalesce(claimant.phone_change, '') <> '' then
    return auth_private.send_phone_change(claimant, 'sms');
  end if;

  if channel = 'sms' then
    perform auth_private.send_sms_decoy(address);
  else
    perform auth_private.send_decoy(address);
  end if;
  return '{}';
end
$$;

comment on function auth.resend is
  'Sends a confirmation once more: type signup or sms, or email_change or phone_change by the present address, which is email or phone. Returns {}, whether or not there was anything to send. Refuses: validation_failed, over_email_send_rate_limit, over_sms_send_rate_limit. POST /resend.';

grant execute on function auth.resend to anon, authenticated, service_role;
--! EndIncluded token/resend.sql
--! Included token/verify.sql
-- Signs in by what was sent: the token of a mailed link, or the address and the code.

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
  kinds constant auth.one_time_token_type[] := case
    when verify.phone <> '' then auth_private.phone_token_kinds(verify.type)
    else auth_private.token_kinds(verify.type) end;
  by_link constant boolean := coalesce(verify.token_hash, '') <> '';
  by_address auth_private.one_time_codes;
  by_token auth.one_time_tokens;
  digits text;
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
  if verify.phone <> '' then
    digits := auth_private.validate_phone(verify.phone);
    by_address.user_id := auth_private.spend_test_code(verify.type, digits, verify.token);
    by_address.token_type := kinds[1];
  end if;

  if by_link then
    by_token := auth_private.spend_link(verify.token_hash, kinds);
    claimant := auth_private.verified(by_token.user_id, by_token.token_type);
  else
    if by_address.user_id is null then
      by_address := auth_private.spend_code(kinds,
        coalesce(digits, lower(verify.email collate "C") collate "default"), verify.token);
    end if;
    if by_address.user_id is null then
      return auth_private.refused('otp_expired');
    end if;
    claimant := auth_private.verified(by_address.user_id, by_address.token_type, digits);
  end if;

  if claimant.id is null then
    return jsonb_build_object('code', '200', 'msg', auth_private.half_confirmed());
  end if;
  return auth_private.open_session(claimant.id, 'otp');
end
$$;

comment on function auth.verify is
  'Signs in by a link''s token_hash, or by email or phone and the token (code) that was sent to it. type: signup, invite, recovery, magiclink, email or email_change; by phone: sms or phone_change, with the new number; the first of two confirmations of a new address gives a message. Refuses: otp_expired, user_banned and the wrong use of arguments; a wrong code is counted. POST /verify.';

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
      'default-src ''none''; style-src ''unsafe-inline''; base-uri ''none''; frame-ancestors ''none'''
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
  return auth_private.open_session(claimant.id, spent.authentication_method)
    || jsonb_strip_nulls(jsonb_build_object(
      'provider_token', nullif(spent.provider_access_token, ''),
      'provider_refresh_token', nullif(spent.provider_refresh_token, '')));
end
$$;

comment on function auth.exchange_code is
  'A session for the code that a followed link gave and the verifier that began the flow (RFC 7636); with provider_token and provider_refresh_token where another site gave them. Refuses: flow_state_not_found, flow_state_expired, bad_code_verifier. POST /token?grant_type=pkce.';

grant execute on function auth.exchange_code to anon, authenticated, service_role;
--! EndIncluded token/exchange_code.sql
--! Included identity/require_manual_linking.sql
create or replace function auth_private.require_manual_linking()
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  if not (select s.security_manual_linking_enabled from auth_private.settings s) then
    perform auth_private.refuse('manual_linking_disabled');
  end if;
end
$$;

comment on function auth_private.require_manual_linking is
  'Passes where users may link identities themselves. Refuses: manual_linking_disabled.';
--! EndIncluded identity/require_manual_linking.sql
--! Included identity/profile_emails.sql
create or replace function auth_private.profile_emails(
  profile jsonb,
  out candidate text,
  out candidate_verified boolean,
  out verified text[],
  out data jsonb
)
returns record
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select
    coalesce(told.candidate ->> 'email', ''),
    coalesce((told.candidate ->> 'verified')::boolean, false),
    told.verified,
    coalesce(profile -> 'data', '{}') || jsonb_strip_nulls(jsonb_build_object(
      'sub', profile ->> 'subject',
      'email', told.candidate ->> 'email',
      'email_verified', coalesce((told.candidate ->> 'verified')::boolean, false),
      'phone_verified', coalesce((profile #>> '{data,phone_verified}')::boolean, false)))
  from (
    select
      (array_agg(
        e.it order by coalesce((e.it ->> 'primary')::boolean, false) desc, e.place desc
      ))[1] as candidate,
      coalesce(array_agg(e.it ->> 'email')
        filter (where (e.it ->> 'verified')::boolean), '{}') as verified
    from (
      select i.it || jsonb_build_object(
        'email', lower((i.it ->> 'email') collate "C") collate "default") as it, i.place
      from jsonb_array_elements(coalesce(profile -> 'emails', '[]')) with ordinality i (it, place)
      where i.it ->> 'email' <> ''
    ) e
  ) told
$$;

comment on function auth_private.profile_emails is
  'Of a verified profile: the address that counts (the primary, else the last; empty for none), whether the site has verified it, all that it has verified, and what becomes identity_data.';
--! EndIncluded identity/profile_emails.sql
--! Included identity/find_owner.sql
-- Whose the account at the other site is. Its subject decides, whatever addresses say: those
-- change hands. Else an address leads to a user only if both sides have proven it: the site says
-- that it is verified, and here it is verified in an identity, or the user's own. A user who has
-- not proven the address yet loses what was set before, see auth_private.oust_squatter.

create or replace function auth_private.find_owner(
  provider text,
  subject text,
  verified text[]
)
returns uuid
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  domain constant text := auth_private.linking_domain(find_owner.provider);
  owners uuid[];
begin
  select array_agg(i.user_id) into owners
  from auth.identities i
  where i.provider_id = find_owner.subject and i.provider = find_owner.provider;
  if owners is not null then
    return owners[1];
  end if;

  select array_agg(distinct i.user_id) into owners
  from auth.identities i
  join auth.users u on u.id = i.user_id
  where i.email = any (find_owner.verified)
    and auth_private.linking_domain(i.provider) = domain
    and (i.identity_data ->> 'email_verified' = 'true' or u.email = i.email);
  if owners is null and domain = 'default' then
    select array_agg(u.id) into owners
    from auth.users u
    where u.email = any (find_owner.verified::varchar[]) and not u.is_sso_user;
  end if;
  if cardinality(owners) > 1 then
    perform auth_private.refuse('accounts_multiple', array[domain]);
  end if;
  return owners[1];
end
$$;

comment on function auth_private.find_owner is
  'The user whom an account at another site belongs to, by its subject or by the addresses that the site has verified; null for nobody. Refuses: unexpected_failure where the addresses are several users''.';
--! EndIncluded identity/find_owner.sql
--! Included identity/oust_squatter.sql
-- Somebody may sign up with an address that is not theirs and wait for its owner. When the owner
-- comes by another site that has verified the address, all that could let the other in goes:
-- password, number, identities, factors, sessions, and what was mailed.

create or replace function auth_private.oust_squatter(user_id uuid, but uuid, data jsonb)
returns void
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  update auth.users u
  set encrypted_password = null, raw_user_meta_data = oust_squatter.data,
    phone = null, phone_confirmed_at = null, phone_change = '', email_change = '',
    email_change_confirm_status = 0, updated_at = now()
  where u.id = oust_squatter.user_id;
  delete from auth.identities i
  where i.user_id = oust_squatter.user_id and i.id <> oust_squatter.but;
  delete from auth.mfa_factors f where f.user_id = oust_squatter.user_id;
  delete from auth.webauthn_credentials w where w.user_id = oust_squatter.user_id;
  delete from auth_private.unproven_passwords p where p.user_id = oust_squatter.user_id;
  perform auth_private.end_all_access(oust_squatter.user_id);
end
$$;

comment on function auth_private.oust_squatter is
  'Takes from a user with an unproven address whatever somebody else may have set, but for one identity, whose data becomes the user_metadata.';
--! EndIncluded identity/oust_squatter.sql
--! Included identity/insert_identity.sql
create or replace function auth_private.insert_identity(
  owner auth.users,
  provider text,
  subject text,
  data jsonb
)
returns uuid
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  linked uuid;
begin
  insert into auth.identities as i (
    provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at
  )
  values (insert_identity.subject, owner.id, insert_identity.data, insert_identity.provider,
    now(), clock_timestamp(), now())
  returning i.id into linked;
  return linked;
end
$$;

comment on function auth_private.insert_identity is
  'Gives a user one more way to sign in; its id.';
--! EndIncluded identity/insert_identity.sql
--! Included identity/insert_external_user.sql
-- An address that somebody else has is not taken from them: then the new user has none. If the
-- site has verified it, who has it has just come, and is the one to sign in.

create or replace function auth_private.insert_external_user(
  id uuid,
  provider text,
  subject text,
  candidate text,
  verified text[],
  data jsonb
)
returns auth.users
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  newcomer auth.users;
  address text := nullif(insert_external_user.candidate, '');
  own_domain constant boolean :=
    auth_private.linking_domain(insert_external_user.provider) <> 'default';
begin
  if not own_domain and exists (
    select from auth.users u where u.email = address and not u.is_sso_user
  ) then
    if address = any (insert_external_user.verified) then
      return null;
    end if;
    address := null;
  end if;
  perform auth_private.before_user_created(insert_external_user.id, address, null,
    insert_external_user.data, insert_external_user.provider);

  insert into auth.users (
    instance_id, id, aud, role, email, encrypted_password, confirmation_token, recovery_token,
    email_change_token_new, email_change, raw_app_meta_data, raw_user_meta_data, is_sso_user,
    created_at, updated_at
  )
  select
    '00000000-0000-0000-0000-000000000000', insert_external_user.id,
    auth_private.requested_aud(), s.jwt_default_group_name, address, '', '', '', '', '',
    jsonb_build_object('provider', insert_external_user.provider,
      'providers', array[insert_external_user.provider]),
    insert_external_user.data, own_domain, now(), now()
  from auth_private.settings s
  on conflict do nothing
  returning * into newcomer;
  if not found then
    return null;
  end if;

  perform auth_private.insert_identity(newcomer, insert_external_user.provider,
    insert_external_user.subject, insert_external_user.data);
  return newcomer;
end
$$;

comment on function auth_private.insert_external_user is
  'A new user who comes by another site, unconfirmed, with that identity; a null row where the address has just been taken. Refuses what the hook before_user_created refuses.';
--! EndIncluded identity/insert_external_user.sql
--! Included identity/prove_external_email.sql
-- Nobody is signed in with an address that is not proven. What the other site has verified is
-- proven by that; for anything else a mail is sent.

create or replace function auth_private.prove_external_email(
  claimant auth.users,
  provider text,
  candidate text,
  candidate_verified boolean,
  verified text[]
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
begin
  select * into strict settings from auth_private.settings;

  if prove_external_email.candidate_verified
    and claimant.email is distinct from prove_external_email.candidate
    and not coalesce(claimant.email = any (prove_external_email.verified), false)
  then
    begin
      update auth.users u set email = prove_external_email.candidate, updated_at = now()
      where u.id = claimant.id;
    exception when unique_violation then
      update auth.users u set email = null, updated_at = now() where u.id = claimant.id;
    end;
    select * into strict claimant from auth.users u where u.id = claimant.id;
  end if;

  if prove_external_email.candidate_verified or settings.mailer_autoconfirm then
    perform auth_private.audit('user_signedup', 'team', claimant,
      jsonb_build_object('provider', prove_external_email.provider));
    if claimant.email is not null then
      perform auth_private.confirm_email(claimant.id);
    end if;
    perform auth_private.discard_tokens(claimant.id);
    return null;
  end if;

  if claimant.email is not null then
    perform auth_private.cool_down(claimant.email, 'signup');
    perform auth_private.audit('user_confirmation_requested', 'user', claimant,
      jsonb_build_object('provider', prove_external_email.provider));
    perform auth_private.send_mail('confirmation', claimant, settings.site_url);
  end if;
  if settings.mailer_allow_unverified_email_sign_ins then
    return null;
  end if;
  if claimant.email is null then
    return auth_private.refused('provider_email_unverified',
      array[prove_external_email.provider, prove_external_email.provider]);
  end if;
  return auth_private.refused('provider_email_mailed',
    array[prove_external_email.provider, prove_external_email.provider]);
end
$$;

comment on function auth_private.prove_external_email is
  'Confirms the address of a user who came by another site, if that has verified it or with autoconfirm; else mails it a link, and returns the refusal provider_email_needs_verification unless the settings let such users in.';
--! EndIncluded identity/prove_external_email.sql
--! Included identity/sign_in_identity.sql
-- What follows from it that another site says who somebody is: the one place where that is
-- decided. Signs in, links, makes a user, or refuses. A user whose address is not verified stays,
-- although the sign-in is refused: the confirmation mail is on its way.

create or replace function auth_private.sign_in_identity(
  provider text,
  profile jsonb,
  email_optional boolean,
  out user_id uuid,
  out created boolean,
  out refusal jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  subject constant text := profile ->> 'subject';
  told record;
  known auth.identities;
  claimant auth.users;
  identity_id uuid;
  new_id uuid;
  proven boolean;
begin
  select * into strict settings from auth_private.settings;
  told := auth_private.profile_emails(profile);
  if coalesce(subject, '') = '' then
    perform auth_private.refuse('profile_without_subject');
  end if;
  if told.candidate = '' and not coalesce(sign_in_identity.email_optional, false) then
    perform auth_private.refuse('profile_without_email');
  end if;

  -- Two callbacks for one account wait for each other.
  perform pg_advisory_xact_lock(hashtextextended(sign_in_identity.provider || ' ' || subject, 0));
  created := false;
  for attempt in 1..3 loop
    user_id := auth_private.find_owner(sign_in_identity.provider, subject, told.verified);
    exit when user_id is not null;

    if settings.disable_signup then
      perform auth_private.refuse('signup_disabled');
    end if;
    new_id := gen_random_uuid();
    claimant := auth_private.insert_external_user(
      new_id, sign_in_identity.provider, subject, told.candidate, told.verified, told.data);
    created := claimant.id is not null;
    user_id := claimant.id;
    exit when created;
    -- Somebody else has just taken the address: decide again.
  end loop;

  select * into claimant
  from auth.users u
  where u.id = sign_in_identity.user_id and u.deleted_at is null
  for no key update;
  if not found then
    perform auth_private.refuse('user_not_found');
  end if;
  if claimant.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;

  select i.* into known
  from auth.identities i
  where i.provider_id = subject and i.provider = sign_in_identity.provider;
  identity_id := known.id;
  if known.id is null then
    identity_id := auth_private.insert_identity(
      claimant, sign_in_identity.provider, subject, told.data);
    perform auth_private.audit('identity_linked', 'user', claimant,
      jsonb_build_object('provider', sign_in_identity.provider));
  elsif not created then
    update auth.identities i
    set identity_data = told.data, updated_at = now()
    where i.id = identity_id;
  end if;
  if not created then
    update auth.users u
    set raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}') || told.data, updated_at = now()
    where u.id = claimant.id;
  end if;
  claimant := auth_private.refresh_providers(claimant.id);

  if claimant.email_confirmed_at is not null
    or told.candidate = '' and sign_in_identity.email_optional
  then
    perform auth_private.audit('login', 'account', claimant,
      jsonb_build_object('provider', sign_in_identity.provider));
  else
    -- Who has proven a number and comes by an account of their own has nobody to oust.
    if not created and (known.id is null or claimant.phone_confirmed_at is null) then
      perform auth_private.oust_squatter(claimant.id, identity_id, told.data);
      claimant := auth_private.refresh_providers(claimant.id);
    end if;
    refusal := auth_private.prove_external_email(claimant, sign_in_identity.provider,
      told.candidate, told.candidate_verified, told.verified);
  end if;
  if refusal is null and known.id is null and not created then
    perform auth_private.notify('identity_linked_notification', claimant, claimant.email,
      jsonb_build_object('Provider', sign_in_identity.provider));
  end if;
  if created and refusal is null then
    refusal := auth_private.after_user_created(claimant.id);
  end if;
end
$$;

comment on function auth_private.sign_in_identity is
  'The user whom a verified profile of another site signs in, linked or made where needed; or a refusal that has to be remembered: provider_email_needs_verification. Refuses: signup_disabled, user_banned, unexpected_failure, and what the hook before_user_created refuses.';
--! EndIncluded identity/sign_in_identity.sql
--! Included identity/refuse_linked.sql
create or replace function auth_private.refuse_linked(provider text, subject text, user_id uuid)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  owner uuid;
begin
  select i.user_id into owner
  from auth.identities i
  where i.provider_id = refuse_linked.subject and i.provider = refuse_linked.provider;
  if owner = refuse_linked.user_id then
    perform auth_private.refuse('identity_linked');
  end if;
  if owner is not null then
    perform auth_private.refuse('identity_linked_elsewhere');
  end if;
end
$$;

comment on function auth_private.refuse_linked is
  'Passes an account at another site that is nobody''s. Refuses: identity_already_exists.';
--! EndIncluded identity/refuse_linked.sql
--! Included identity/accept_invite.sql
create or replace function auth_private.accept_invite(
  token_hash text,
  provider text,
  profile jsonb,
  out user_id uuid,
  out refusal jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  told record;
  guest auth.users;
  identity_id uuid;
begin
  told := auth_private.profile_emails(profile);
  select u.* into guest
  from auth.one_time_tokens t
  join auth.users u on u.id = t.user_id
  where t.token_hash = accept_invite.token_hash and t.token_type = 'confirmation_token'
  for no key update of u;
  if not found then
    perform auth_private.refuse('invite_not_found');
  end if;
  if guest.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;
  -- Only an address that the site has verified proves to be the guest.
  if not coalesce(guest.email = any (told.verified), false) then
    perform auth_private.refuse('invite_email_mismatch');
  end if;

  perform pg_advisory_xact_lock(
    hashtextextended(accept_invite.provider || ' ' || (profile ->> 'subject'), 0));
  perform auth_private.refuse_linked(accept_invite.provider, profile ->> 'subject', guest.id);
  identity_id := auth_private.insert_identity(
    guest, accept_invite.provider, profile ->> 'subject', told.data);
  perform auth_private.audit('invite_accepted', 'account', guest,
    jsonb_build_object('provider', accept_invite.provider));
  if guest.email_confirmed_at is null then
    perform auth_private.oust_squatter(guest.id, identity_id,
      coalesce(guest.raw_user_meta_data, '{}') || told.data);
  end if;
  perform auth_private.confirm_email(guest.id);
  perform auth_private.discard_tokens(guest.id);
  guest := auth_private.refresh_providers(guest.id);
  user_id := guest.id;
end
$$;

comment on function auth_private.accept_invite is
  'The invited user, with the account at another site as identity. Refuses: invite_not_found, user_banned, identity_already_exists, validation_failed where the site has not verified the invited address.';
--! EndIncluded identity/accept_invite.sql
--! Included identity/derive_email.sql
-- After a change of identities: the user's address is one that an identity has, a verified one
-- first. With the address go all links and codes that were sent.

create or replace function auth_private.derive_email(user_id uuid)
returns boolean
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  owner auth.users;
  chosen record;
  proven boolean;
begin
  select * into strict owner from auth.users u where u.id = derive_email.user_id;
  if exists (
    select from auth.identities i where i.user_id = owner.id and i.email = owner.email
  ) then
    return true;
  end if;

  select i.email, i.identity_data ->> 'email_verified' = 'true' as verified into chosen
  from auth.identities i
  where i.user_id = owner.id and (coalesce(i.email, '') = '' or not exists (
    select from auth.users u
    where u.email = i.email and u.id <> owner.id and not u.is_sso_user
  ))
  order by coalesce(i.email, '') = '', i.identity_data ->> 'email_verified' = 'true' desc,
    i.created_at, i.id
  limit 1;
  if not found then
    return false;
  end if;

  proven := coalesce(chosen.email, '') <> '' and (chosen.verified
    or (select s.mailer_autoconfirm from auth_private.settings s));
  update auth.users u
  set email = nullif(chosen.email, ''), email_change = '', email_change_confirm_status = 0,
    phone_change = '',
    email_confirmed_at = case when proven then u.email_confirmed_at end,
    raw_user_meta_data = coalesce(u.raw_user_meta_data, '{}')
      || case when proven then '{}'::jsonb else '{"email_verified": false}' end,
    updated_at = now()
  where u.id = owner.id;
  perform auth_private.discard_tokens(owner.id);
  return true;
end
$$;

comment on function auth_private.derive_email is
  'Makes the address of an identity the user''s, where the present one is no identity''s; false where others have all of these addresses.';
--! EndIncluded identity/derive_email.sql
--! Included identity/link_identity.sql
-- A signed-in user has asked for this, so addresses do not matter here; but only a verified one
-- becomes the user's own at once.

create or replace function auth_private.link_identity(
  target uuid,
  provider text,
  profile jsonb,
  out user_id uuid,
  out refusal jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  told record;
  owner auth.users;
  had_email boolean;
begin
  select * into owner
  from auth.users u
  where u.id = link_identity.target and u.deleted_at is null
  for no key update;
  if not found then
    perform auth_private.refuse('linking_target_not_found');
  end if;
  if owner.banned_until > now() then
    perform auth_private.refuse('user_banned');
  end if;
  if coalesce(profile ->> 'subject', '') = '' then
    perform auth_private.refuse('profile_without_subject');
  end if;
  told := auth_private.profile_emails(profile);
  had_email := coalesce(owner.email, '') <> '';

  perform pg_advisory_xact_lock(
    hashtextextended(link_identity.provider || ' ' || (profile ->> 'subject'), 0));
  perform auth_private.refuse_linked(link_identity.provider, profile ->> 'subject', owner.id);
  perform auth_private.insert_identity(
    owner, link_identity.provider, profile ->> 'subject', told.data);
  perform auth_private.audit('identity_linked', 'user', owner,
    jsonb_build_object('provider', link_identity.provider));
  if not had_email and told.candidate <> '' then
    if not auth_private.derive_email(owner.id) then
      perform auth_private.refuse('linked_email_exists');
    end if;
  end if;
  owner := auth_private.refresh_providers(owner.id);
  user_id := owner.id;

  if not had_email and owner.email is not null then
    if not told.candidate_verified and not (
      select s.mailer_autoconfirm from auth_private.settings s)
    then
      perform auth_private.cool_down(owner.email, 'signup');
      perform auth_private.send_mail('confirmation', owner,
        (select s.site_url from auth_private.settings s));
      refusal := auth_private.refused('linked_email_mailed',
        array[link_identity.provider, link_identity.provider]);
      return;
    end if;
    update auth.users u set is_anonymous = false where u.id = owner.id;
    owner := auth_private.confirm_email(owner.id);
  end if;
  perform auth_private.notify('identity_linked_notification', owner, owner.email,
    jsonb_build_object('Provider', link_identity.provider));
end
$$;

comment on function auth_private.link_identity is
  'Links an account at another site to the user; one without an address gets that of the account, which makes an anonymous user permanent. Or a refusal that has to be remembered: email_not_confirmed. Refuses: identity_already_exists, email_exists, user_banned.';
--! EndIncluded identity/link_identity.sql
--! Included identity/unlink_identity.sql
create or replace function auth.unlink_identity(identity_id uuid default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor auth.users := auth_private.current_user_row();
  gone auth.identities;
begin
  perform auth_private.require_manual_linking();
  if actor.aud is distinct from auth_private.requested_aud() then
    perform auth_private.refuse('unexpected_audience');
  end if;
  -- Two of these at once must not leave a user with none.
  select * into strict actor from auth.users u where u.id = actor.id for no key update;
  if (select count(*) from auth.identities i where i.user_id = actor.id) < 2 then
    perform auth_private.refuse('single_identity');
  end if;

  delete from auth.identities i
  where i.id = unlink_identity.identity_id and i.user_id = actor.id
  returning i.* into gone;
  if not found then
    perform auth_private.refuse('identity_not_found');
  end if;
  perform auth_private.audit('identity_unlinked', 'user', actor, jsonb_build_object(
    'identity_id', gone.id, 'provider', gone.provider, 'provider_id', gone.provider_id));

  if gone.provider = 'phone' then
    update auth.users u set phone = null, phone_confirmed_at = null, updated_at = now()
    where u.id = actor.id;
  elsif not auth_private.derive_email(actor.id) then
    perform auth_private.refuse('email_conflict');
  end if;
  perform auth_private.refresh_providers(actor.id);
  perform auth_private.notify('identity_unlinked_notification', actor, actor.email,
    jsonb_build_object('Provider', gone.provider));
  return '{}';
end
$$;

comment on function auth.unlink_identity is
  'Takes one of several ways to sign in from the user of the request. Returns {}. Refuses: manual_linking_disabled, single_identity_not_deletable, identity_not_found, email_conflict_identity_not_deletable. DELETE /user/identities/{identity_id}.';

grant execute on function auth.unlink_identity to authenticated, service_role;
--! EndIncluded identity/unlink_identity.sql
--! Included identity/signin_external.sql
-- For the gateway, which has verified an id_token, and for people in psql, who know themselves
-- whom they seed.

create or replace function auth.signin_external(
  provider text default null,
  profile jsonb default null,
  email_optional boolean default false,
  link_identity boolean default false
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant record;
  actor auth.users;
begin
  if signin_external.link_identity then
    actor := auth_private.current_user_row();
    claimant := auth_private.link_identity(
      actor.id, signin_external.provider, signin_external.profile);
  else
    claimant := auth_private.sign_in_identity(
      signin_external.provider, signin_external.profile, signin_external.email_optional);
  end if;
  return coalesce(claimant.refusal, auth_private.open_session(claimant.user_id, 'oauth'));
end
$$;

comment on function auth.signin_external is
  'Signs in by the word of another site, as auth.signin_external(''google'', {"subject": "…", "emails": [{"email": "…", "verified": true, "primary": true}], "data": {}}): finds, links or makes the user. With link_identity links to the user of the request. What the profile says is believed. Refuses: signup_disabled, user_banned, provider_email_needs_verification, identity_already_exists. POST /token?grant_type=id_token.';

grant execute on function auth.signin_external to authenticator;
--! EndIncluded identity/signin_external.sql
--! Included oauth/oauth_error_target.sql
create or replace function auth_private.oauth_error_target(
  target text,
  status integer,
  code text,
  message text,
  in_fragment boolean
)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.url_with(oauth_error_target.target, said.it,
    case when oauth_error_target.in_fragment
      then jsonb_strip_nulls(said.it) || '{"sb": ""}' end)
  from (
    select jsonb_strip_nulls(jsonb_build_object(
      'error', case
        when code in ('signup_disabled', 'user_banned', 'provider_email_needs_verification')
          then 'access_denied'
        else coalesce(auth_private.oauth_error(oauth_error_target.status), 'server_error')
      end,
      'error_code', oauth_error_target.code,
      'error_description', oauth_error_target.message)) as it
  ) said
$$;

comment on function auth_private.oauth_error_target is
  'A URL that tells a refusal in its query, and in its fragment if asked for.';
--! EndIncluded oauth/oauth_error_target.sql
--! Included oauth/open_oauth.sql
-- Opens a sign-in with another site: what the state in the redirect stands for. The id is random
-- and is all that leaves the database; a code to exchange is made only when the person is back.

create or replace function auth_private.open_oauth(
  provider text,
  email_optional boolean,
  redirect_to text,
  code_challenge text,
  code_challenge_method text,
  invite_token text,
  code_verifier text,
  linking_target uuid
)
returns jsonb
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  state constant uuid := gen_random_uuid();
  ours uuid;
begin
  if open_oauth.invite_token <> '' and not exists (
    select
    from auth.one_time_tokens t
    cross join auth_private.settings s
    where t.token_hash = auth_private.sha256_hex(open_oauth.invite_token)
      and t.token_type = 'confirmation_token'
      and t.created_at at time zone 'utc' + make_interval(secs => s.mailer_otp_exp) >= now()
  ) then
    perform auth_private.refuse('invite_token_unknown');
  end if;
  perform auth_private.check_code_challenge(
    open_oauth.code_challenge, open_oauth.code_challenge_method);

  -- Who never came back left these.
  delete from auth.flow_state f where f.id in (
    select old.id from auth.flow_state old
    where old.created_at < now() - interval '24 hours'
    limit 10 for update skip locked);
  delete from auth.oauth_client_states c where c.id in (
    select old.id from auth.oauth_client_states old
    where old.created_at < now() - interval '24 hours'
    limit 10 for update skip locked);

  if open_oauth.code_verifier <> '' then
    insert into auth.oauth_client_states (id, provider_type, code_verifier, created_at)
    values (gen_random_uuid(), open_oauth.provider, open_oauth.code_verifier, now())
    returning id into ours;
  end if;
  insert into auth.flow_state (
    id, provider_type, authentication_method, email_optional, referrer, invite_token,
    oauth_client_state_id, linking_target_id, code_challenge, code_challenge_method,
    created_at, updated_at
  )
  values (
    state, open_oauth.provider, 'oauth', coalesce(open_oauth.email_optional, false),
    auth_private.redirect_target(open_oauth.redirect_to),
    auth_private.sha256_hex(nullif(open_oauth.invite_token, '')), ours,
    open_oauth.linking_target, nullif(open_oauth.code_challenge, ''),
    lower(nullif(open_oauth.code_challenge_method, ''))::auth.code_challenge_method, now(), now()
  );
  return jsonb_build_object('state', state);
end
$$;

comment on function auth_private.open_oauth is
  'Remembers a sign-in with another site that has begun: {"state"}. code_verifier is our own towards that site, linking_target the user that an identity is to be linked to. Refuses: user_not_found for an unknown invite_token, validation_failed for a bad challenge.';
--! EndIncluded oauth/open_oauth.sql
--! Included oauth/authorize.sql
create or replace function auth.authorize(
  provider text default null,
  email_optional boolean default false,
  redirect_to text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  invite_token text default null,
  code_verifier text default null
)
returns jsonb
language sql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
  select auth_private.open_oauth(authorize.provider, authorize.email_optional,
    authorize.redirect_to, authorize.code_challenge, authorize.code_challenge_method,
    authorize.invite_token, authorize.code_verifier, null)
$$;

comment on function auth.authorize is
  'Opens a sign-in with another site: {"state"}, with which the gateway sends the person there. Refuses: user_not_found for an unknown invite_token, validation_failed. GET /authorize.';

grant execute on function auth.authorize to authenticator;
--! EndIncluded oauth/authorize.sql
--! Included oauth/authorize_link.sql
-- The caller shows who it is here and not at the callback: the state ties the two together.

create or replace function auth.authorize_link(
  provider text default null,
  email_optional boolean default false,
  redirect_to text default null,
  code_challenge text default null,
  code_challenge_method text default null,
  code_verifier text default null
)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  actor constant auth.users := auth_private.current_user_row();
begin
  perform auth_private.require_manual_linking();
  return auth_private.open_oauth(authorize_link.provider, authorize_link.email_optional,
    authorize_link.redirect_to, authorize_link.code_challenge,
    authorize_link.code_challenge_method, null, authorize_link.code_verifier, actor.id);
end
$$;

comment on function auth.authorize_link is
  'Opens the linking of another site''s account to the user of the request: {"state"}. Refuses: manual_linking_disabled, validation_failed. GET /user/identities/authorize.';

grant execute on function auth.authorize_link to authenticator;
--! EndIncluded oauth/authorize_link.sql
--! Included oauth/spend_state.sql
-- The statement that finds the state also spends it, so of two callbacks with one state exactly
-- one goes on. What it is given in exchange is needed to end the flow, and becomes the code that
-- a PKCE flow ends with.

create or replace function auth_private.spend_state(
  state text,
  out flow auth.flow_state,
  out code text
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  fresh constant text := gen_random_uuid()::text;
begin
  if coalesce(spend_state.state, '') = '' then
    perform auth_private.refuse('oauth_state_missing');
  end if;
  if spend_state.state !~ '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$' then
    perform auth_private.refuse('oauth_state_invalid');
  end if;

  update auth.flow_state f
  set auth_code = auth_private.sha256_hex(fresh), auth_code_issued_at = now(), updated_at = now()
  where f.id = spend_state.state::uuid and f.authentication_method = 'oauth'
    and f.auth_code is null and f.user_id is null
  returning f.* into flow;
  if not found and exists (
    select from auth.flow_state f
    where f.id = spend_state.state::uuid and f.authentication_method = 'oauth'
  ) then
    perform auth_private.refuse('oauth_state_used');
  end if;
  if flow.id is null then
    perform auth_private.refuse('oauth_state_not_found');
  end if;
  if flow.created_at + (
    select s.external_flow_state_expiry_duration from auth_private.settings s) < now()
  then
    perform auth_private.refuse('oauth_state_expired');
  end if;
  if flow.linking_target_id is not null and not exists (
    select from auth.users u where u.id = flow.linking_target_id and u.deleted_at is null
  ) then
    perform auth_private.refuse('linking_target_not_found');
  end if;
  code := fresh;
end
$$;

comment on function auth_private.spend_state is
  'The flow that a state stands for, and the code that ends it, kept as a hash. Refuses: bad_oauth_callback, bad_oauth_state, flow_state_already_used, user_not_found.';
--! EndIncluded oauth/spend_state.sql
--! Included oauth/spend_client_state.sql
-- What we kept for the exchange with a site that wants PKCE of us. It is of use once, and not for
-- long: the code that it goes with is neither.

create or replace function auth_private.spend_client_state(
  id uuid,
  provider text,
  out code_verifier text,
  out fault jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  spent auth.oauth_client_states;
begin
  delete from auth.oauth_client_states c
  where c.id = spend_client_state.id
  returning c.* into spent;
  if not found then
    fault := auth_private.refused('client_state_not_found');
  elsif spent.provider_type <> spend_client_state.provider then
    fault := auth_private.refused('client_state_foreign');
  elsif spent.created_at <= now() - interval '5 minutes' then
    fault := auth_private.refused('client_state_expired');
  else
    code_verifier := spent.code_verifier;
  end if;
end
$$;

comment on function auth_private.spend_client_state is
  'Our code verifier for a site, or the refusal that keeps the flow from going on: oauth_client_state_not_found, oauth_invalid_state, oauth_client_state_expired.';
--! EndIncluded oauth/spend_client_state.sql
--! Included oauth/callback_state.sql
-- The first of the two statements of a callback: between them the gateway asks the other site.

create or replace function auth.callback_state(state text default null)
returns jsonb
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  begun record;
  ours record;
  message text;
  code text;
begin
  begin
    begun := auth_private.spend_state(callback_state.state);
  exception when others then
    if sqlstate not like 'PT%' then
      raise;
    end if;
    get stacked diagnostics message = message_text, code = pg_exception_detail;
    -- Nobody knows where this began, so it ends at home.
    perform auth_private.respond(303, jsonb_build_object('Location',
      auth_private.oauth_error_target((select s.site_url from auth_private.settings s),
        substr(sqlstate, 3)::integer, code, message, false)));
    return null;
  end;

  if (begun.flow).oauth_client_state_id is null then
    return jsonb_build_object('code', begun.code, 'provider', (begun.flow).provider_type);
  end if;
  ours := auth_private.spend_client_state(
    (begun.flow).oauth_client_state_id, (begun.flow).provider_type);
  -- A fault is told when the flow ends, after what the site has said.
  perform auth_private.respond(200);
  return jsonb_strip_nulls(jsonb_build_object(
    'code', begun.code,
    'provider', (begun.flow).provider_type,
    'code_verifier', ours.code_verifier,
    'fault', ours.fault));
end
$$;

comment on function auth.callback_state is
  'Spends the state of a callback: {"code", "provider", "code_verifier"}, of which code ends the flow by auth.callback, with a fault for it where our own part of an exchange by PKCE is lost; or status 303 and a Location at site_url that tells what is wrong. GET and POST /callback.';

grant execute on function auth.callback_state to authenticator;
--! EndIncluded oauth/callback_state.sql
--! Included oauth/end_oauth.sql
create or replace function auth_private.end_oauth(
  flow auth.flow_state,
  code text,
  profile jsonb,
  provider_token text,
  provider_refresh_token text,
  target text,
  out destination text,
  out refusal jsonb
)
returns record
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  claimant record;
  opened jsonb;
begin
  if flow.linking_target_id is not null then
    claimant := auth_private.link_identity(
      flow.linking_target_id, flow.provider_type, end_oauth.profile);
  elsif flow.invite_token <> '' then
    claimant := auth_private.accept_invite(
      flow.invite_token, flow.provider_type, end_oauth.profile);
  else
    claimant := auth_private.sign_in_identity(
      flow.provider_type, end_oauth.profile, flow.email_optional);
  end if;
  refusal := claimant.refusal;
  if refusal is not null then
    return;
  end if;

  if flow.code_challenge is not null then
    update auth.flow_state f
    set user_id = claimant.user_id, provider_access_token = end_oauth.provider_token,
      provider_refresh_token = nullif(end_oauth.provider_refresh_token, ''),
      auth_code_issued_at = now(), updated_at = now()
    where f.id = flow.id;
    destination := auth_private.url_with(
      end_oauth.target, jsonb_build_object('code', end_oauth.code), null);
    return;
  end if;

  opened := auth_private.open_session(claimant.user_id, 'oauth');
  delete from auth.flow_state f where f.id = flow.id;
  -- Encoded once, other than an error, as in GoTrue: a site's token can hold any letter.
  destination := auth_private.url_with(end_oauth.target, null, null) || '#' || (
    select string_agg(said.key || '=' || auth_private.url_encode(said.value), '&'
      order by said.key collate "C")
    from jsonb_each_text(jsonb_strip_nulls(jsonb_build_object(
      'access_token', opened ->> 'access_token',
      'expires_at', opened ->> 'expires_at',
      'expires_in', opened ->> 'expires_in',
      'provider_refresh_token', nullif(end_oauth.provider_refresh_token, ''),
      'provider_token', coalesce(end_oauth.provider_token, ''),
      'refresh_token', opened ->> 'refresh_token',
      'sb', '',
      'token_type', opened ->> 'token_type'))) said
  );
end
$$;

comment on function auth_private.end_oauth is
  'Links, accepts an invitation or signs in, and says where that leads; or a refusal that has to be remembered. Refuses what these refuse.';
--! EndIncluded oauth/end_oauth.sql
--! Included oauth/callback.sql
-- The second of the two statements of a callback: what follows from what the other site has said.
-- It ends in a redirect, since a person is looking. What is refused and has to be remembered is
-- told to the application in the URL; what is raised is undone, and then the gateway comes again
-- with it as a fault. The flow is over in any case.

create or replace function auth.callback(
  code text default null,
  profile jsonb default null,
  provider_token text default null,
  provider_refresh_token text default null,
  fault jsonb default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  flow auth.flow_state;
  refusal jsonb := callback.fault;
  target text;
  ended record;
begin
  select * into flow
  from auth.flow_state f
  where f.auth_code = auth_private.sha256_hex(callback.code) and f.user_id is null
  for update;
  if not found then
    refusal := auth_private.refused('oauth_state_used');
    perform auth_private.respond(303, jsonb_build_object('Location',
      auth_private.oauth_error_target((select s.site_url from auth_private.settings s),
        (refusal ->> 'code')::integer, refusal ->> 'error_code', refusal ->> 'msg', false)));
    return;
  end if;
  select coalesce(nullif(s.external_redirecturl, ''), nullif(flow.referrer, ''), s.site_url)
  into target
  from auth_private.settings s;

  if refusal is null then
    ended := auth_private.end_oauth(flow, callback.code, callback.profile,
      callback.provider_token, callback.provider_refresh_token, target);
    refusal := ended.refusal;
  end if;

  if refusal is not null then
    delete from auth.flow_state f where f.id = flow.id;
    perform auth_private.respond(302, jsonb_build_object('Location', case
      when refusal ? 'error' then auth_private.url_with(target, refusal, refusal || '{"sb": ""}')
      else auth_private.oauth_error_target(target, (refusal ->> 'code')::integer,
        refusal ->> 'error_code', refusal ->> 'msg', true) end));
    return;
  end if;
  perform auth_private.respond(302, jsonb_build_object('Location', ended.destination));
end
$$;

comment on function auth.callback is
  'Ends a sign-in with another site, by the code of auth.callback_state and the verified profile {"subject", "emails": [{"email", "verified", "primary"}], "data"}, or the fault {"code", "error_code", "msg"} that kept the gateway from getting one, or this function from ending the flow with it: status 302 and a Location with the session in its fragment, with a code to exchange for a PKCE flow, or with error, error_code and error_description. GET and POST /callback.';

grant execute on function auth.callback to authenticator;
--! EndIncluded oauth/callback.sql

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
--! Included admin/fold_user_counts.sql
-- Keeps auth_private.user_counts short. What others have locked or not committed is left
-- for the next time, so nobody waits for it.

create or replace function auth_private.fold_user_counts()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  with folded as (
    delete from auth_private.user_counts c
    using (select k.id from auth_private.user_counts k for update skip locked) k
    where c.id = k.id
    returning c.aud, c.change
  )
  insert into auth_private.user_counts (aud, change)
  select f.aud, sum(f.change)
  from folded f
  group by f.aud
  having sum(f.change) <> 0
$$;

comment on function auth_private.fold_user_counts is
  'Puts one row for each audience in the place of many in auth_private.user_counts; the sums stay.';
--! EndIncluded admin/fold_user_counts.sql
--! Included admin/count_users.sql
-- Keeps count of the users, since counting a million takes a fifth of a second. Each change
-- adds a row of its own, so two who sign up at once do not wait for each other, and whoever
-- sums the rows sees exactly the users that are there for the same snapshot.

create or replace function auth_private.count_users()
returns trigger
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  nobody constant uuid := '00000000-0000-0000-0000-000000000000';
begin
  if tg_op = 'INSERT' then
    insert into auth_private.user_counts (aud, change)
    select u.aud, count(*)
    from changed u
    where u.aud is not null and coalesce(u.instance_id, nobody) = nobody
    group by u.aud;
  elsif tg_op = 'DELETE' then
    insert into auth_private.user_counts (aud, change)
    select u.aud, -count(*)
    from changed u
    where u.aud is not null and coalesce(u.instance_id, nobody) = nobody
    group by u.aud;
  elsif tg_op = 'UPDATE' then
    insert into auth_private.user_counts (aud, change)
    select u.aud, u.change
    from (values (old.aud, old.instance_id, -1), (new.aud, new.instance_id, 1))
      u (aud, instance_id, change)
    where u.aud is not null and coalesce(u.instance_id, nobody) = nobody;
  else
    delete from auth_private.user_counts;
  end if;

  -- Elsewhere a fold by somebody else at the same time would be an error.
  if random() < 0.01 and current_setting('transaction_isolation') = 'read committed' then
    perform auth_private.fold_user_counts();
  end if;
  return null;
end
$$;

comment on function auth_private.count_users is
  'Trigger function: notes in auth_private.user_counts how many users have come and gone.';

create or replace trigger count_new_users
  after insert on auth.users
  referencing new table as changed
  for each statement execute function auth_private.count_users();

create or replace trigger count_gone_users
  after delete on auth.users
  referencing old table as changed
  for each statement execute function auth_private.count_users();

create or replace trigger count_moved_user
  after update of aud, instance_id on auth.users
  for each row
  when (old.aud is distinct from new.aud or old.instance_id is distinct from new.instance_id)
  execute function auth_private.count_users();

create or replace trigger count_no_users
  after truncate on auth.users
  for each statement execute function auth_private.count_users();
--! EndIncluded admin/count_users.sql
--! Included admin/recount_users.sql
-- For data that came past the triggers, as by pg_restore --disable-triggers. What is wrong
-- is found and put right in one snapshot, so nobody has to be kept from signing up.

create or replace function auth_private.recount_users()
returns void
language sql volatile
set search_path = pg_catalog, pg_temp
as $$
  insert into auth_private.user_counts (aud, change)
  select d.aud, sum(d.change)
  from (
    select u.aud, count(*) as change
    from auth.users u
    where u.aud is not null
      and coalesce(u.instance_id, '00000000-0000-0000-0000-000000000000')
        = '00000000-0000-0000-0000-000000000000'
    group by u.aud
    union all
    select c.aud, -c.change from auth_private.user_counts c
  ) d
  group by d.aud
  having sum(d.change) <> 0
$$;

comment on function auth_private.recount_users is
  'Counts the users and mends auth_private.user_counts. For the owner, after an import with triggers off; one at a time.';
--! EndIncluded admin/recount_users.sql
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
      phone = coalesce(set_addresses.phone, u.phone),
      phone_change = case when set_addresses.phone is null then u.phone_change else '' end
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
  new_id constant uuid := gen_random_uuid();
  guest auth.users := auth_private.find_user(address);
begin
  if guest.id is null then
    perform auth_private.before_user_created(new_id, address, null, invited.data);
    guest := auth_private.insert_user(new_id, null, null, address, null, null, invited.data);
  end if;
  -- Another request for this address has just been faster.
  if guest.id is null then
    guest := auth_private.find_user(address);
  end if;
  -- Or its user belongs to another audience.
  if guest.id is null or guest.email_confirmed_at is not null then
    perform auth_private.refuse('email_exists');
  end if;

  perform auth_private.contest_password(guest.id);
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
  'The user with this address, made with data as user_metadata where there is none, marked as invited. Refuses: email_exists for a confirmed one, and what the hook before_user_created refuses.';
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
  new_id constant uuid := gen_random_uuid();
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
    perform auth_private.before_user_created(new_id, address, null, signed_up_by_link.data);
    claimant := auth_private.insert_user(new_id, null, null, address, null,
      auth_private.hash_password(signed_up_by_link.password), signed_up_by_link.data);
    if claimant.id is null then
      perform auth_private.refuse('email_exists');
    end if;
    return claimant;
  end if;

  if not auth_private.password_matches(
    signed_up_by_link.password, claimant.encrypted_password)
  then
    perform auth_private.contest_password(claimant.id);
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
  'The unconfirmed user with this address, made where there is none: with the password, null for none. Of a present one only the metadata change. Refuses: email_exists, weak_password and validation_failed for an empty one, and what the hook before_user_created refuses.';
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
  perform auth_private.check_object('user_metadata', admin_create_user.user_metadata);
  perform auth_private.check_object('app_metadata', admin_create_user.app_metadata);
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
  if octet_length(auth_private.normal_password(admin_create_user.password)) > 72 then
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
-- The newest come first, in the order of an index, and their number is kept, so a page near
-- the beginning costs the same for a million users; only a filter reads them all.

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

  if coalesce(admin_list_users.filter, '') = '' then
    select coalesce(sum(c.change), 0) into total
    from auth_private.user_counts c
    where c.aud = wanted_aud;
  else
    select count(*) into total
    from auth_private.listed_users(wanted_aud, admin_list_users.filter);
  end if;
  select coalesce(jsonb_agg(
    auth_private.bare_user_json(listed.u) || '{"identities": null}'), '[]')
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
  perform auth_private.check_object('user_metadata', admin_update_user.user_metadata);
  perform auth_private.check_object('app_metadata', admin_update_user.app_metadata);
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
  address constant text := auth_private.validate_email(invite.email);
  known constant boolean := (auth_private.find_user(address)).id is not null;
  guest auth.users;
begin
  perform auth_private.check_object('data', invite.data);
  guest := auth_private.invited(address, invite.data);
  perform auth_private.queue_mail('invite', guest, guest.email, 'confirmation_token',
    auth_private.redirect_target(invite.redirect_to));
  return coalesce(
    case when not known then auth_private.after_user_created(guest.id) end,
    auth_private.user_json(guest));
end
$$;

comment on function auth.invite is
  'Mails an invitation, with a link and a code that confirm the address and sign in. Makes the user, with data as user_metadata, where there is none, and returns it. Refuses: email_exists for a confirmed user, email format, and what the hooks about new users refuse. POST /invite.';

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
  known boolean;
  mail record;
  secret record;
begin
  perform auth_private.check_object('data', admin_generate_link.data);
  address := auth_private.validate_email(admin_generate_link.email);
  claimant := auth_private.find_user(address);
  known := claimant.id is not null;

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

  return coalesce(
    case when not known then auth_private.after_user_created(claimant.id) end,
    auth_private.user_json(claimant) || jsonb_build_object(
      'action_link', auth_private.link(mail.kind, secret.token, target),
      'email_otp', secret.code,
      'hashed_token', secret.token,
      'verification_type', purpose,
      'redirect_to', target
    ));
end
$$;

comment on function auth.admin_generate_link is
  'Makes what would be mailed and sends nothing. type: signup (a password for a new user), invite, magiclink (signup for a new user), recovery, email_change_current, email_change_new (both with new_email). Returns the user with action_link, email_otp (the code), hashed_token (token_hash for auth.verify), verification_type and redirect_to. Refuses: email_exists, user_not_found, weak_password, validation_failed, and what the hooks about new users refuse. POST /admin/generate_link.';

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
--! Included admin/admin_list_sessions.sql
create or replace function auth.admin_list_sessions(user_id uuid default null)
returns jsonb
language plpgsql stable security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  perform from auth.users u where u.id = admin_list_sessions.user_id;
  if not found then
    perform auth_private.refuse('admin_user_not_found');
  end if;
  return auth_private.sessions_json(admin_list_sessions.user_id);
end
$$;

comment on function auth.admin_list_sessions is
  'The sessions of any user, as list_sessions has them. Refuses: user_not_found. GET /admin/users/{user_id}/sessions.';

grant execute on function auth.admin_list_sessions to service_role;
--! EndIncluded admin/admin_list_sessions.sql
--! Included admin/admin_revoke_session.sql
create or replace function auth.admin_revoke_session(
  user_id uuid default null,
  session_id uuid default null
)
returns void
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  delete from auth.sessions s
  where s.id = admin_revoke_session.session_id and s.user_id = admin_revoke_session.user_id;
  if not found then
    perform auth_private.refuse('session_unknown');
  end if;
  perform auth_private.audit('logout', 'account', auth_private.admin_actor(),
    jsonb_build_object('user_id', admin_revoke_session.user_id,
      'session_id', admin_revoke_session.session_id));
  perform auth_private.respond(204);
end
$$;

comment on function auth.admin_revoke_session is
  'Ends one session of any user, and at once its access token. Refuses: session_not_found. DELETE /admin/users/{user_id}/sessions/{session_id}.';

grant execute on function auth.admin_revoke_session to service_role;
--! EndIncluded admin/admin_revoke_session.sql

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
    set_config('request.remote_addr', coalesce(request ->> 'remote_addr', ''), true),
    set_config('request.pwned', coalesce(request ->> 'pwned', ''), true),
    set_config('request.signer', coalesce(request ->> 'signer', ''), true),
    -- A function of the application may have left its answer on the connection.
    set_config('response.status', '', true),
    set_config('response.headers', '', true)
$$;

comment on function auth_private.set_request is
  'Tells the rest of the transaction whose request it serves, under PostgREST''s names: claims, and of the request headers, method, path and remote_addr; pwned, which says whether the password in it has leaked; and signer, the keys that the gateway can sign with and its mark, see auth_private.sign_jwt. Nothing is answered yet.';

grant execute on function auth_private.set_request to authenticator;
--! EndIncluded door/set_request.sql
--! Included door/enter.sql
-- Puts the transaction in the shoes of a request: its settings and its role. An invoker
-- without a search_path of its own, since only such a function may switch roles; so what
-- a name on the path could change is done by others.

create or replace function auth_private.enter(role text, claims jsonb, request jsonb)
returns void
language plpgsql volatile
as $$
begin
  perform auth_private.set_request(claims, request);

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
  'Sets role, claims and request settings for the rest of the transaction. role is what auth_private.admit has returned for these claims. Refuses: bad_jwt for a role that the gateway may not switch to.';

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
  argument text;
  type regtype;
  value jsonb;
  actual text;
  wanted text;
  list text[] := '{}';
begin
  select p.pronargs, p.proargnames, p.proargtypes, p.prorettype into strict called
  from pg_proc p
  where p.pronamespace = 'auth'::regnamespace and p.proname = statement.routine;

  -- What the client sent is kept out of the query: auto_explain prints a query's constants.
  for place in 1 .. called.pronargs loop
    argument := called.proargnames[place];
    value := args -> argument;
    actual := jsonb_typeof(value);
    if coalesce(actual, 'null') = 'null' then
      continue;
    end if;
    -- An oidvector counts from 0.
    type := called.proargtypes[place - 1];
    wanted := case type::text
      when 'jsonb' then 'object' when 'boolean' then 'boolean' when 'text[]' then 'array'
      else 'string' end;
    -- Of a list its first wrong element is told, as if it were the value.
    if actual = 'array' and wanted = 'array' then
      wanted := 'string';
      actual := coalesce((
        select jsonb_typeof(e.value)
        from jsonb_array_elements(value) with ordinality e (value, place)
        where jsonb_typeof(e.value) <> 'string'
        order by e.place limit 1), 'string');
    end if;
    if actual <> wanted then
      perform auth_private.refuse('body_not_json', array[format(
        'json: cannot unmarshal %s into Go struct field %s.%s of type %s',
        case actual when 'boolean' then 'bool' else actual end, params, argument,
        case type::text
          when 'jsonb' then 'map[string]interface {}' when 'boolean' then 'bool'
          when 'text[]' then case wanted when 'array' then '[]string' else 'string' end
          else 'string'
        end)]);
    end if;
    perform auth_private.check_argument(argument, type, value #>> '{}');
    -- With its schema, since the call is made on a path of the caller.
    list := list || format(
      case type::text
        when 'jsonb' then '%I => $1 operator(pg_catalog.->) %L'
        when 'text[]' then
          '%I => array(select pg_catalog.jsonb_array_elements_text($1 operator(pg_catalog.->) %L))'
        else '%I => ($1 operator(pg_catalog.->>) %L)::%s'
      end,
      argument, argument, type);
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
--
-- A refusal that is raised undoes what the statement did, the counting of the request with
-- it, and then guessing would cost nothing. So the call of a limited request is a
-- subtransaction of its own: what it raises is caught and returned, with all that Postgres
-- has to say of it, and the gateway answers as if it had been raised.

create or replace function auth_private.call(
  routine text,
  args jsonb,
  claims jsonb,
  request jsonb,
  required text default 'none',
  params text default 'Params',
  bucket text default '',
  out status integer,
  out headers text,
  out body text,
  out raised jsonb
)
language plpgsql volatile
as $$
declare
  role pg_catalog.text;
  statement pg_catalog.text;
  result pg_catalog.text;
  refusal pg_catalog.jsonb;
  said pg_catalog.text;
  message pg_catalog.text;
  detail pg_catalog.text;
  hint pg_catalog.text;
  schema_said pg_catalog.text;
  context pg_catalog.text;
begin
  -- What is asked here is found by a key, so a plan that suits one value suits all. Left to
  -- itself Postgres makes some of the plans anew at every call, which costs more than to run them.
  perform pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true);

  -- Who may not ask is told so, whatever else is wrong with the request; and only a user's
  -- request is counted as one.
  role := auth_private.admit(claims, required);
  if bucket operator(pg_catalog.<>) ''::pg_catalog.text
    or request operator(pg_catalog.?) 'captcha'::pg_catalog.text
  then
    refusal := auth_private.gate(bucket, args, request);
  end if;

  if refusal is not null then
    result := refusal::pg_catalog.text;
  elsif bucket operator(pg_catalog.=) ''::pg_catalog.text then
    statement := auth_private.statement(routine, args, params);
    perform auth_private.enter(role, claims, request);
    execute statement into result using args;
  else
    begin
      statement := auth_private.statement(routine, args, params);
      perform auth_private.enter(role, claims, request);
      execute statement into result using args;
      -- What would be raised at the commit is to be caught, too.
      set constraints all immediate;
    exception when others or query_canceled or assert_failure then
      get stacked diagnostics said = returned_sqlstate, message = message_text,
        detail = pg_exception_detail, hint = pg_exception_hint, schema_said = schema_name,
        context = pg_exception_context;
      raised := pg_catalog.jsonb_build_object(
        'code', said, 'message', message, 'detail', nullif(detail, ''),
        'hint', nullif(hint, ''), 'schema_name', nullif(schema_said, ''), 'where', context);
      return;
    end;
  end if;

  status := coalesce(nullif(pg_catalog.current_setting('response.status', true), ''), '200');
  headers := pg_catalog.current_setting('response.headers', true);
  body := nullif(result, '');
end
$$;

comment on function auth_private.call is
  'Calls auth.<routine> for a request: args is its body, claims are those of its verified token, required says whether only a user or an admin will do. Returns status, headers as PostgREST writes them, and the JSON body; a null body where there is none. bucket names the limit that its client is held to, empty for none: with one, and only then, a refusal is not raised but returned in raised, as Postgres would report it. request may say what the gateway has found out about its captcha and password, see auth_private.gate and auth_private.password_weakness. For the gateway.';

grant execute on function auth_private.call to authenticator;
--! EndIncluded door/call.sql
--! Included door/call_as_gateway.sql
-- Calls that only the gateway may make, since they trust it: that another site has said who
-- somebody is. It stays the gateway's own login, so what may be called is here, too, what
-- GRANT EXECUTE says.

create or replace function auth_private.call_as_gateway(
  routine text,
  args jsonb,
  claims jsonb,
  request jsonb,
  required text default 'none',
  params text default 'Params'
)
returns table (status integer, headers text, body text, raised jsonb)
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  result text;
begin
  perform auth_private.set_request(claims, request);
  if required <> 'none' then
    perform auth_private.admit(claims, required);
  end if;
  execute auth_private.statement(routine, args, params) into result using args;

  return query select
    coalesce(nullif(current_setting('response.status', true), ''), '200')::integer,
    current_setting('response.headers', true), nullif(result, ''), null::jsonb;
end
$$;

comment on function auth_private.call_as_gateway is
  'Calls auth.<routine> for a request, as the gateway itself: for functions that are granted to it alone. Arguments and result are those of auth_private.call. For the gateway.';

grant execute on function auth_private.call_as_gateway to authenticator;
--! EndIncluded door/call_as_gateway.sql
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

--! Included cleanup/clean_up.sql
-- Removes what has long expired. Nothing of it was accepted any more, so all this frees is space;
-- hence a little at a time, and never a wait for a row that somebody else is at.

create or replace function auth_private.clean_up(batch integer default 1000)
returns integer
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  settings auth_private.settings;
  removed integer;
begin
  select * into strict settings from auth_private.settings;
  if not settings.db_cleanup_enabled then
    return 0;
  end if;

  with stale_sessions as (
    select s.id
    from auth.sessions s
    where s.not_after < now() - interval '72 hours'
      or s.created_at < now() - settings.sessions_timebox - interval '24 hours'
      or auth_private.session_used_at(s)
        < now() - settings.sessions_inactivity_timeout - interval '24 hours'
    limit batch
    for update skip locked
  ),
  -- An older refresh token may be what says that its session is still in use.
  ended as (
    delete from auth.sessions s
    using stale_sessions stale
    where s.id = stale.id
      and not exists (
        select from auth.refresh_tokens r where r.session_id = s.id and not r.revoked
          and r.updated_at > now() - settings.sessions_inactivity_timeout - interval '24 hours'
      )
    returning 1
  ),
  tokens as (
    delete from auth.refresh_tokens r
    where r.id in (
      select old.id from auth.refresh_tokens old
      where old.revoked and old.updated_at < now() - interval '24 hours'
      limit batch
      for update skip locked
    )
    returning 1
  ),
  flows as (
    delete from auth.flow_state f
    where f.id in (
      select old.id from auth.flow_state old where old.created_at < now() - interval '24 hours'
      limit batch
      for update skip locked
    )
    returning 1
  ),
  states as (
    delete from auth.oauth_client_states o
    where o.id in (
      select old.id from auth.oauth_client_states old
      where old.created_at < now() - interval '24 hours'
      limit batch
      for update skip locked
    )
    returning 1
  ),
  strangers as (
    delete from auth.users u
    where settings.external_anonymous_users_enabled and u.id in (
      select old.id from auth.users old
      where old.is_anonymous and old.created_at < now() - interval '30 days'
      limit batch
      for update skip locked
    )
    returning 1
  )
  select count(*) into removed
  from (
    table ended union all table tokens union all table flows union all table states
    union all table strangers
  ) gone;
  return removed;
end
$$;

comment on function auth_private.clean_up is
  'Removes sessions a day past their end, revoked refresh tokens and unfinished flows of a day ago, and anonymous users of 30 days ago, at most so many of each; nothing without the setting db_cleanup_enabled. Returns how many rows went. For the worker.';

grant execute on function auth_private.clean_up to auth_worker;
--! EndIncluded cleanup/clean_up.sql

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
--! Included rest/rest_not_implemented.sql
create or replace function auth_private.rest_not_implemented(feature text)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform auth_private.rest_refuse(400, 'PGRST127', 'Feature not implemented',
    rest_not_implemented.feature,
    'PostgREST can do it: set POSTGREST_URL, as docs/postgrest.md describes.');
end
$$;

comment on function auth_private.rest_not_implemented is
  'Refuses what PostgREST can do and this face cannot, by name, with PGRST127.';

grant execute on function auth_private.rest_not_implemented to authenticator;
--! EndIncluded rest/rest_not_implemented.sql
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
returns jsonb
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
  return jsonb_build_object(
    'schema', rest_relation.schema_name,
    'name', rest_relation.table_name,
    'sql', format('%I.%I', rest_relation.schema_name, rest_relation.table_name),
    'relation', relation
  );
end
$$;

comment on function auth_private.rest_relation is
  'The table or view of this name, as the target of a request: {"schema", "name", "sql", "relation"}. Refuses: PGRST205.';

grant execute on function auth_private.rest_relation to authenticator;
--! EndIncluded rest/rest_relation.sql
--! Included rest/rest_key.sql
create or replace function auth_private.rest_key(relation oid)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(jsonb_agg(a.attname order by a.attnum), '[]')
  from pg_index i
  join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
  where i.indrelid = rest_key.relation and i.indisprimary
$$;

comment on function auth_private.rest_key is
  'The columns of a table''s primary key; empty where it has none.';

grant execute on function auth_private.rest_key to authenticator;
--! EndIncluded rest/rest_key.sql
--! Included rest/rest_parameters.sql
create or replace function auth_private.rest_parameters(routine oid)
returns table ("position" bigint, name text, type oid, "variadic" boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select row_number() over (order by a.n), coalesce(a.name, ''), a.type,
    a.mode is not distinct from 'v'
  from pg_proc p
  cross join unnest(
    coalesce(p.proallargtypes, p.proargtypes::oid[]), p.proargnames, p.proargmodes
  ) with ordinality a (type, name, mode, n)
  where p.oid = rest_parameters.routine
    and a.type is not null
    and coalesce(a.mode, 'i') in ('i', 'b', 'v')
$$;

comment on function auth_private.rest_parameters is
  'What a function takes: its parameters that are no mere results, in order; an empty name for none.';

grant execute on function auth_private.rest_parameters to authenticator;
--! EndIncluded rest/rest_parameters.sql
--! Included rest/rest_result.sql
create or replace function auth_private.rest_result(routine oid)
returns jsonb
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive base as (
    select t.oid, t.typtype, t.typbasetype, t.typrelid
    from pg_proc p
    join pg_type t on t.oid = p.prorettype
    where p.oid = rest_result.routine
    union all
    select t.oid, t.typtype, t.typbasetype, t.typrelid
    from base
    join pg_type t on t.oid = base.typbasetype
  )
  select jsonb_build_object(
    'routine', p.oid,
    'relation', case when named.columns then 0 else base.typrelid end,
    'rows', named.columns or base.typtype = 'c',
    'single', not p.proretset,
    'void', base.oid = 'void'::regtype,
    'writes', p.provolatile = 'v')
  from base
  join pg_proc p on p.oid = rest_result.routine
  cross join lateral (
    select coalesce(p.proargmodes && '{o,b,t}', false) as columns
  ) named
  where base.typtype <> 'd'
$$;

comment on function auth_private.rest_result is
  'What a function returns: {"routine", "relation", "rows", "single", "void", "writes"}. rows tells whether it has columns, relation whose they are in pg_class, 0 for none; writes whether it is volatile.';

grant execute on function auth_private.rest_result to authenticator;
--! EndIncluded rest/rest_result.sql
--! Included rest/rest_no_routine.sql
-- Without PostgREST's guess at what was meant: it would name functions that the caller may
-- know nothing of.

create or replace function auth_private.rest_no_routine(
  schema_name text,
  query jsonb,
  given text[]
)
returns void
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  routine constant text := format('%s.%s', schema_name, query ->> 'target');
  list constant text := array_to_string(given, ', ');
begin
  perform auth_private.rest_refuse(404, 'PGRST202',
    format('Could not find the function %s%s in the schema cache', routine,
      case when given = '{}' then ' without parameters' else format('(%s)', list) end),
    format('Searched for the function %s%s%s, but no matches were found in the schema cache.',
      routine,
      case cardinality(given)
        when 0 then ' without parameters'
        when 1 then ' with parameter ' || list
        else ' with parameters ' || list
      end,
      case when (query -> 'direct')::boolean then ''
        else ' or with a single unnamed json/jsonb parameter'
      end));
end
$$;

comment on function auth_private.rest_no_routine is
  'Refuses a call that matches no function, with PGRST202.';

grant execute on function auth_private.rest_no_routine to authenticator;
--! EndIncluded rest/rest_no_routine.sql
--! Included rest/rest_routine.sql
-- Overloads are told apart by the names of the arguments, as PostgREST does: all that are
-- given are known, all that have no default are given. A function whose one parameter has
-- no name gets the body as it is, where no other matches.

create or replace function auth_private.rest_routine(schema_name text, query jsonb)
returns jsonb
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant text := query ->> 'target';
  given constant text[] := array(
    select distinct jsonb_array_elements_text(query -> 'columns') order by 1);
  named oid[];
  whole oid[];
begin
  select array_agg(p.oid order by p.pronargs, p.oid) filter (where
      given <@ coalesce(a.names, '{}') and coalesce(a.required, '{}') <@ given),
    array_agg(p.oid order by p.oid) filter (where
      p.pronargs = 1 and a.names[1] = '' and p.proargtypes[0] in ('json'::regtype, 'jsonb'::regtype)
      and not (query -> 'direct')::boolean)
  into named, whole
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  cross join lateral (
    select array_agg(i.name) as names,
      array_agg(i.name) filter (where i.position <= p.pronargs - p.pronargdefaults) as required
    from auth_private.rest_parameters(p.oid) i
  ) a
  where n.nspname = rest_routine.schema_name
    and p.proname = wanted
    and p.prokind = 'f'
    and p.prorettype <> 'trigger'::regtype;

  named := coalesce(named, whole);
  if named is null then
    perform auth_private.rest_no_routine(schema_name, query, given);
  end if;
  if cardinality(named) > 1 then
    perform auth_private.rest_refuse(300, 'PGRST203',
      'Could not choose the best candidate function between: ' || (
        select string_agg(format('%s.%s(%s)', schema_name, wanted, (
            select string_agg(format('%s => %s', i.name, format_type(i.type, null)), ', '
              order by i.position)
            from auth_private.rest_parameters(candidate) i)), ', ' order by n)
        from unnest(named) with ordinality as candidates (candidate, n)),
      hint => 'Try renaming the parameters or the function itself in the database so function '
        || 'overloading can be resolved');
  end if;
  return auth_private.rest_result(named[1]) || jsonb_build_object(
    'schema', rest_routine.schema_name,
    'name', wanted,
    'sql', format('%I.%I', schema_name, wanted));
end
$$;

comment on function auth_private.rest_routine is
  'The function that a request calls, as its target: {"schema", "name", "sql"} and what auth_private.rest_result returns. Refuses: PGRST202, PGRST203.';

grant execute on function auth_private.rest_routine to authenticator;
--! EndIncluded rest/rest_routine.sql
--! Included rest/rest_column.sql
-- Every name that a client sends becomes SQL text through here, and only as the quoted
-- name of a column that the catalogue has.
--
-- A value is compared as the type below a domain and without a length: as a domain it
-- could violate a constraint, cut to a length it would match what it is not equal to.

create or replace function auth_private.rest_column(
  target jsonb,
  name text,
  out identifier text,
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
  where a.attrelid = (rest_column.target ->> 'relation')::oid
    and a.attname = rest_column.name
    and a.attnum > 0
    and not a.attisdropped;
  -- What a function returns may have columns that are no relation's.
  if not found then
    select o.type into type
    from pg_proc p
    cross join unnest(p.proallargtypes, p.proargnames, p.proargmodes) o (type, name, mode)
    where p.oid = (rest_column.target ->> 'routine')::oid
      and o.name = rest_column.name
      and o.mode in ('o', 'b', 't');
  end if;
  if type is null then
    raise undefined_column using message = format('column %s.%s does not exist',
      rest_column.target ->> 'name', rest_column.name);
  end if;

  while (select t.typtype = 'd' from pg_type t where t.oid = type) loop
    type := (select t.typbasetype from pg_type t where t.oid = type);
  end loop;
  identifier := quote_ident(rest_column.name);
  expression := 't.' || identifier;
  -- With -1 a type without a length is written so that it reads back without one.
  value_type := format_type(type, -1);
end
$$;

comment on function auth_private.rest_column is
  'A column of the target: its name as SQL, the same as a column of t, as statements call the target, and the type to read a compared value as. Refuses: 42703.';

grant execute on function auth_private.rest_column to authenticator;
--! EndIncluded rest/rest_column.sql
--! Included rest/rest_cast.sql
-- A type is found as a client may write it, and written as the catalogue has it. Those
-- that turn a number into a name of the catalogue are kept back: they would tell what
-- tables and roles there are.

create or replace function auth_private.rest_cast(schema_name text, name text)
returns text
language plpgsql stable strict
set search_path = pg_catalog, pg_temp
as $$
declare
  type oid;
begin
  begin
    type := coalesce(
      to_regtype(rest_cast.name),
      to_regtype(format('%I.%s', rest_cast.schema_name, rest_cast.name)));
  exception when syntax_error then
    -- What can't be read as a type is the name of none.
  end;
  if type is null then
    raise undefined_object using message = format('type "%s" does not exist', rest_cast.name);
  end if;
  if format_type(type, null) ~ '^reg' then
    perform auth_private.rest_not_implemented(format('Casts to %s', rest_cast.name));
  end if;
  return format_type(type, -1);
end
$$;

comment on function auth_private.rest_cast is
  'The type of this name, built in or of the schema, as SQL; null for null. Refuses: 42704, PGRST127.';

grant execute on function auth_private.rest_cast to authenticator;
--! EndIncluded rest/rest_cast.sql
--! Included rest/rest_items.sql
create or replace function auth_private.rest_items(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select string_agg(
    case
      when item ->> 'column' is null then 't.*'
      else format('%s%s as %I',
        (auth_private.rest_column(target, item ->> 'column')).expression,
        '::' || auth_private.rest_cast(target ->> 'schema', item ->> 'cast'),
        coalesce(item ->> 'alias', item ->> 'column'))
    end, ', ' order by n)
  from jsonb_array_elements(query -> 'select') with ordinality as selected (item, n)
$$;

comment on function auth_private.rest_items is
  'The columns of an answer as SQL, from items {"column", "cast", "alias"}; a null column means all. Refuses: 42703, 42704, PGRST127.';

grant execute on function auth_private.rest_items to authenticator;
--! EndIncluded rest/rest_items.sql
--! Included rest/rest_filter.sql
-- Words of a condition come one by one, so that no nesting makes this deep. No case has
-- an else: a word or operator that is not listed raises, and never drops a condition.

create or replace function auth_private.rest_filter(target jsonb, term jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  filtered record;
  -- As text for patterns; else as the type of the column.
  operand constant text := format('($1[%s])', (term ->> 'operand')::integer);
begin
  if jsonb_typeof(term) = 'string' then
    case term #>> '{}'
      when '(', ')', 'and', 'or', 'not' then
        return term #>> '{}';
    end case;
  end if;

  select * into strict filtered from auth_private.rest_column(target, term ->> 'column');
  case term ->> 'operator'
    when 'eq', 'neq', 'gt', 'gte', 'lt', 'lte', 'cs', 'cd' then
      return format('%s %s %s::%s', filtered.expression,
        case term ->> 'operator'
          when 'eq' then '=' when 'neq' then '<>' when 'gt' then '>' when 'gte' then '>='
          when 'lt' then '<' when 'lte' then '<=' when 'cs' then '@>' when 'cd' then '<@'
        end, operand, filtered.value_type);
    when 'like', 'ilike' then
      return format('%s %s %s', filtered.expression, term ->> 'operator', operand);
    when 'in' then
      return format('%s = any (%s::%s[])', filtered.expression, operand, filtered.value_type);
    when 'is' then
      case term ->> 'value'
        when 'null', 'not null', 'true', 'false', 'unknown' then
          return format('%s is %s', filtered.expression, term ->> 'value');
      end case;
  end case;
end
$$;

comment on function auth_private.rest_filter is
  'A term of a condition in SQL: a word of (, ), and, or, not; or {"column", "operator", "operand"}, where operand tells which element of the parameter $1 is the value, for is {"value"}. Refuses: 42703.';

grant execute on function auth_private.rest_filter to authenticator;
--! EndIncluded rest/rest_filter.sql
--! Included rest/rest_where.sql
create or replace function auth_private.rest_where(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    ' where ' || string_agg(auth_private.rest_filter(target, term), ' ' order by n), '')
  from jsonb_array_elements(query -> 'filters') with ordinality as terms (term, n)
$$;

comment on function auth_private.rest_where is
  'The condition of a request as SQL; empty without one. Refuses: 42703.';

grant execute on function auth_private.rest_where to authenticator;
--! EndIncluded rest/rest_where.sql
--! Included rest/rest_order.sql
create or replace function auth_private.rest_order(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(' order by ' || string_agg(
    (auth_private.rest_column(target, term ->> 'column')).expression
      || case when (term -> 'descending')::boolean then ' desc' else '' end
      || case term ->> 'nulls'
        when 'first' then ' nulls first' when 'last' then ' nulls last' else ''
      end, ', ' order by n), '')
  from jsonb_array_elements(query -> 'order') with ordinality as terms (term, n)
$$;

comment on function auth_private.rest_order is
  'The order of an answer as SQL, from terms {"column", "descending", "nulls"}. Refuses: 42703.';

grant execute on function auth_private.rest_order to authenticator;
--! EndIncluded rest/rest_order.sql
--! Included rest/rest_returning.sql
-- Nothing is read back that is not answered with, so that writing needs no right to
-- select.

create or replace function auth_private.rest_returning(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    case
      when bool_or(name is null) then 't.*'
      else string_agg(distinct (auth_private.rest_column(target, name)).expression, ', ')
        filter (where name is not null)
    end, '1')
  from (
    select term ->> 'column' as name
    from jsonb_array_elements((query -> 'select') || (query -> 'order')) as terms (term)
    where (query -> 'body')::boolean
    union all
    select jsonb_array_elements_text(target -> 'key')
    where (query -> 'location')::boolean
  ) as answered
$$;

comment on function auth_private.rest_returning is
  'The columns of a written row that the answer needs, as SQL. Refuses: 42703.';

grant execute on function auth_private.rest_returning to authenticator;
--! EndIncluded rest/rest_returning.sql
--! Included rest/rest_written.sql
create or replace function auth_private.rest_written(
  query jsonb,
  target jsonb,
  out names text[],
  out definition text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text;
begin
  select
    array_agg(quote_ident(a.attname) order by a.attnum),
    string_agg(quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod), ', '
      order by a.attnum),
    min(wanted.name) filter (where a.attname is null)
  into names, definition, unknown
  from jsonb_array_elements_text(rest_written.query -> 'columns') as wanted (name)
  left join pg_attribute a on a.attrelid = (rest_written.target ->> 'relation')::oid
    and a.attname = wanted.name
    and a.attnum > 0
    and not a.attisdropped;

  if unknown is not null then
    perform auth_private.rest_refuse(400, 'PGRST204',
      format('Could not find the ''%s'' column of ''%s'' in the schema cache', unknown,
        rest_written.target ->> 'name'));
  end if;
end
$$;

comment on function auth_private.rest_written is
  'The columns that a request writes, as SQL: their names, null for none, and the definition of the rows that hold them. Refuses: PGRST204.';

grant execute on function auth_private.rest_written to authenticator;
--! EndIncluded rest/rest_written.sql
--! Included rest/rest_conflict.sql
-- Each merged row is counted in a setting: whether anything was new decides the status of
-- the answer.

create or replace function auth_private.rest_conflict(query jsonb, target jsonb, names text[])
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(
    ' on conflict ('
      || string_agg((auth_private.rest_column(target, name)).identifier, ', ' order by n)
      || ') do '
      || case
        when query ->> 'resolution' = 'merge-duplicates' and names <> '{}' then 'update set '
          || (select string_agg(format('%s = excluded.%1$s', w), ', ') from unnest(names) as w)
          || ' where pg_catalog.set_config(''pgtrue.merged'', (coalesce(nullif('
          || 'pg_catalog.current_setting(''pgtrue.merged'', true), ''''), ''0'')'
          || '::integer + 1)::text, true) is not null'
        else 'nothing'
      end, '')
  from jsonb_array_elements_text(
    coalesce(nullif(query -> 'conflict', 'null'), target -> 'key')
  ) with ordinality as conflict (name, n)
  where query ->> 'resolution' is not null
$$;

comment on function auth_private.rest_conflict is
  'What an insert does with rows that exist by the columns in conflict, else by the primary key, as SQL; empty where neither is known. Refuses: 42703.';

grant execute on function auth_private.rest_conflict to authenticator;
--! EndIncluded rest/rest_conflict.sql
--! Included rest/rest_insert.sql
create or replace function auth_private.rest_insert(query jsonb, target jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  written constant record := auth_private.rest_written(query, target);
begin
  return format('insert into %s as t %s%s returning %s', target ->> 'sql',
    case
      when written.names is null then 'select from pg_catalog.json_array_elements($2)'
      else format('(%s) select %1$s from pg_catalog.json_to_recordset($2) as rows (%s)',
        array_to_string(written.names, ', '), written.definition)
    end,
    auth_private.rest_conflict(query, target, written.names),
    auth_private.rest_returning(query, target));
end
$$;

comment on function auth_private.rest_insert is
  'An insert as SQL, with the rows as a JSON array in the parameter $2. Refuses: PGRST204, 42703.';

grant execute on function auth_private.rest_insert to authenticator;
--! EndIncluded rest/rest_insert.sql
--! Included rest/rest_update.sql
create or replace function auth_private.rest_update(query jsonb, target jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  written constant record := auth_private.rest_written(query, target);
begin
  -- Nothing to set is no error, and nothing updated.
  if written.names is null then
    return format('select %s from %s t where false',
      auth_private.rest_returning(query, target), target ->> 'sql');
  end if;
  return format(
    'update %s as t set %s from pg_catalog.json_to_recordset($2) as rows (%s)%s returning %s',
    target ->> 'sql',
    (select string_agg(format('%s = rows.%1$s', name), ', ') from unnest(written.names) as name),
    written.definition,
    auth_private.rest_where(query, target),
    auth_private.rest_returning(query, target));
end
$$;

comment on function auth_private.rest_update is
  'An update as SQL, with the new values as a JSON array of one object in the parameter $2. Refuses: PGRST204, 42703.';

grant execute on function auth_private.rest_update to authenticator;
--! EndIncluded rest/rest_update.sql
--! Included rest/rest_call.sql
-- Arguments come as JSON in the body, or directly, as texts in the query of a GET.

create or replace function auth_private.rest_call(query jsonb, target jsonb)
returns text
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  direct constant boolean := query -> 'direct';
  passed text;
  definition text;
  call text;
  arguments text;
begin
  select
    string_agg(case
      when i.name = '' then format('$2::%s', format_type(i.type, null))
      else case when i."variadic" then 'variadic ' else '' end || format('%I => ', i.name) || case
        when not direct then format('args.%I', i.name)
        when i."variadic" then format('array[%s]::%s', texts.list, format_type(i.type, -1))
        else format('%s::%s', texts.last, format_type(i.type, -1))
      end
    end, ', ' order by i.position),
    string_agg(format('%I %s', i.name, format_type(i.type, -1)), ', ' order by i.position)
      filter (where i.name <> '' and not direct)
  into passed, definition
  from auth_private.rest_parameters((target ->> 'routine')::oid) i
  cross join lateral (
    select
      string_agg(format('$1[%s]', n), ', ' order by n) as list,
      format('($1[%s])', max(n)) as last
    from jsonb_array_elements_text(query -> 'columns') with ordinality as given (name, n)
    where given.name = i.name
  ) texts
  where i.name = '' or texts.list is not null;

  call := format('%s(%s)', target ->> 'sql', passed);
  -- PostgREST takes the first of an array of objects.
  arguments := 'pg_catalog.json_to_record(case pg_catalog.json_typeof($2) when ''array'' then '
    || 'pg_catalog.json_array_element($2, 0) else $2 end) as args (' || definition || ')';
  if (target -> 'rows')::boolean then
    return format('select t.* from %s%s as t', arguments || ', lateral ', call);
  end if;
  return format('select %s as value%s', call, ' from ' || arguments);
end
$$;

comment on function auth_private.rest_call is
  'A call as SQL, whose result is rows or has the column value; with the arguments as a JSON object in the parameter $2, or where it is direct in $1, in the order of the columns.';

grant execute on function auth_private.rest_call to authenticator;
--! EndIncluded rest/rest_call.sql
--! Included rest/rest_body.sql
create or replace function auth_private.rest_body(query jsonb, target jsonb)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select case
    when not (query -> 'body')::boolean or coalesce((target -> 'void')::boolean, false)
    then 'null::text'
    when (query -> 'singular')::boolean or coalesce((target -> 'single')::boolean, false)
    then format('coalesce(pg_catalog.json_agg(%s) -> 0, ''null'')::text', row)
    else format('coalesce(pg_catalog.json_agg(%s), ''[]'')::text', row)
  end
  from (
    select case (target -> 'rows')::boolean when false then 'page.value' else 'page.*' end as row
  ) answered
$$;

comment on function auth_private.rest_body is
  'The body of an answer as SQL: an array of the rows of page, or one object or value, as JSON; null for none.';

grant execute on function auth_private.rest_body to authenticator;
--! EndIncluded rest/rest_body.sql
--! Included rest/rest_plan.sql
-- Turns the description of a request into a statement, before anything runs as the
-- caller: names come from the catalogue and values stay in parameters, so nothing that a
-- client sends is ever SQL text.

create or replace function auth_private.rest_plan(
  query jsonb,
  out schema_name text,
  out profile text,
  out target jsonb,
  out writes boolean,
  out singular boolean,
  out statement text
)
language plpgsql stable
set search_path = pg_catalog, pg_temp
as $$
declare
  action constant text := query ->> 'action';
  schema record;
  changed text;
  origin text := 'source';
  filters text := '';
begin
  select * into strict schema from auth_private.rest_schema(query ->> 'profile');
  schema_name := schema.name;
  profile := case when schema.told then schema.name end;
  target := case action
    when 'call' then auth_private.rest_routine(schema_name, query)
    else auth_private.rest_relation(schema_name, query ->> 'target')
  end;
  singular := query -> 'singular';
  writes := case action
    when 'read' then false
    when 'call' then (target -> 'writes')::boolean and not (query -> 'direct')::boolean
    else true
  end;

  case action
    when 'read' then
      origin := target ->> 'sql';
    when 'call' then
      changed := auth_private.rest_call(query, target);
    when 'insert' then
      -- For nothing else is the key of use.
      target := target || jsonb_build_object(
        'key', auth_private.rest_key((target ->> 'relation')::oid));
      changed := auth_private.rest_insert(query, target);
    when 'update' then
      changed := auth_private.rest_update(query, target);
    when 'delete' then
      changed := format('delete from %s t%s returning %s', target ->> 'sql',
        auth_private.rest_where(query, target), auth_private.rest_returning(query, target));
  end case;
  if action in ('read', 'call') then
    filters := auth_private.rest_where(query, target);
  end if;

  -- page.* is the whole row, also where a column has the name page.
  statement := format(
    'with %spage as (select %s from %s t%s%s limit $3 offset $4) '
      || 'select %s, pg_catalog.count(*), %s, %s from page',
    'source as materialized (' || changed || '), ',
    case when (query -> 'body')::boolean then auth_private.rest_items(query, target)
      when (query -> 'location')::boolean then 't.*' end,
    origin, filters,
    case when (query -> 'body')::boolean then auth_private.rest_order(query, target) end,
    auth_private.rest_body(query, target),
    case
      when not (query -> 'count')::boolean then 'null::bigint'
      when action in ('read', 'call')
        then format('(select pg_catalog.count(*) from %s t%s)', origin, filters)
      else 'pg_catalog.count(*)'
    end,
    case
      when (query -> 'location')::boolean and target -> 'key' <> '[]' then (
        select format('(pg_catalog.json_agg(pg_catalog.json_build_array(%s)) -> 0)::text',
          string_agg(format('pg_catalog.json_build_array(%L, page.%1$I::text)', name), ', '))
        from jsonb_array_elements_text(target -> 'key') as key (name))
      else 'null::text'
    end);
end
$$;

comment on function auth_private.rest_plan is
  'How to answer a request: a statement with the parameters $1 values, $2 body as JSON, $3 limit, $4 offset, which returns the JSON body, the number of rows, their number without limit and offset if it is to be counted, and for a Location the keys of the first row as [[column, value], …]. target says what it is about, writes whether it may write. Refuses: PGRST106, PGRST127, PGRST202, PGRST203, PGRST204, PGRST205, 42703, 42704.';

grant execute on function auth_private.rest_plan to authenticator;
--! EndIncluded rest/rest_plan.sql
--! Included rest/rest.sql
-- One request to a table or function, one statement. The plan is made by authenticator,
-- who can read the catalogue and no table; it is run as the caller, and there row-level
-- security decides.
--
-- An invoker without a search_path of its own, since only such a function may switch
-- roles. So it names types with their schema, and leaves operators on jsonb to the plan:
-- with a literal beside it, ->> could be found to mean one that someone put on the path.

create or replace function auth_private.rest(
  query jsonb,
  payload text,
  operands text[],
  first bigint,
  skipped bigint,
  claims jsonb,
  request jsonb
)
returns table (
  status text,
  headers text,
  profile text,
  target jsonb,
  merged integer,
  rows bigint,
  total bigint,
  location text,
  body text
)
language plpgsql volatile
as $$
declare
  role pg_catalog.text;
  plan record;
begin
  -- A token that is dead learns nothing, not even what tables there are.
  role := auth_private.admit(claims);
  select * into strict plan from auth_private.rest_plan(query);

  perform auth_private.enter(role, claims, request);
  perform pg_catalog.set_config('search_path',
    pg_catalog.concat(pg_catalog.quote_ident(plan.schema_name), ', public'), true);
  if not plan.writes then
    perform pg_catalog.set_config('transaction_read_only', 'on', true);
  end if;
  execute plan.statement into body, rows, total, location
    using operands, payload::pg_catalog.json, first, skipped;

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

  status := nullif(pg_catalog.current_setting('response.status', true), '');
  headers := nullif(pg_catalog.current_setting('response.headers', true), '');
  merged := nullif(pg_catalog.current_setting('pgtrue.merged', true), '');
  profile := plan.profile;
  target := plan.target;
  return next;
end
$$;

comment on function auth_private.rest is
  'Answers a request to a table, view or function of an exposed schema. query describes it; payload is its body as JSON: an array of rows to write, or what a function is called with; operands are the values that query refers to; first and skipped are limit and offset; claims are those of its verified token. Returns what the request itself chose as status and headers, the schema to name in the answer, the target, the number of rows that were merged, of rows answered and of rows there are, the keys of a new row and the JSON body. Refuses: PGRST116, what auth_private.admit, auth_private.rest_plan and auth_private.enter refuse.';

grant execute on function auth_private.rest to authenticator;
--! EndIncluded rest/rest.sql

--! Included policy/protect.sql
-- The four policies that nearly every table of users' own rows wants, in the fast form.
-- An invoker: only who may alter the table can do it. Safe to repeat.

create or replace function auth.protect(target regclass, owner name default 'user_id')
returns setof text
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
declare
  statement text;
  own text;
  owner_column record;
begin
  select a.attnum, a.atttypid::regtype as type into owner_column
  from pg_attribute a
  where a.attrelid = protect.target and a.attname = protect.owner and a.attnum > 0
    and not a.attisdropped;
  if not found then
    perform auth_private.refuse('protect_column_unknown',
      array[protect.target::text, coalesce(protect.owner, '')::text]);
  end if;
  if owner_column.type <> 'uuid'::regtype then
    perform auth_private.refuse('protect_column_not_uuid',
      array[protect.target::text, protect.owner::text, owner_column.type::text]);
  end if;

  own := format('((select auth.uid()) = %I)', protect.owner);
  for statement in
    select format(step.text, protect.target, protect.owner, own)
    from (
      select 'alter table %1$s enable row level security' as text
      union all
      select 'create index on %1$s (%2$I)'
      where not exists (
        select
        from pg_index i
        where i.indrelid = protect.target and i.indkey[0] = owner_column.attnum and i.indisvalid
          and i.indpred is null
      )
      union all
      select format('drop policy if exists %s_own on %%1$s', act)
      from unnest('{select,insert,update,delete}'::text[]) act
      where exists (
        select
        from pg_policy p
        where p.polrelid = protect.target and p.polname = act || '_own'
      )
      union all
      select 'create policy select_own on %1$s for select to authenticated using %3$s'
      union all
      select 'create policy insert_own on %1$s for insert to authenticated with check %3$s'
      union all
      select 'create policy update_own on %1$s for update to authenticated '
        || 'using %3$s with check %3$s'
      union all
      select 'create policy delete_own on %1$s for delete to authenticated using %3$s'
      union all
      select 'grant select, insert, update, delete on %1$s to authenticated'
    ) step
  loop
    execute statement;
    return next statement || ';';
  end loop;
end
$$;

comment on function auth.protect is
  'Makes the rows of a table their owner''s: row-level security, an index on the owner column (a uuid), four policies select_own, insert_own, update_own, delete_own for authenticated, and the grants. Returns the statements it has run. Refuses: validation_failed for a column that is none. For the owner of the table.';
--! EndIncluded policy/protect.sql
--! Included lint/exposed_tables.sql
create or replace function auth_private.exposed_tables()
returns table (oid oid, name text, kind "char", guarded boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select c.oid, c.oid::regclass::text, c.relkind, c.relrowsecurity
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  join auth_private.settings s on n.nspname = any (s.db_schemas)
  where c.relkind in ('r', 'p', 'f', 'v', 'm')
    and not exists (
      select
      from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e'
    )
$$;

comment on function auth_private.exposed_tables is
  'Tables and views of the schemas that the API serves, without those of extensions; guarded: whether row-level security is on.';
--! EndIncluded lint/exposed_tables.sql
--! Included lint/exposed_functions.sql
create or replace function auth_private.exposed_functions()
returns table (oid oid, name text, definer boolean, pinned boolean)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select p.oid, p.oid::regprocedure::text, p.prosecdef,
    exists (select from unnest(p.proconfig) setting where setting like 'search\_path=%')
  from pg_proc p
  join pg_namespace n on n.oid = p.pronamespace
  join auth_private.settings s on n.nspname = any (s.db_schemas)
  where p.prokind = 'f'
    -- What only a trigger can call is no door.
    and p.prorettype not in ('trigger'::regtype, 'event_trigger'::regtype)
    and not exists (
      select
      from pg_depend d
      where d.classid = 'pg_proc'::regclass and d.objid = p.oid and d.deptype = 'e'
    )
$$;

comment on function auth_private.exposed_functions is
  'Functions of the schemas that the API serves, without those of extensions and of triggers; pinned: whether its search_path is fixed.';
--! EndIncluded lint/exposed_functions.sql
--! Included lint/exposed_policies.sql
create or replace function auth_private.exposed_policies()
returns table (
  oid oid,
  name text,
  relation oid,
  relation_name text,
  roles oid[],
  using_text text,
  check_text text
)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select p.oid, quote_ident(p.polname), t.oid, t.name, p.polroles,
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
  from pg_policy p
  join auth_private.exposed_tables() t on t.oid = p.polrelid
$$;

comment on function auth_private.exposed_policies is
  'Policies on tables of the schemas that the API serves, their expressions as text with all names qualified.';
--! EndIncluded lint/exposed_policies.sql
--! Included lint/alter_policy.sql
create or replace function auth_private.alter_policy(
  name text,
  relation_name text,
  using_text text,
  check_text text
)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select format('alter policy %s on %s', name, relation_name)
    || coalesce(' using (' || using_text || ')', '')
    || coalesce(' with check (' || check_text || ')', '')
    || ';'
$$;

comment on function auth_private.alter_policy is
  'The statement that gives a policy these expressions; null leaves one as it is.';
--! EndIncluded lint/alter_policy.sql
--! Included lint/wrap_calls.sql
-- A call in a policy is made for every row. In a sub-select of its own it is made once,
-- before the first. Postgres prints such a sub-select as ( SELECT …): so here a stack of
-- open parentheses tells, for each call of ours, whether the nearest sub-select around it
-- has rows of its own, or is none.

create or replace function auth_private.wrap_calls(expression text)
returns text
language plpgsql immutable strict
set search_path = pg_catalog, pg_temp
as $$
declare
  token text[];
  said text;
  -- Of each open parenthesis: once for a sub-select without rows, rows for one with, else
  -- what is around it.
  around text[] := '{}';
  wrapping integer[] := '{}';
  wrapped text := '';
begin
  for token in
    select regexp_matches(expression,
      $re$('(?:[^']|'')*'|"(?:[^"]|"")*"|$re$
      || 'auth\.(?:uid|role|email|jwt|session_id|aal|email_domain|is_anonymous|claim)\('
      || '|\( SELECT\y|\(|\)|[a-zA-Z_0-9.]+|.)', 'g')
  loop
    said := token[1];
    if said = 'FROM' and around <> '{}' then
      around[cardinality(around)] := 'rows';
    end if;
    if said ~ '^auth\.' and around[cardinality(around)] is distinct from 'once' then
      wrapped := wrapped || '( SELECT ';
      wrapping := wrapping || cardinality(around);
    end if;
    if said ~ '\($' or said = '( SELECT' then
      around := around || case when said = '( SELECT' then 'once'
        else coalesce(around[cardinality(around)], 'rows') end;
    end if;
    wrapped := wrapped || said;
    if said = ')' then
      around := trim_array(around, 1);
      if cardinality(around) = wrapping[cardinality(wrapping)] then
        wrapped := wrapped || ')';
        wrapping := trim_array(wrapping, 1);
      end if;
    end if;
  end loop;
  return wrapped;
end
$$;

comment on function auth_private.wrap_calls is
  'A policy''s expression, as Postgres prints it, with each call of a policy helper that is made per row put into a sub-select of its own.';
--! EndIncluded lint/wrap_calls.sql
--! Included lint/lint_tables_without_rls.sql
create or replace function auth_private.lint_tables_without_rls()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'error', t.name,
    format('Without row-level security %s can use every row of it.', string_agg(r.name, ' and ')),
    format('alter table %s enable row level security;', t.name)
  from auth_private.exposed_tables() t
  join (values ('anon'), ('authenticated')) r (name)
    on has_table_privilege(r.name, t.oid, 'select, insert, update, delete')
      or has_any_column_privilege(r.name, t.oid, 'select, insert, update')
  where t.kind in ('r', 'p') and not t.guarded
  group by t.name
$$;

comment on function auth_private.lint_tables_without_rls is
  'Finds tables that API roles may use without row-level security.';
--! EndIncluded lint/lint_tables_without_rls.sql
--! Included lint/lint_rls_without_policies.sql
-- Safe, but hardly meant: whoever grants a table wants it used. The column that points at
-- the users tells how.

create or replace function auth_private.lint_rls_without_policies()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', t.name,
    'Row-level security is on, and no policy lets anybody see or write a row.',
    case when owner.attname is null
      then format('revoke all on %s from anon, authenticated;', t.name)
      else format('select auth.protect(%L, owner => %L);', t.name, owner.attname) end
  from auth_private.exposed_tables() t
  left join lateral (
    select a.attname
    from pg_constraint f
    join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]
    where f.conrelid = t.oid and f.contype = 'f' and f.confrelid = 'auth.users'::regclass
      and cardinality(f.conkey) = 1
    order by a.attnum
    limit 1
  ) owner on true
  where t.kind in ('r', 'p') and t.guarded
    and not exists (select from pg_policy p where p.polrelid = t.oid)
    and exists (
      select
      from (values ('anon'), ('authenticated')) r (name)
      where has_table_privilege(r.name, t.oid, 'select, insert, update, delete')
    )
$$;

comment on function auth_private.lint_rls_without_policies is
  'Finds tables that API roles may use and where no policy lets them see a row.';
--! EndIncluded lint/lint_rls_without_policies.sql
--! Included lint/lint_calls_per_row.sql
create or replace function auth_private.lint_calls_per_row()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', format('policy %s on %s', p.name, p.relation_name),
    'It calls a function of schema auth for every row; in a sub-select the call is made once.',
    auth_private.alter_policy(p.name, p.relation_name,
      auth_private.wrap_calls(p.using_text), auth_private.wrap_calls(p.check_text))
  from auth_private.exposed_policies() p
  where (p.using_text, p.check_text) is distinct from
    (auth_private.wrap_calls(p.using_text), auth_private.wrap_calls(p.check_text))
$$;

comment on function auth_private.lint_calls_per_row is
  'Finds policies that call a policy helper once a row.';
--! EndIncluded lint/lint_calls_per_row.sql
--! Included lint/lint_policy_columns.sql
-- Only a column that is compared with = : an index on a flag would help nobody.

create or replace function auth_private.lint_policy_columns()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select distinct 'warning', format('%s.%I', p.relation_name, a.attname),
    format('Policy %s compares this column, and no index begins with it: ', p.name)
      || 'each query reads the whole table.',
    format('create index on %s (%I);', p.relation_name, a.attname)
  from auth_private.exposed_policies() p
  join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
    and d.refclassid = 'pg_class'::regclass and d.refobjid = p.relation and d.refobjsubid > 0
  join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
  where p.using_text ~ format('(\m%1$I = )|( = %1$I\M)', a.attname)
    and not exists (
      select
      from pg_index i
      where i.indrelid = p.relation and i.indkey[0] = a.attnum and i.indisvalid
    )
$$;

comment on function auth_private.lint_policy_columns is
  'Finds columns that a policy compares and no index begins with.';
--! EndIncluded lint/lint_policy_columns.sql
--! Included lint/lint_user_metadata.sql
create or replace function auth_private.lint_user_metadata()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'error', format('policy %s on %s', p.name, p.relation_name),
    'It decides by user_metadata, which users write themselves: anybody can grant herself whatever it asks for.',
    auth_private.alter_policy(p.name, p.relation_name,
      replace(replace(p.using_text, 'raw_user_meta_data', 'raw_app_meta_data'),
        'user_metadata', 'app_metadata'),
      replace(replace(p.check_text, 'raw_user_meta_data', 'raw_app_meta_data'),
        'user_metadata', 'app_metadata'))
  from auth_private.exposed_policies() p
  where concat(p.using_text, ' ', p.check_text) ~ 'user_metadata|raw_user_meta_data'
$$;

comment on function auth_private.lint_user_metadata is
  'Finds policies that believe user_metadata.';
--! EndIncluded lint/lint_user_metadata.sql
--! Included lint/lint_policies_to_public.sql
create or replace function auth_private.lint_policies_to_public()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', format('policy %s on %s', p.name, p.relation_name),
    'It is for everybody, yet asks who is signed in: requests without a user try it in vain, on every row.',
    format('alter policy %s on %s to authenticated;', p.name, p.relation_name)
  from auth_private.exposed_policies() p
  where p.roles = '{0}'
    and concat(p.using_text, ' ', p.check_text)
      ~ ('\mauth\.(uid|email|email_domain|session_id|aal|is_anonymous)\('
        || '|\mauth\.role\(\).*''authenticated''')
$$;

comment on function auth_private.lint_policies_to_public is
  'Finds policies for everybody that only a signed-in user can pass.';
--! EndIncluded lint/lint_policies_to_public.sql
--! Included lint/lint_views_of_owner.sql
-- A view reads as its owner, past the policies of what it reads, unless it is told not to.
-- Before Postgres 15 it can't be told.

create or replace function auth_private.lint_views_of_owner()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  with recursive reads (view, oid) as (
    select v.oid, v.oid
    from auth_private.exposed_tables() v
    where v.kind in ('v', 'm')
    union
    select reads.view, d.refobjid
    from reads
    join pg_rewrite w on w.ev_class = reads.oid
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
      and d.refclassid = 'pg_class'::regclass and d.refobjid <> reads.oid
  )
  select 'error', v.name,
    format('It shows the rows of %s as its owner sees them, past row-level security.',
      string_agg(distinct c.oid::regclass::text, ', ')),
    case when v.kind = 'v' and current_setting('server_version_num')::integer >= 150000
      then format('alter view %s set (security_invoker = true);', v.name)
      else format('revoke all on %s from anon, authenticated;', v.name) end
  from auth_private.exposed_tables() v
  join reads on reads.view = v.oid
  join pg_class c on c.oid = reads.oid and c.relrowsecurity
  join pg_class own on own.oid = v.oid
  where not coalesce('security_invoker=true' = any (own.reloptions)
      or 'security_invoker=on' = any (own.reloptions), false)
    and exists (
      select
      from (values ('anon'), ('authenticated')) r (name)
      where has_table_privilege(r.name, v.oid, 'select, insert, update, delete')
    )
  group by v.name, v.kind
$$;

comment on function auth_private.lint_views_of_owner is
  'Finds views that show API roles rows which policies hide from them.';
--! EndIncluded lint/lint_views_of_owner.sql
--! Included lint/lint_definers_without_path.sql
create or replace function auth_private.lint_definers_without_path()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'error', f.name,
    'It runs as its owner on the caller''s search_path, where a caller can put things of her own.',
    format('alter function %s set search_path = pg_catalog, public, pg_temp;', f.name)
  from auth_private.exposed_functions() f
  where f.definer and not f.pinned
$$;

comment on function auth_private.lint_definers_without_path is
  'Finds SECURITY DEFINER functions whose search_path the caller chooses.';
--! EndIncluded lint/lint_definers_without_path.sql
--! Included lint/lint_definers_for_anon.sql
create or replace function auth_private.lint_definers_for_anon()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', f.name,
    'It runs as its owner, past row-level security, and a request without a user can call it.',
    format('revoke execute on function %s from public, anon;', f.name)
  from auth_private.exposed_functions() f
  where f.definer and has_function_privilege('anon', f.oid, 'execute')
$$;

comment on function auth_private.lint_definers_for_anon is
  'Finds SECURITY DEFINER functions that a request without a user can call.';
--! EndIncluded lint/lint_definers_for_anon.sql
--! Included lint/lint_functions_for_public.sql
create or replace function auth_private.lint_functions_for_public()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', f.name,
    'PUBLIC may execute it, as by default: every role can call it, over the API too.',
    format('revoke execute on function %s from public; ', f.name)
      || format('grant execute on function %s to authenticated;', f.name)
  from auth_private.exposed_functions() f
  join pg_proc p on p.oid = f.oid
  where exists (
    select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a where a.grantee = 0
  )
$$;

comment on function auth_private.lint_functions_for_public is
  'Finds functions that anybody can call because nobody said otherwise.';
--! EndIncluded lint/lint_functions_for_public.sql
--! Included lint/lint_tables_anon_writes.sql
create or replace function auth_private.lint_tables_anon_writes()
returns table (severity text, object text, why text, remedy text)
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select 'warning', t.name,
    'A request without a user may write it, as far as policies let it.',
    format('revoke insert, update, delete, truncate on %s from anon;', t.name)
  from auth_private.exposed_tables() t
  where has_table_privilege('anon', t.oid, 'insert, update, delete, truncate')
$$;

comment on function auth_private.lint_tables_anon_writes is
  'Finds tables that a request without a user may write.';
--! EndIncluded lint/lint_tables_anon_writes.sql
--! Included lint/lint.sql
-- What is wrong with the policies, grants and functions of the application: for people in
-- psql, and for CI by `npx pgtrue lint`.

create or replace function auth.lint()
returns table (severity text, rule text, object text, why text, remedy text)
language sql stable security definer
set search_path = pg_catalog, pg_temp
as $$
  select f.severity, f.rule, f.object, f.why, f.remedy
  from (
    select 'table_without_rls' as rule, l.* from auth_private.lint_tables_without_rls() l
    union all
    select 'view_of_owner', l.* from auth_private.lint_views_of_owner() l
    union all
    select 'policy_on_user_metadata', l.* from auth_private.lint_user_metadata() l
    union all
    select 'definer_without_path', l.* from auth_private.lint_definers_without_path() l
    union all
    select 'definer_for_anon', l.* from auth_private.lint_definers_for_anon() l
    union all
    select 'function_for_public', l.* from auth_private.lint_functions_for_public() l
    union all
    select 'table_anon_writes', l.* from auth_private.lint_tables_anon_writes() l
    union all
    select 'rls_without_policies', l.* from auth_private.lint_rls_without_policies() l
    union all
    select 'policy_to_public', l.* from auth_private.lint_policies_to_public() l
    union all
    select 'call_per_row', l.* from auth_private.lint_calls_per_row() l
    union all
    select 'policy_column_without_index', l.* from auth_private.lint_policy_columns() l
  ) f
  order by f.severity, f.rule, f.object
$$;

comment on function auth.lint is
  'Findings about the application''s tables, views, policies and functions in the schemas that the API serves: severity (error or warning), rule, object, why, and the statement that mends it. Empty where all is well. For the owner.';
--! EndIncluded lint/lint.sql

reset role;
--! EndIncluded index.sql
