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
    ('protect_column_unknown', 'validation_failed', 400, 'Table %s has no column "%s"'),
    ('protect_column_not_uuid', 'validation_failed', 400,
      'Column "%2$s" of table %1$s is of type %3$s, and the id of a user is a uuid'),
    ('nobody_to_act_as', 'user_not_found', 404, 'No user has the email address or id "%s"')
$$;

comment on function auth_private.errors is
  'All refusals: the name used in the code, the error code and HTTP status a client reads, and the message, with %s for what varies.';
