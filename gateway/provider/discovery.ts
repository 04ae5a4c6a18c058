// What issuers publish: their endpoints (OpenID Connect Discovery) and their keys (RFC 7517).
//
// Exports: createDiscovery, Discovery.

import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from 'jose'
import type { ServerMetadata } from 'openid-client'
import { Undiscovered } from './fault.ts'

export interface DiscoveryOptions {
  reach: typeof fetch
  /** Milliseconds. */
  timeout: number
  ttl: number
  keyCooldown: number
}

/** Some sites that issue id_tokens publish no endpoints here. */
export type Metadata = ServerMetadata & { jwks_uri: string }

export type Discovery = ReturnType<typeof createDiscovery>

// Milliseconds between attempts to renew a document.
const pause = 30_000

// Each tenant of Microsoft's is an issuer, so that a client could name ever new ones.
const mostKept = 200

export function createDiscovery({ reach, timeout, ttl, keyCooldown }: DiscoveryOptions) {
  const documents = new Map<string, { metadata: Promise<Metadata>; fetchedAt: number }>()
  const keySets = new Map<string, JWTVerifyGetKey>()

  /** The document at an address, if it names one of these issuers. */
  async function fetchDocument(url: string, names: string[]): Promise<ServerMetadata> {
    const response = await reach(url, { headers: { accept: 'application/json' } }).catch(
      (cause: unknown) => {
        throw new Undiscovered('the site can not be reached', { cause })
      },
    )
    if (response.status !== 200) {
      throw new Undiscovered(`discovery answered with status ${response.status}`)
    }
    const document = (await response.json().catch(() => null)) as ServerMetadata | null
    if (typeof document?.issuer !== 'string') {
      throw new Undiscovered('the answer is no discovery document')
    }
    if (!names.includes(document.issuer)) {
      throw new Undiscovered('the discovery document is of another issuer')
    }
    return document
  }

  /**
   * The document of an issuer, fetched again when it is older than `ttl`. While that fails, the old
   * one serves on.
   *
   * @param names what the document may call its issuer
   * @param url of the document, where it is not at the usual place
   */
  async function metadataOf(
    issuer: string,
    names: string[] = [issuer],
    url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`,
  ): Promise<Metadata> {
    const key = `${issuer} ${url}`
    const known = documents.get(key)
    if (known && Date.now() - known.fetchedAt < ttl) {
      return known.metadata
    }
    const metadata = fetchDocument(url, names).then(withKeys)
    keep(documents, key, { metadata, fetchedAt: Date.now() })
    return metadata.catch((error: unknown) => {
      documents.delete(key)
      if (!known) {
        throw error
      }
      documents.set(key, { ...known, fetchedAt: Date.now() - ttl + pause })
      return known.metadata
    })
  }

  /** The keys behind an address; a kid that is not among them makes jose look for new ones. */
  function keysAt(url: string): JWTVerifyGetKey {
    const known = keySets.get(url)
    if (known) {
      return known
    }
    const keys = createRemoteJWKSet(new URL(url), {
      [customFetch]: reach,
      timeoutDuration: timeout,
      cooldownDuration: keyCooldown,
    })
    keep(keySets, url, keys)
    return keys
  }

  return { fetchDocument, metadataOf, keysAt }
}

function withKeys(document: ServerMetadata): Metadata {
  if (typeof document.jwks_uri !== 'string') {
    throw new Undiscovered('the discovery document lacks jwks_uri')
  }
  return document as Metadata
}

function keep<V>(map: Map<string, V>, key: string, value: V) {
  map.delete(key)
  map.set(key, value)
  if (map.size > mostKept) {
    map.delete(map.keys().next().value as string)
  }
}
