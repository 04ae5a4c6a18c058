// A site that is ready to be talked to: its configuration joined with what its table, its discovery
// document or its row of custom providers says.
//
// Exports: Site, createSites, customMetadata, faultOf, needsPkce.

import {
  allowInsecureRequests,
  type ClientAuth,
  ClientSecretPost,
  Configuration,
  customFetch,
  type CustomFetch,
  None,
} from 'openid-client'
import { definitionOf } from './builtin.ts'
import type { Definition, Endpoint } from './definition.ts'
import type { Discovery, Metadata } from './discovery.ts'
import { Fault } from './fault.ts'
import type { CustomProvider, ProviderConfig } from './types.ts'

export interface Site {
  config: ProviderConfig
  /** Of a built-in provider. */
  definition?: Definition
  metadata: Metadata
  /** The ways to bring our secret to the token endpoint, in the order in which they are tried. */
  ways: ClientAuth[]
  /** openid-client's view of us at that site. */
  client: (auth?: ClientAuth, through?: typeof fetch) => Configuration
  /** The address of an endpoint that openid-client does not know of. */
  at: (endpoint: Endpoint) => string
}

/** Why nobody can be sent to this site, in GoTrue's words; undefined if all is well. */
export function faultOf(config: ProviderConfig): string | undefined {
  if (config.custom) {
    return config.enabled ? undefined : `custom provider ${config.name} is disabled`
  }
  const definition = definitionOf(config.name)
  if (!definition) {
    return `Provider ${config.name} could not be found`
  }
  const missing: [unknown, string][] = [
    [config.enabled, 'provider is not enabled'],
    [config.clientIds[0], 'missing OAuth client ID'],
    [config.secret, 'missing OAuth secret'],
    [config.redirectUri, 'missing redirect URI'],
    [!definition.needsUrl || config.url, 'unable to find URL for the Keycloak provider'],
    [!config.url || URL.canParse(config.url), 'the URL of the provider is not valid'],
  ]
  return missing.find(([there]) => !there)?.[1]
}

/** Whether the site wants PKCE of us. */
export const needsPkce = ({ name, custom }: ProviderConfig): boolean =>
  custom ? custom.pkce_enabled : definitionOf(name)?.pkce === true

/**
 * @returns a function that makes a site of a configuration without fault, and rejects with a Fault
 *   where discovery fails
 */
export function createSites(discovery: Discovery, reach: typeof fetch) {
  return async (config: ProviderConfig): Promise<Site> => {
    const definition = config.custom ? undefined : definitionOf(config.name)
    const at = (endpoint: Endpoint) => addressOf(endpoint, config.url, definition)
    const metadata = config.custom
      ? await customMetadata(config.custom, discovery)
      : await builtinMetadata(definition as Definition, at, discovery)
    const ways = waysOf(config, metadata, definition).map((way) => way(config.secret))

    function client(auth = None(), through = reach): Configuration {
      const made = new Configuration(metadata, config.clientIds[0] as string, undefined, auth)
      made[customFetch] = through as CustomFetch
      // An operator who writes http:// means it: a Keycloak next door.
      if (saidBy(config).startsWith('http://')) {
        allowInsecureRequests(made)
      }
      return made
    }
    return { config, ...(definition && { definition }), metadata, ways, client, at }
  }
}

const saidBy = ({ url, custom }: ProviderConfig): string =>
  url || custom?.issuer || custom?.authorization_url || ''

function addressOf([host, path]: Endpoint, url: string | undefined, definition?: Definition) {
  if (!url || definition?.keepsHost) {
    return `https://${host}${path}`
  }
  const own = definition?.ownHostPath && host.startsWith('api.') ? definition.ownHostPath : ''
  return url.replace(/\/$/, '') + own + path
}

async function builtinMetadata(
  { authorize, token, issuers }: Definition,
  at: (endpoint: Endpoint) => string,
  discovery: Discovery,
): Promise<Metadata> {
  if (!authorize || !token) {
    const [issuer = ''] = issuers ?? []
    return complete(await discovery.metadataOf(issuer))
  }
  return {
    issuer: at([authorize[0], '']),
    authorization_endpoint: at(authorize),
    token_endpoint: at(token),
    jwks_uri: '',
  }
}

/** Where a custom provider is: as its row says, else as its discovery document says. */
export async function customMetadata(row: CustomProvider, discovery: Discovery): Promise<Metadata> {
  const explicit = {
    issuer: row.issuer || row.authorization_url || '',
    ...(row.authorization_url && { authorization_endpoint: row.authorization_url }),
    ...(row.token_url && { token_endpoint: row.token_url }),
    ...(row.userinfo_url && { userinfo_endpoint: row.userinfo_url }),
    jwks_uri: row.jwks_uri ?? '',
  }
  const told = row.authorization_url && row.token_url && (row.jwks_uri || row.userinfo_url)
  if (row.provider_type === 'oauth2' || told) {
    return complete(explicit)
  }
  const issuer = row.issuer ?? ''
  return complete(await discovery.metadataOf(issuer, [issuer], row.discovery_url || undefined))
}

function complete(metadata: Metadata): Metadata {
  if (!metadata.authorization_endpoint || !metadata.token_endpoint) {
    throw new Fault('no authorization_endpoint or token_endpoint')
  }
  return metadata
}

function waysOf(config: ProviderConfig, metadata: Metadata, definition?: Definition) {
  if (definition) {
    return [definition.secretIn === 'header' ? secretInHeader : ClientSecretPost]
  }
  const named = metadata.token_endpoint_auth_methods_supported
  if (Array.isArray(named)) {
    return [named.includes('client_secret_basic') ? secretInHeader : ClientSecretPost]
  }
  // OpenID Connect has a default, OAuth 2 has none.
  return config.custom?.provider_type === 'oidc'
    ? [secretInHeader]
    : [secretInHeader, ClientSecretPost]
}

/**
 * HTTP Basic (RFC 6749, 2.3.1). openid-client's own escapes more than must be, "-" and "_" too, and
 * there are sites that take what comes as it is.
 */
function secretInHeader(secret: string): ClientAuth {
  const escaped = (text: string) => encodeURIComponent(text).replaceAll('%20', '+')
  return (_server, { client_id }, _form, headers) => {
    const login = `${escaped(client_id)}:${escaped(secret)}`
    headers.set('authorization', `Basic ${Buffer.from(login).toString('base64')}`)
  }
}
