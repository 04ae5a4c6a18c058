// Builds the address that somebody is sent to in order to sign in (RFC 6749, 4.1.1).
//
// Exports: addressFor.

import { buildAuthorizationUrl, calculatePKCECodeChallenge } from 'openid-client'
import type { Site } from './site.ts'
import type { AuthorizationRequest } from './types.ts'

// Parameters that are ours to set, and those of /authorize itself: an invite token is no business of
// another site's. `request` and `request_uri` (RFC 9101) could stand for any of them.
const ours = new Set([
  ...['client_id', 'client_secret', 'redirect_uri', 'response_type', 'state', 'code_challenge'],
  ...['code_challenge_method', 'code_verifier', 'request', 'request_uri'],
  ...['provider', 'scopes', 'redirect_to', 'invite_token', 'skip_http_redirect'],
])

export async function addressFor(site: Site, request: AuthorizationRequest): Promise<URL> {
  const { config, definition } = site
  const scope = scopeFor(site, request.scopes ?? '')
  return buildAuthorizationUrl(site.client(), {
    redirect_uri: config.redirectUri,
    ...(scope && { scope }),
    ...(definition?.forwardsNothing ? {} : forwarded(request.forwarded)),
    ...definition?.params,
    ...config.custom?.authorization_params,
    state: request.state,
    ...(request.codeVerifier && {
      code_challenge: await calculatePKCECodeChallenge(request.codeVerifier),
      code_challenge_method: 'S256',
    }),
  })
}

// The scopes of a client are added to those of a built-in provider, and replace those of a custom one.
function scopeFor({ config: { custom }, definition }: Site, requested: string): string {
  if (custom) {
    const words = requested.split(/\s+/).filter(Boolean)
    const scopes = words.length > 0 ? words : custom.scopes
    const openid = custom.provider_type === 'oidc' && !scopes.includes('openid') ? ['openid'] : []
    return [...openid, ...scopes].join(' ')
  }
  const more = definition?.moreScopes && requested ? requested.split(',') : []
  return [definition?.scopes, ...more].filter(Boolean).join(' ')
}

function forwarded(query: URLSearchParams): Record<string, string> {
  const names = [...new Set(query.keys())].filter((name) => !ours.has(name.toLowerCase()))
  return Object.fromEntries(
    names.map((name) => [
      // https://workos.com/docs/reference/sso/get-authorization-url
      name === 'workos_provider' ? 'provider' : name,
      query.get(name) as string,
    ]),
  )
}
