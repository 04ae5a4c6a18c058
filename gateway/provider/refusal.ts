// The refusals that follow from what another site or its token says. Refusals that follow from what
// we know of users are made by SQL.
//
// Exports: providerRefusals.

import { oauthRefusal, refusal } from '../refusal.ts'

const invalid = (description: string) => oauthRefusal('invalid request', description)
const failed = (message: string) => refusal(500, 'unexpected_failure', message)
const quoted = (text: string) => JSON.stringify(text)

export const providerRefusals = {
  // GET /authorize
  unsupported: (reason: string) =>
    refusal(400, 'validation_failed', `Unsupported provider: ${reason}`),
  noRequestToken: () => failed('Unable to retrieve request token'),

  // POST and PUT /admin/custom-providers
  badAddress: (reason: string) => refusal(400, 'validation_failed', reason),
  notDiscovered: (url: string, reason: string) =>
    refusal(400, 'validation_failed', `OIDC discovery from ${quoted(url)} failed: ${reason}`),
  documentLacks: (names: string[]) =>
    refusal(
      400,
      'validation_failed',
      `OIDC discovery document is missing required fields: ${names.join(', ')}`,
    ),

  // GET and POST /callback
  saidNo: (error: string, description: string) => oauthRefusal(error, description),
  noCode: () =>
    refusal(400, 'bad_oauth_callback', 'OAuth callback with missing authorization code missing'),
  noLongerSupported: (reason: string) =>
    refusal(400, 'oauth_provider_not_supported', `Unsupported provider: ${reason}`),
  noCodeVerifier: () => refusal(400, 'oauth_invalid_state', 'OAuth PKCE code verifier missing'),
  notExchanged: (code: string) => failed(`Unable to exchange external code: ${code.slice(0, 4)}`),
  noAccessToken: () => failed('Unable to retrieve access token'),
  noProfile: () => failed('Error getting user profile from external provider'),
  noEmail: () => failed('Error getting user email from external provider'),

  // POST /token?grant_type=id_token
  noIdToken: () => invalid('id_token required'),
  noProvider: () => invalid('provider or client_id and issuer required'),
  linkingWithoutUser: () => invalid('Linking requires a valid user access token in Authorization'),
  issuerNotFound: (site: string) =>
    refusal(400, 'validation_failed', `Unable to detect issuer in ID token for ${site} provider`),
  issuerForeign: (site: string) =>
    refusal(400, 'validation_failed', `Detected ID token issuer is not an ${site} ID token issuer`),
  issuerMismatch: () =>
    refusal(400, 'validation_failed', 'Provided issuer does not match ID token issuer'),
  customDisabled: () => refusal(400, 'validation_failed', 'Custom OAuth providers are disabled'),
  customNotFound: (name: string) =>
    refusal(400, 'validation_failed', `Custom provider ${quoted(name)} not found`),
  customOff: (name: string) =>
    refusal(400, 'provider_disabled', `Custom provider ${quoted(name)} is disabled`),
  customNotOidc: (name: string) =>
    refusal(400, 'validation_failed', `Provider ${quoted(name)} is not an OIDC provider`),
  notAllowed: (provider: string) =>
    refusal(400, 'validation_failed', `Custom OIDC provider ${quoted(provider)} not allowed`),
  disabled: (issuer: string) =>
    refusal(400, 'provider_disabled', `Provider (issuer ${quoted(issuer)}) is not enabled`),
  badIdToken: () => invalid('Bad ID token'),
  noSubject: () => invalid('Missing sub claim in id_token'),
  audience: (audiences: string[]) =>
    invalid(`Unacceptable audience in id_token: [${audiences.join(' ')}]`),
  nonceAlone: () => invalid('Passed nonce and nonce in id_token should either both exist or not.'),
  nonceMismatch: () => oauthRefusal('invalid nonce', 'Nonces mismatch'),
}
