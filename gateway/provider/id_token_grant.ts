// Verifies the id_token that a client brings itself, as apps do that sign in by a phone's own dialog.
//
// Exports: checkIdTokenRequest, createIdTokenGrant.

import { createHash } from 'node:crypto'
import { refusals as general } from '../refusal.ts'
import { Refused } from '../refused.ts'
import { definitionOf } from './builtin.ts'
import type { Discovery } from './discovery.ts'
import { reasonOf, Undiscovered } from './fault.ts'
import { accessTokenMatches, audiencesOf, type IdToken } from './id_token.ts'
import { azureIssuers, isOneOf, issuerOf, type Issuers, issuersOf, verifyFrom } from './issuer.ts'
import { readCustom, readIdToken } from './reading.ts'
import { providerRefusals as refusals } from './refusal.ts'
import { isAzure } from './table_oidc.ts'
import type {
  CustomProvider,
  IdTokenRequest,
  IdTokenSettings,
  ProviderConfig,
  ProvidersOptions,
  VerifiedProfile,
} from './types.ts'

/** Whose tokens are accepted for a request, by whom they are issued and for whom. */
interface Accepted {
  /** Under what name the identity is kept. */
  provider: string
  issuers: Issuers
  audiences: string[]
  config: Pick<ProviderConfig, 'skipNonceCheck' | 'emailOptional' | 'custom'>
}

/** The built-in providers whose tokens may be brought, in the order in which GoTrue looks. */
const brought = [
  ...['apple', 'google', 'azure', 'facebook', 'keycloak', 'kakao', 'vercel_marketplace'],
  'snapchat',
]

export function checkIdTokenRequest(request: IdTokenRequest): void {
  if (!request.id_token) {
    throw new Refused(refusals.noIdToken())
  }
  if (!request.provider && !(request.client_id && request.issuer)) {
    throw new Refused(refusals.noProvider())
  }
}

export function createIdTokenGrant(discovery: Discovery, log: ProvidersOptions['log']) {
  return async (request: IdTokenRequest, settings: IdTokenSettings) => {
    checkIdTokenRequest(request)
    const { provider, issuers, audiences, config } = acceptedFor(request, settings)
    const verified = await verify(request, issuers, config.custom)
    if (!verified.claims.sub) {
      throw new Refused(refusals.noSubject())
    }
    const meant = audiencesOf(verified)
    if (!meant.some((audience) => audience !== '' && audiences.includes(audience))) {
      throw new Refused(refusals.audience(meant))
    }
    if (!config.skipNonceCheck) {
      checkNonce(request.nonce ?? '', verified.claims.nonce)
    }
    return { profile: profileOf(verified, config), provider, emailOptional: config.emailOptional }
  }

  async function verify(
    { id_token = '', access_token }: IdTokenRequest,
    issuers: Issuers,
    custom?: CustomProvider,
  ): Promise<IdToken> {
    const verified = await verifyFrom(issuers, id_token, discovery, custom).catch(
      (error: unknown) => {
        log.warn({ step: 'id_token', reason: reasonOf(error) }, 'an id_token is refused')
        throw new Refused(
          error instanceof Undiscovered ? general.unexpected() : refusals.badIdToken(),
        )
      },
    )
    const bound = access_token && verified.claims.at_hash !== undefined
    if (bound && !accessTokenMatches(verified, access_token)) {
      throw new Refused(refusals.badIdToken())
    }
    return verified
  }

  function profileOf({ claims }: IdToken, { custom }: Accepted['config']): VerifiedProfile {
    try {
      return custom ? readCustom(custom, claims, true) : readIdToken(claims)
    } catch (error) {
      log.warn({ step: 'id_token', reason: reasonOf(error) }, 'an id_token is refused')
      throw new Refused(refusals.badIdToken())
    }
  }
}

function acceptedFor(request: IdTokenRequest, settings: IdTokenSettings): Accepted {
  const { provider = '', issuer = '' } = request
  const name = brought.find((name) => name === provider || issues(name, issuer, settings))
  if (name) {
    return acceptedFromBuiltin(name, request, settings.configOf(name))
  }
  if (provider.startsWith('custom:')) {
    return acceptedFromCustom(provider, settings)
  }
  if (!settings.allowedIssuers.includes(issuer)) {
    throw new Refused(refusals.notAllowed(provider))
  }
  return {
    provider: issuer,
    issuers: [issuer],
    audiences: [request.client_id ?? ''],
    config: { skipNonceCheck: false, emailOptional: false },
  }
}

function acceptedFromBuiltin(
  name: string,
  request: IdTokenRequest,
  config: ProviderConfig | undefined,
): Accepted {
  const definition = definitionOf(name)
  const issuers =
    name === 'azure'
      ? azureIssuers(config?.url, true)
      : issuersOf({ url: config?.url ?? '', name }, definition)
  const site = severalIssuers[name]
  const issuer = site ? detected(site, request, issuers) : (issuers as string[])[0]
  if (!config?.enabled) {
    throw new Refused(refusals.disabled(issuer ?? ''))
  }
  return {
    provider: name,
    issuers,
    audiences: [...config.clientIds, ...(config.audiences ?? [])],
    config: { ...config, skipNonceCheck: config.skipNonceCheck || definition?.noNonce === true },
  }
}

function acceptedFromCustom(provider: string, settings: IdTokenSettings): Accepted {
  if (!settings.customEnabled) {
    throw new Refused(refusals.customDisabled())
  }
  const config = settings.configOf(provider)
  if (!config?.custom) {
    throw new Refused(refusals.customNotFound(provider))
  }
  if (!config.enabled) {
    throw new Refused(refusals.customOff(provider))
  }
  if (config.custom.provider_type !== 'oidc') {
    throw new Refused(refusals.customNotOidc(provider))
  }
  const audiences = [...config.clientIds, ...config.custom.acceptable_client_ids]
  return { provider, issuers: issuersOf(config), audiences, config }
}

/** Sites with more issuers than one: their tokens say which, and it must be theirs. */
const severalIssuers: Record<string, string | undefined> = { apple: 'Apple', azure: 'Azure' }

function detected(site: string, request: IdTokenRequest, issuers: Issuers): string {
  const issuer = issuerOf(request.id_token ?? '')
  if (issuer === undefined) {
    throw new Refused(refusals.issuerNotFound(site))
  }
  if (!isOneOf(issuers, issuer)) {
    throw new Refused(refusals.issuerForeign(site))
  }
  if (request.issuer && request.issuer !== issuer) {
    throw new Refused(refusals.issuerMismatch())
  }
  return issuer
}

/** Whether a request that names an issuer means this provider. */
function issues(name: string, issuer: string, settings: IdTokenSettings): boolean {
  if (name === 'azure') {
    return isAzure(issuer)
  }
  if (name === 'keycloak') {
    const config = settings.configOf(name)
    return issuer !== '' && config?.enabled === true && config.url === issuer
  }
  return definitionOf(name)?.issuers?.includes(issuer) === true
}

function checkNonce(raw: string, inToken: unknown): void {
  const nonce = typeof inToken === 'string' ? inToken : ''
  if ((raw === '') !== (nonce === '')) {
    throw new Refused(refusals.nonceAlone())
  }
  if (raw !== '' && createHash('sha256').update(raw).digest('hex') !== nonce) {
    throw new Refused(refusals.nonceMismatch())
  }
}
