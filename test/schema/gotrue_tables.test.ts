// The tables of schema auth are GoTrue's, column by column: so that foreign keys to them,
// triggers on them and a dump of GoTrue's data go on working.

import t from 'tap'
import { openDatabase } from '../support/database.ts'

// tz is timestamptz, v varchar(255), ! not null.
const tables: Record<string, string> = {
  users: `instance_id uuid, id uuid!, aud v, role v, email v, encrypted_password v,
    email_confirmed_at tz, invited_at tz, confirmation_token v, confirmation_sent_at tz,
    recovery_token v, recovery_sent_at tz, email_change_token_new v, email_change v,
    email_change_sent_at tz, last_sign_in_at tz, raw_app_meta_data jsonb,
    raw_user_meta_data jsonb, is_super_admin boolean, created_at tz, updated_at tz, phone text,
    phone_confirmed_at tz, phone_change text, phone_change_token v, phone_change_sent_at tz,
    confirmed_at tz, email_change_token_current v, email_change_confirm_status smallint,
    banned_until tz, reauthentication_token v, reauthentication_sent_at tz,
    is_sso_user boolean!, deleted_at tz, is_anonymous boolean!`,
  identities: `provider_id text!, user_id uuid!, identity_data jsonb!, provider text!,
    last_sign_in_at tz, created_at tz, updated_at tz, email text, id uuid!`,
  sessions: `id uuid!, user_id uuid!, created_at tz, updated_at tz, factor_id uuid,
    aal auth.aal_level, not_after tz, refreshed_at timestamp, user_agent text, ip inet, tag text,
    oauth_client_id uuid, refresh_token_hmac_key text, refresh_token_counter bigint, scopes text`,
  refresh_tokens: `instance_id uuid, id bigint!, token v, user_id v, revoked boolean,
    created_at tz, updated_at tz, parent v, session_id uuid`,
  mfa_amr_claims: `session_id uuid!, created_at tz!, updated_at tz!,
    authentication_method text!, id uuid!`,
  mfa_factors: `id uuid!, user_id uuid!, friendly_name text, factor_type auth.factor_type!,
    status auth.factor_status!, created_at tz!, updated_at tz!, secret text, phone text,
    last_challenged_at tz, web_authn_credential jsonb, web_authn_aaguid uuid,
    last_webauthn_challenge_data jsonb`,
  mfa_challenges: `id uuid!, factor_id uuid!, created_at tz!, verified_at tz, ip_address inet!,
    otp_code text, web_authn_session_data jsonb`,
  one_time_tokens: `id uuid!, user_id uuid!, token_type auth.one_time_token_type!,
    token_hash text!, relates_to text!, created_at timestamp!, updated_at timestamp!`,
  flow_state: `id uuid!, user_id uuid, auth_code text,
    code_challenge_method auth.code_challenge_method, code_challenge text, provider_type text!,
    provider_access_token text, provider_refresh_token text, created_at tz, updated_at tz,
    authentication_method text!, auth_code_issued_at tz, invite_token text, referrer text,
    oauth_client_state_id uuid, linking_target_id uuid, email_optional boolean!`,
  oauth_client_states: 'id uuid!, provider_type text!, code_verifier text, created_at tz!',
  sso_providers: 'id uuid!, resource_id text, created_at tz, updated_at tz, disabled boolean',
  sso_domains: 'id uuid!, sso_provider_id uuid!, domain text!, created_at tz, updated_at tz',
  saml_providers: `id uuid!, sso_provider_id uuid!, entity_id text!, metadata_xml text!,
    metadata_url text, attribute_mapping jsonb, created_at tz, updated_at tz, name_id_format text`,
  saml_relay_states: `id uuid!, sso_provider_id uuid!, request_id text!, for_email text,
    redirect_to text, created_at tz, updated_at tz, flow_state_id uuid`,
  oauth_clients: `id uuid!, client_secret_hash text,
    registration_type auth.oauth_registration_type!, redirect_uris text!, grant_types text!,
    client_name text, client_uri text, logo_uri text, created_at tz!, updated_at tz!,
    deleted_at tz, client_type auth.oauth_client_type!, token_endpoint_auth_method text!`,
  oauth_authorizations: `id uuid!, authorization_id text!, client_id uuid!, user_id uuid,
    redirect_uri text!, scope text!, state text, resource text, code_challenge text,
    code_challenge_method auth.code_challenge_method, response_type auth.oauth_response_type!,
    status auth.oauth_authorization_status!, authorization_code text, created_at tz!,
    expires_at tz!, approved_at tz, nonce text`,
  oauth_consents: `id uuid!, user_id uuid!, client_id uuid!, scopes text!, granted_at tz!,
    revoked_at tz`,
  custom_oauth_providers: `id uuid!, provider_type text!, identifier text!, name text!,
    client_id text!, client_secret text!, acceptable_client_ids text[]!, scopes text[]!,
    pkce_enabled boolean!, attribute_mapping jsonb!, authorization_params jsonb!,
    enabled boolean!, email_optional boolean!, issuer text, discovery_url text,
    skip_nonce_check boolean!, cached_discovery jsonb, discovery_cached_at tz,
    authorization_url text, token_url text, userinfo_url text, jwks_uri text, created_at tz!,
    updated_at tz!, custom_claims_allowlist text[]!`,
  webauthn_credentials: `id uuid!, user_id uuid!, credential_id bytea!, public_key bytea!,
    attestation_type text!, aaguid uuid, sign_count bigint!, transports jsonb!,
    backup_eligible boolean!, backed_up boolean!, friendly_name text!, created_at tz!,
    updated_at tz!, last_used_at tz`,
  webauthn_challenges: `id uuid!, user_id uuid, challenge_type text!, session_data jsonb!,
    created_at tz!, expires_at tz!`,
  audit_log_entries: `instance_id uuid, id uuid!, payload json, created_at tz,
    ip_address varchar(64)!`,
  instances: 'id uuid!, uuid uuid, raw_base_config text, created_at tz, updated_at tz',
  schema_migrations: 'version v!',
}

const { sql } = await openDatabase(t)

t.test('schema auth has the tables of GoTrue and no others', async (t) => {
  const present = await sql`
    select tablename as name from pg_tables where schemaname = 'auth' order by 1
  `
  t.same(
    present.map(({ name }) => name),
    Object.keys(tables).sort(),
    'a table of our own belongs in auth_private',
  )
})

for (const [table, columns] of Object.entries(tables)) {
  t.test(`auth.${table} has GoTrue's columns in GoTrue's order`, async (t) => {
    const present = await sql`
      select concat(a.attname, ' ', format_type(a.atttypid, a.atttypmod),
        case when a.attnotnull then '!' end) as column
      from pg_attribute a
      where a.attrelid = ${`auth.${table}`}::regclass and a.attnum > 0 and not a.attisdropped
      order by a.attnum
    `
    t.same(
      present.map(({ column }) => column),
      columns.split(/,\s+/).map(inFull),
    )
  })
}

/** A column with its type as Postgres writes it. */
function inFull(column: string): string {
  return column
    .replace(/ tz(!?)$/, ' timestamp with time zone$1')
    .replace(/ timestamp(!?)$/, ' timestamp without time zone$1')
    .replace(/ v(!?)$/, ' character varying(255)$1')
    .replace(/ varchar\(/, ' character varying(')
}
