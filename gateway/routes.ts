// Every endpoint and the SQL function behind it, a line each.
//
// Exports: Route, routes.

/** One endpoint. */
export interface Route {
  method: 'GET' | 'POST' | 'PUT'
  path: string
  /** The function in schema auth that answers it. */
  routine: string
  /** Who may ask: user demands a bearer token; none reads no token at all. */
  auth: 'none' | 'user'
  /** What GoTrue calls the body, for its messages; without it the body is not read. */
  params?: string
  /** Arguments that come from the query (redirect_to also from a header) and never from the body. */
  query?: string[]
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
]
