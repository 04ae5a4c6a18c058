// What the rest of the gateway needs to know of other sites that people sign in with.
//
// Exports the types of gateway/provider/providers.ts.

import type { Refusal } from '../refusal.ts'

/** What the operator says of one site. */
export interface ProviderConfig {
  /** The name in the table of built-in providers, or custom:<slug>. */
  name: string
  enabled: boolean
  /** The first is used in redirects, each is accepted as audience of an id_token. */
  clientIds: string[]
  secret: string
  /** Where the site sends people back to; it must be registered there, letter for letter. */
  redirectUri: string
  /** Replaces the host of all endpoints; of Keycloak, the realm. */
  url?: string
  skipNonceCheck: boolean
  emailOptional: boolean
  /** More accepted audiences of id_tokens, which are never used in redirects: an iOS bundle. */
  audiences?: string[]
  /** The row of auth.custom_oauth_providers; only and always where the name is custom:<slug>. */
  custom?: CustomProvider
}

/** A row of auth.custom_oauth_providers, as far as it says how to talk to the site. */
export interface CustomProvider {
  provider_type: 'oauth2' | 'oidc'
  acceptable_client_ids: string[]
  scopes: string[]
  pkce_enabled: boolean
  attribute_mapping: Record<string, unknown>
  custom_claims_allowlist: string[]
  authorization_params: Record<string, string>
  issuer?: string | null
  discovery_url?: string | null
  authorization_url?: string | null
  token_url?: string | null
  userinfo_url?: string | null
  jwks_uri?: string | null
}

/** What vetCustom looks at of a custom provider. */
export type CustomAddresses = Pick<
  CustomProvider,
  'provider_type' | 'issuer' | 'discovery_url' | 'authorization_url' | 'token_url'
> &
  Pick<CustomProvider, 'userinfo_url' | 'jwks_uri'>

export interface Email {
  /** As the site writes it. */
  email: string
  verified: boolean
  primary: boolean
}

/** Who somebody is by the word of a site, once it was checked that it is its word. */
export interface VerifiedProfile {
  /** Names the person at that site for ever; never empty. */
  subject: string
  issuer?: string
  /** Without empty ones. No e-mail at all is possible, it is for SQL to say whether that will do. */
  emails: Email[]
  /** Becomes identity_data: non-empty members, and always email_verified and phone_verified. */
  data: Record<string, unknown>
}

export interface AuthorizationRequest {
  /** Comes back to /callback. */
  state: string
  /** The parameter scopes as the client sent it. */
  scopes?: string
  /** The query of /authorize. What may not be forwarded is left out here. */
  forwarded: URLSearchParams
  /** Where needsPkce() says so: 43 to 128 characters, kept until the callback. */
  codeVerifier?: string
}

export interface Callback {
  state: string
  /** The query of /callback, or its form. */
  params: URLSearchParams
  codeVerifier?: string
  /** Why our own part of the exchange is lost; told only after what the site has said. */
  fault?: Refusal
}

export interface Exchanged {
  profile: VerifiedProfile
  /** The site's own tokens: provider_token and provider_refresh_token. */
  accessToken: string
  refreshToken?: string
}

/** The body of POST /token?grant_type=id_token; an empty string counts as missing. */
export interface IdTokenRequest {
  id_token?: string
  provider?: string
  access_token?: string
  nonce?: string
  client_id?: string
  issuer?: string
}

export interface IdTokenSettings {
  /** The configuration of a built-in or custom provider by its name; nothing if it has none. */
  configOf: (name: string) => ProviderConfig | undefined
  customEnabled: boolean
  /** GOTRUE_EXTERNAL_ALLOWED_ID_TOKEN_ISSUERS. */
  allowedIssuers: string[]
}

export interface Providers {
  /**
   * Whether people can be sent to this site.
   *
   * @throws Refused validation_failed "Unsupported provider: …"
   */
  check(config: ProviderConfig): void

  /** Whether the site wants PKCE (RFC 7636) of us, whatever the client does. */
  needsPkce(config: ProviderConfig): boolean

  /**
   * Where to send somebody who wants to sign in.
   *
   * @throws Refused validation_failed "Unsupported provider: …"
   */
  authorizationUrl(config: ProviderConfig, request: AuthorizationRequest): Promise<URL>

  /**
   * Trades the code of a callback for a profile (RFC 6749, 4.1.3).
   *
   * @throws Refused with the site's own error, bad_oauth_callback, oauth_provider_not_supported,
   *   oauth_invalid_state or unexpected_failure
   */
  exchange(config: ProviderConfig, callback: Callback): Promise<Exchanged>

  /**
   * Vets the addresses that an administrator gives for a custom provider, those which are there, and
   * asks an OpenID Connect issuer for its discovery document.
   *
   * @param taken whether another has the name, so that there is no need to ask
   * @returns the document to keep as cached_discovery; nothing for OAuth 2
   * @throws Refused validation_failed
   */
  vetCustom(row: CustomAddresses, taken?: boolean): Promise<Record<string, unknown> | undefined>

  /** @throws Refused if a request for the id_token grant lacks what every one needs */
  checkIdTokenRequest(request: IdTokenRequest): void

  /**
   * Verifies an id_token that a client brought (OpenID Connect Core, 3.1.3.7).
   *
   * @returns the profile, and the name under which the identity is kept
   * @throws Refused validation_failed, provider_disabled, or an error in RFC 6749's form
   */
  verifyIdToken(
    request: IdTokenRequest,
    settings: IdTokenSettings,
  ): Promise<{ profile: VerifiedProfile; provider: string; emailOptional: boolean }>
}

export interface ProvidersOptions {
  /** Reaches other sites; limits of time and size are put around it. */
  fetch: typeof fetch
  /** Milliseconds that a site has to answer. */
  timeout?: number
  /** Milliseconds that a discovery document is good for. */
  discoveryTtl?: number
  /** Milliseconds after which an unknown kid makes us look for new keys again. */
  keyCooldown?: number
  /** The IP addresses of a host, for vetCustom. */
  lookup?: (host: string) => Promise<string[]>
  log: { warn(details: object, message: string): void }
}
