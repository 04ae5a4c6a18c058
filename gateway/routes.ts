// Every endpoint and the SQL function behind it, a line each.
//
// Exports: Route, routes.

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
}

// prettier-ignore
export const routes: Route[] = [
  { method: 'GET', path: '/health', routine: 'health', auth: 'none' },
  { method: 'GET', path: '/settings', routine: 'settings', auth: 'none' },
  { method: 'POST', path: '/signup', routine: 'signup', auth: 'none', params: 'SignupParams', query: ['redirect_to'], hashes: true },
  { method: 'POST', path: '/token', grant: 'password', routine: 'signin', auth: 'none', params: 'PasswordGrantParams', hashes: true },
  { method: 'POST', path: '/token', grant: 'refresh_token', routine: 'refresh', auth: 'none', params: 'RefreshTokenGrantParams' },
  { method: 'POST', path: '/token', grant: 'pkce', routine: 'exchange_code', auth: 'none', params: 'PKCEGrantParams' },
  { method: 'POST', path: '/otp', routine: 'otp', auth: 'none', params: 'OtpParams', query: ['redirect_to'] },
  { method: 'POST', path: '/magiclink', routine: 'magiclink', auth: 'none', params: 'MagicLinkParams', query: ['redirect_to'] },
  { method: 'POST', path: '/recover', routine: 'recover', auth: 'none', params: 'RecoverParams', query: ['redirect_to'] },
  { method: 'POST', path: '/resend', routine: 'resend', auth: 'none', params: 'ResendConfirmationParams', query: ['redirect_to'] },
  { method: 'GET', path: '/verify', routine: 'verify_link', auth: 'none', query: ['type', 'token', 'redirect_to'] },
  { method: 'POST', path: '/verify/confirm', routine: 'confirm_link', auth: 'none', query: ['type', 'token', 'redirect_to'] },
  { method: 'POST', path: '/verify', routine: 'verify', auth: 'none', params: 'VerifyParams' },
  { method: 'GET', path: '/user', routine: 'get_user', auth: 'user' },
  { method: 'PUT', path: '/user', routine: 'update_user', auth: 'user', params: 'UserUpdateParams', query: ['redirect_to'], hashes: true },
  { method: 'GET', path: '/reauthenticate', routine: 'reauthenticate', auth: 'user' },
  { method: 'POST', path: '/logout', routine: 'signout', auth: 'user', query: ['scope'] },
  { method: 'POST', path: '/invite', routine: 'invite', auth: 'admin', params: 'InviteParams', query: ['redirect_to'] },
  { method: 'GET', path: '/admin/users', routine: 'admin_list_users', auth: 'admin', query: ['page', 'per_page', 'sort', 'filter'] },
  { method: 'POST', path: '/admin/users', routine: 'admin_create_user', auth: 'admin', params: 'AdminUserParams', hashes: true },
  { method: 'GET', path: '/admin/users/:user_id', routine: 'admin_get_user', auth: 'admin' },
  { method: 'PUT', path: '/admin/users/:user_id', routine: 'admin_update_user', auth: 'admin', params: 'AdminUserParams', hashes: true },
  { method: 'DELETE', path: '/admin/users/:user_id', routine: 'admin_delete_user', auth: 'admin', params: 'adminUserDeleteParams', bodyOptional: true },
  { method: 'POST', path: '/admin/generate_link', routine: 'admin_generate_link', auth: 'admin', params: 'GenerateLinkParams', queryElse: ['redirect_to'], hashes: true },
  { method: 'GET', path: '/admin/audit', routine: 'admin_audit', auth: 'admin', query: ['query', 'page', 'per_page'] },
]
