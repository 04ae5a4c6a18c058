// What happens when somebody comes back from a site: the code becomes tokens, the tokens a profile.
//
// Exports: createExchange.

import type { Refusal } from '../refusal.ts'
import { Refused } from '../refused.ts'
import { definitionOf } from './builtin.ts'
import { isAnswer, textAt } from './claims.ts'
import type { Discovery } from './discovery.ts'
import { reasonOf } from './fault.ts'
import { trade } from './grant.ts'
import { issuersOf, isOneOf } from './issuer.ts'
import { accessToken } from './oauth1.ts'
import { profileFrom, profileFrom1 } from './profile.ts'
import { providerRefusals as refusals } from './refusal.ts'
import { faultOf, needsPkce, type Site } from './site.ts'
import type {
  Callback,
  Exchanged,
  ProviderConfig,
  ProvidersOptions,
  VerifiedProfile,
} from './types.ts'

interface Parts {
  siteOf: (config: ProviderConfig) => Promise<Site>
  discovery: Discovery
  reach: typeof fetch
  log: ProvidersOptions['log']
}

export function createExchange({ siteOf, discovery, reach, log }: Parts) {
  return async (config: ProviderConfig, callback: Callback): Promise<Exchanged> => {
    checkCallback(config, callback)
    return definitionOf(config.name)?.oauth1
      ? exchange1(config, callback)
      : exchange2(config, callback)
  }

  async function exchange2(config: ProviderConfig, callback: Callback): Promise<Exchanged> {
    const { params, codeVerifier } = callback
    const code = params.get('code') ?? ''
    const notExchanged = refusals.notExchanged(code)
    const site = await orRefuse(config, 'discovery', notExchanged, siteOf(config))
    checkIssuer(site, params)
    const trading = trade(site, reach, code, codeVerifier)
    const tokens = await orRefuse(config, 'token', notExchanged, trading)
    const getting = profileFrom(site, tokens, discovery)
    const profile = await orRefuse(config, 'profile', refusals.noProfile(), getting)
    if (config.name === 'apple') {
      addName(profile, params.get('user'))
    }
    const { refreshToken } = tokens
    return { profile, accessToken: tokens.accessToken, ...(refreshToken && { refreshToken }) }
  }

  async function exchange1(config: ProviderConfig, { params }: Callback): Promise<Exchanged> {
    const site = await siteOf(config)
    const [token, verifier] = ['oauth_token', 'oauth_verifier'].map(
      (name) => params.get(name) ?? '',
    )
    const trading = accessToken(site, reach, token as string, verifier as string)
    const access = await orRefuse(config, 'token', refusals.noAccessToken(), trading)
    const getting = profileFrom1(site, reach, access)
    const profile = await orRefuse(config, 'profile', refusals.noEmail(), getting)
    return { profile, accessToken: access.token }
  }

  /** The fault goes to the log without what the site said, the client gets the refusal. */
  async function orRefuse<T>(
    config: ProviderConfig,
    step: string,
    refusal: Refusal,
    work: Promise<T>,
  ): Promise<T> {
    try {
      return await work
    } catch (error) {
      log.warn({ provider: config.name, step, reason: reasonOf(error) }, 'a provider failed')
      throw new Refused(refusal)
    }
  }

  /** An answer that names its issuer names the one that was asked (RFC 9207). */
  function checkIssuer({ config, definition }: Site, params: URLSearchParams) {
    const issuers = issuersOf(config, definition)
    const named = params.get('iss')
    const unknown = Array.isArray(issuers) && issuers.length === 0
    if (named && !unknown && !isOneOf(issuers, named)) {
      const reason = 'the answer is of another issuer'
      log.warn({ provider: config.name, step: 'callback', reason }, 'a provider failed')
      throw new Refused(refusals.notExchanged(params.get('code') ?? ''))
    }
  }
}

function checkCallback(config: ProviderConfig, { params, codeVerifier, fault: lost }: Callback) {
  const said = params.get('error')
  if (said) {
    throw new Refused(refusals.saidNo(said, params.get('error_description') ?? ''))
  }
  if (!params.get('code') && !definitionOf(config.name)?.oauth1) {
    throw new Refused(refusals.noCode())
  }
  const fault = faultOf(config)
  if (fault) {
    throw new Refused(refusals.noLongerSupported(fault))
  }
  if (lost) {
    throw new Refused(lost)
  }
  if (needsPkce(config) && !codeVerifier) {
    throw new Refused(refusals.noCodeVerifier())
  }
}

/** Apple tells a name only once, and by way of the browser. */
function addName(profile: VerifiedProfile, user: string | null) {
  let told: unknown
  try {
    told = JSON.parse(user ?? '')
  } catch {
    return
  }
  if (isAnswer(told)) {
    const name = `${textAt(told, 'name.firstName')} ${textAt(told, 'name.lastName')}`.trim()
    Object.assign(profile.data, name && { name, full_name: name })
  }
}
