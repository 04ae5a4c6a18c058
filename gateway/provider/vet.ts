// Vets a provider of one's own before it is stored: where it is, and what its issuer publishes.
//
// Exports: createVet.

import { Refused } from '../refused.ts'
import { checkAddress, type Lookup } from './address.ts'
import { reasonOf } from './fault.ts'
import { providerRefusals as refusals } from './refusal.ts'
import type { Discovery } from './discovery.ts'
import type { CustomAddresses } from './types.ts'

const published = [
  ...['issuer', 'authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri'],
  ...['scopes_supported', 'response_types_supported', 'grant_types_supported'],
  'subject_types_supported',
]
const needed = ['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri']

export function createVet(discovery: Discovery, lookup: Lookup) {
  /** @returns the document to keep; nothing for OAuth 2 */
  return async (
    row: CustomAddresses,
    taken = false,
  ): Promise<Record<string, unknown> | undefined> => {
    const addresses =
      row.provider_type === 'oidc'
        ? [row.issuer, row.discovery_url]
        : [row.authorization_url, row.token_url, row.userinfo_url, row.jwks_uri]
    for (const address of addresses) {
      if (address) {
        await checkAddress(address, lookup)
      }
    }
    if (row.provider_type !== 'oidc' || !row.issuer || taken) {
      return undefined
    }
    const url =
      row.discovery_url || `${row.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const document = await discovery.fetchDocument(url, [row.issuer]).catch((error: unknown) => {
      throw new Refused(refusals.notDiscovered(url, reasonOf(error)))
    })
    const missing = needed.filter((name) => typeof document[name] !== 'string')
    if (missing.length > 0) {
      throw new Refused(refusals.documentLacks(missing))
    }
    return Object.fromEntries(
      published
        .filter((name) => document[name] !== undefined)
        .map((name) => [name, document[name]]),
    )
  }
}
