// Who may issue a site's id_tokens. What a token says of its issuer is only ever compared with this.
//
// Exports: Issuers, issuersOf, azureIssuers, issuerOf, isOneOf, verifyFrom.

import { decodeJwt } from 'jose'
import type { Definition } from './definition.ts'
import type { Discovery } from './discovery.ts'
import { Fault } from './fault.ts'
import { type IdToken, verifyIdToken } from './id_token.ts'
import { customMetadata } from './site.ts'
import type { CustomProvider, ProviderConfig } from './types.ts'

/** Names, or a test where every tenant of a site issues its own tokens. */
export type Issuers = string[] | ((issuer: string) => boolean)

const microsoft = 'https://login.microsoftonline.com'
const everyone = ['common', 'organizations']
const personalAccounts = '9188040d-6c67-4c5b-b112-36a304b66dad'

export function issuersOf(
  { name, url, custom }: Pick<ProviderConfig, 'name' | 'url' | 'custom'>,
  definition?: Definition,
): Issuers {
  if (custom) {
    return custom.issuer ? [custom.issuer] : []
  }
  if (name === 'azure') {
    return azureIssuers(url)
  }
  return definition?.needsUrl ? [withoutSlash(url ?? '')] : (definition?.issuers ?? [])
}

/**
 * The issuers behind an address of Microsoft Entra ID: of one tenant, that tenant and no other
 * (CVE-2026-31813); of "common" or "organizations", each tenant at that host.
 *
 * https://learn.microsoft.com/entra/identity-platform/access-tokens#validate-the-issuer
 *
 * @param old whether tokens of the first version will do, which apps may get from older libraries
 */
export function azureIssuers(url = '', old = false): Issuers {
  const base = withoutSlash(url || `${microsoft}/common`)
  const slash = base.lastIndexOf('/')
  const [host, tenant] = [base.slice(0, slash), base.slice(slash + 1)]
  if (everyone.includes(tenant)) {
    return (issuer) =>
      (issuer.startsWith(`${host}/`) && /^[\w-]+\/v2\.0$/.test(issuer.slice(slash + 1))) ||
      (old && /^https:\/\/sts\.windows\.net\/[\w-]+\/$/.test(issuer))
  }
  const own = tenant === 'consumers' ? personalAccounts : tenant
  return [`${host}/${own}/v2.0`, ...(old ? [`https://sts.windows.net/${own}/`] : [])]
}

/** What a token says of its issuer, unproven; undefined where the token can't be read. */
export function issuerOf(idToken: string): string | undefined {
  try {
    const { iss } = decodeJwt(idToken)
    return typeof iss === 'string' ? iss : ''
  } catch {
    return undefined
  }
}

/** Whether an issuer is one of these. */
export const isOneOf = (issuers: Issuers, issuer: string): boolean =>
  Array.isArray(issuers) ? issuers.includes(issuer) : issuers(issuer)

/**
 * The claims of a token that one of these issuers signed, by the keys which that issuer publishes.
 *
 * @throws Fault or jose's errors
 */
export async function verifyFrom(
  issuers: Issuers,
  idToken: string,
  discovery: Discovery,
  custom?: CustomProvider,
): Promise<IdToken> {
  const issuer = issuerOf(idToken)
  if (issuer === undefined || !isOneOf(issuers, issuer)) {
    throw new Fault('the id_token is of another issuer')
  }
  const names = Array.isArray(issuers) ? issuers : [issuer]
  const metadata = custom
    ? await customMetadata(custom, discovery)
    : await discovery.metadataOf(URL.canParse(issuer) ? issuer : (names[0] as string), names)
  return verifyIdToken(idToken, metadata, names, discovery)
}

const withoutSlash = (url: string) => url.replace(/\/$/, '')
