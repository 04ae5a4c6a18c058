// A refusal on its way to the client, and the few that the gateway makes itself.
//
// Exports: Refusal, refusal, oauthRefusal, refusals.

/** What a client is told: HTTP status, error code and public message. */
export interface Refusal {
  status: number
  code: string
  message: string
  /** Why a password is weak; only with the code weak_password. */
  reasons?: string[]
  /** Seconds after which it is worth to try again. */
  retryAfter?: number
  /** The error in RFC 6749's form, {"error", "error_description"}, in every API version. */
  oauth?: string
  /** What an application's own trigger or constraint said, as Postgres reports it. */
  postgres?: { code: string; message: string; hint?: string; detail?: string }
}

export const refusal = (status: number, code: string, message: string): Refusal => ({
  status,
  code,
  message,
})

export const oauthRefusal = (error: string, description: string): Refusal => ({
  ...refusal(400, error, description),
  oauth: error,
})

/**
 * Refusals from before any SQL is run: the request can't be read, the token can't be believed, or
 * the server has no room. All others are made by SQL, in auth_private.errors().
 */
export const refusals = {
  notJson: (reason: string) =>
    refusal(400, 'bad_json', `Could not parse request body as JSON: ${reason}`),
  tooLarge: (bytes: number) =>
    refusal(413, 'request_entity_too_large', `Request body too large (max ${bytes} bytes)`),
  grantTypeUnknown: () => refusal(400, 'invalid_credentials', 'unsupported_grant_type'),
  noBearer: () => refusal(401, 'no_authorization', 'This endpoint requires a valid Bearer token'),
  badJwt: (reason: string) =>
    refusal(403, 'bad_jwt', `invalid JWT: unable to parse or verify signature, ${reason}`),
  notAllowed: () => refusal(403, 'not_admin', 'User not allowed'),
  timeout: () =>
    refusal(
      504,
      'request_timeout',
      'Processing this request timed out, please retry after a moment.',
    ),
  tooManyPasswords: (): Refusal => ({
    ...refusal(429, 'over_request_rate_limit', 'Request rate limit reached'),
    retryAfter: 1,
  }),
  unavailable: (): Refusal => ({
    ...refusal(503, 'unexpected_failure', 'Service temporarily unavailable, please retry'),
    retryAfter: 1,
  }),
  unexpected: () =>
    refusal(
      500,
      'unexpected_failure',
      'Unexpected failure, please check server logs for more information',
    ),
}
