// Every endpoint and the SQL function behind it, a line each.
//
// Exports: Route, routes.

import type { Federated } from './federation.ts'

/** One endpoint. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  /** A part like :user_id is the argument of that name. */
  path: string
  /** The function in schema auth that answers it. */
  routine: string
  /** Who may ask: user and admin demand a bearer token; none reads no token at all. */
  auth: 'none' | 'user' | 'admin'
  /** What GoTrue calls the body, for its messages; without it the body is not read. */
  params?: string
  /** Whether the body may be left out. */
  bodyOptional?: boolean
  /** Arguments that come from the query (redirect_to also from a header) and never from the body. */
  query?: string[]
  /** Arguments that come from there only where the body has none. */
  queryElse?: string[]
  /** The grant_type in the query that chooses this line of POST /token. */
  grant?: string
  /** Whether the function hashes a password: those wait in a lane of their own. */
  hashes?: boolean
  /** The limit that the client is held to: a bucket of auth_private.request_limit. */
  bucket?: string
  /** How it talks to another site before SQL decides, or between two statements. */
  federated?: Federated
  /** Whether a captcha can be asked for. */
  captcha?: boolean
  /** Whether the function wants to know if the password has leaked. */
  pwned?: boolean
}

// prettier-ignore
export const routes: Route[] = [
  { method: 'GET', path: '/health', routine: 'health', auth: 'none' },
  { method: 'GET', path: '/settings', routine: 'settings', auth: 'none' },
  { method: 'GET', path: '/.well-known/jwks.json', routine: 'jwks', auth: 'none' },
  { method: 'POST', path: '/signup', routine: 'signup', auth: 'none', params: 'SignupParams', query: ['redirect_to'], hashes: true, bucket: 'signup', captcha: true, pwned: true },
  { method: 'POST', path: '/token', grant: 'password', routine: 'signin', auth: 'none', params: 'PasswordGrantParams', hashes: true, bucket: 'token', captcha: true, pwned: true },
  { method: 'POST', path: '/token', grant: 'refresh_token', routine: 'refresh', auth: 'none', params: 'RefreshTokenGrantParams', bucket: 'token' },
  { method: 'POST', path: '/token', grant: 'pkce', routine: 'exchange_code', auth: 'none', params: 'PKCEGrantParams', bucket: 'token' },
  { method: 'POST', path: '/token', grant: 'id_token', routine: 'signin_external', auth: 'none', params: 'IdTokenGrantParams', bucket: 'token', federated: 'id_token' },
  { method: 'GET', path: '/authorize', routine: 'authorize', auth: 'none', query: ['provider', 'redirect_to', 'code_challenge', 'code_challenge_method', 'invite_token'], federated: 'authorize' },
  { method: 'GET', path: '/callback', routine: 'callback', auth: 'none', federated: 'callback' },
  { method: 'POST', path: '/callback', routine: 'callback', auth: 'none', federated: 'callback' },
  { method: 'POST', path: '/otp', routine: 'otp', auth: 'none', params: 'OtpParams', query: ['redirect_to'], bucket: 'otp', captcha: true },
  { method: 'POST', path: '/magiclink', routine: 'magiclink', auth: 'none', params: 'MagicLinkParams', query: ['redirect_to'], bucket: 'magiclink', captcha: true },
  { method: 'POST', path: '/recover', routine: 'recover', auth: 'none', params: 'RecoverParams', query: ['redirect_to'], bucket: 'recover', captcha: true },
  { method: 'POST', path: '/resend', routine: 'resend', auth: 'none', params: 'ResendConfirmationParams', query: ['redirect_to'], bucket: 'resend', captcha: true },
  { method: 'GET', path: '/verify', routine: 'verify_link', auth: 'none', query: ['type', 'token', 'redirect_to'], bucket: 'verify' },
  { method: 'POST', path: '/verify/confirm', routine: 'confirm_link', auth: 'none', query: ['type', 'token', 'redirect_to'], bucket: 'verify' },
  { method: 'POST', path: '/verify', routine: 'verify', auth: 'none', params: 'VerifyParams', bucket: 'verify' },
  { method: 'GET', path: '/user', routine: 'get_user', auth: 'user' },
  { method: 'PUT', path: '/user', routine: 'update_user', auth: 'user', params: 'UserUpdateParams', query: ['redirect_to'], hashes: true, bucket: 'user', pwned: true },
  { method: 'GET', path: '/user/identities/authorize', routine: 'authorize_link', auth: 'user', query: ['provider', 'redirect_to', 'code_challenge', 'code_challenge_method'], federated: 'authorize' },
  { method: 'DELETE', path: '/user/identities/:identity_id', routine: 'unlink_identity', auth: 'user' },
  { method: 'GET', path: '/reauthenticate', routine: 'reauthenticate', auth: 'user' },
  { method: 'GET', path: '/user/sessions', routine: 'list_sessions', auth: 'user' },
  { method: 'DELETE', path: '/user/sessions/:session_id', routine: 'revoke_session', auth: 'user' },
  { method: 'POST', path: '/logout', routine: 'signout', auth: 'user', query: ['scope'] },
  { method: 'POST', path: '/invite', routine: 'invite', auth: 'admin', params: 'InviteParams', query: ['redirect_to'] },
  { method: 'GET', path: '/admin/users', routine: 'admin_list_users', auth: 'admin', query: ['page', 'per_page', 'sort', 'filter'] },
  { method: 'POST', path: '/admin/users', routine: 'admin_create_user', auth: 'admin', params: 'AdminUserParams', hashes: true },
  { method: 'GET', path: '/admin/users/:user_id', routine: 'admin_get_user', auth: 'admin' },
  { method: 'PUT', path: '/admin/users/:user_id', routine: 'admin_update_user', auth: 'admin', params: 'AdminUserParams', hashes: true, pwned: true },
  { method: 'DELETE', path: '/admin/users/:user_id', routine: 'admin_delete_user', auth: 'admin', params: 'adminUserDeleteParams', bodyOptional: true },
  { method: 'GET', path: '/admin/users/:user_id/sessions', routine: 'admin_list_sessions', auth: 'admin' },
  { method: 'DELETE', path: '/admin/users/:user_id/sessions/:session_id', routine: 'admin_revoke_session', auth: 'admin' },
  { method: 'POST', path: '/admin/generate_link', routine: 'admin_generate_link', auth: 'admin', params: 'GenerateLinkParams', queryElse: ['redirect_to'], hashes: true, pwned: true },
  { method: 'GET', path: '/admin/custom-providers', routine: 'admin_list_custom_providers', auth: 'admin', query: ['type'] },
  { method: 'POST', path: '/admin/custom-providers', routine: 'admin_create_custom_provider', auth: 'admin', params: 'AdminCustomOAuthProviderParams', federated: 'custom_provider' },
  { method: 'GET', path: '/admin/custom-providers/:identifier', routine: 'admin_get_custom_provider', auth: 'admin' },
  { method: 'PUT', path: '/admin/custom-providers/:identifier', routine: 'admin_update_custom_provider', auth: 'admin', params: 'AdminCustomOAuthProviderParams', federated: 'custom_provider' },
  { method: 'DELETE', path: '/admin/custom-providers/:identifier', routine: 'admin_delete_custom_provider', auth: 'admin' },
  { method: 'GET', path: '/admin/audit', routine: 'admin_audit', auth: 'admin', query: ['query', 'page', 'per_page'] },
]
