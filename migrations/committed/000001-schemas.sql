--! Previous: -
--! Hash: sha1:0c0bca02778f42248a8ab8bee1a2dd55fcf97166
--! Message: schemas

-- The two schemas and what new functions in them are worth to others: nothing.
--
-- auth is what people see: GoTrue's tables and the functions that may be called.
-- auth_private holds helpers, settings, keys and the outbox; no API role gets in.

create extension if not exists pgcrypto;

create schema auth authorization auth_owner;
comment on schema auth is 'Authentication: GoTrue''s tables and the functions that may be called.';

create schema auth_private authorization auth_owner;
comment on schema auth_private is 'Inner workings of auth: helpers, settings, keys, outbox.';

set local role auth_owner;

-- PUBLIC may execute every new function by default. Without that, the grants that
-- stand beside a function are the whole of who may call it.
alter default privileges for role auth_owner revoke execute on functions from public;

grant usage on schema auth to anon, authenticated, service_role, authenticator;
grant usage on schema auth_private to authenticator, auth_worker;

create type auth.aal_level as enum ('aal1', 'aal2', 'aal3');
create type auth.code_challenge_method as enum ('s256', 'plain');
create type auth.factor_status as enum ('unverified', 'verified');
create type auth.factor_type as enum ('totp', 'webauthn', 'phone');
create type auth.oauth_authorization_status as enum ('pending', 'approved', 'denied', 'expired');
create type auth.oauth_client_type as enum ('public', 'confidential');
create type auth.oauth_registration_type as enum ('dynamic', 'manual');
create type auth.oauth_response_type as enum ('code');
create type auth.one_time_token_type as enum (
  'confirmation_token', 'reauthentication_token', 'recovery_token',
  'email_change_token_new', 'email_change_token_current', 'phone_change_token'
);

comment on type auth.aal_level is 'How strongly a session is proven (NIST 800-63B); the order matters.';
comment on type auth.code_challenge_method is 'PKCE (RFC 7636).';
comment on type auth.factor_status is 'Whether a second factor has been proven once.';
comment on type auth.factor_type is 'Kinds of second factor.';
comment on type auth.oauth_authorization_status is 'State of an authorization request to our OAuth server.';
comment on type auth.oauth_client_type is 'RFC 6749, section 2.1.';
comment on type auth.oauth_registration_type is 'How an OAuth client came to be.';
comment on type auth.oauth_response_type is 'RFC 6749, section 3.1.1.';
comment on type auth.one_time_token_type is 'What a mailed link or code is good for.';

reset role;
