// What happens when somebody comes back from a site: the code becomes tokens, the tokens a profile.
//
// Exports: createExchange.

import { Refused } from '../refused.ts'
import { isAnswer, textAt } from './claims.ts'
import type { Discovery } from './discovery.ts'
import { Fault, reasonOf } from './fault.ts'
import { trade } from './grant.ts'
import { issuersOf, isOneOf } from './issuer.ts'
import { accessToken, signedGet } from './oauth1.ts'
import { bodyOf, profileFrom, withQuery } from './profile.ts'
import { readAnswer } from './reading.ts'
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
    const { params } = callback
    const said = params.get('error')
    if (said) {
      throw new Refused(refusals.saidNo(said, params.get('error_description') ?? ''))
    }
    const oauth1 = params.has('oauth_token')
    const code = params.get('code') ?? ''
    if (!code && !oauth1 && config.name !== 'twitter') {
      throw new Refused(refusals.noCode())
    }
    const fault = faultOf(config)
    if (fault) {
      throw new Refused(refusals.noLongerSupported(fault))
    }
    if (needsPkce(config) && !callback.codeVerifier) {
      throw new Refused(refusals.noCodeVerifier())
    }

    const or = <T>(refusal: ReturnType<typeof refusals.noCode>, step: string, work: Promise<T>) =>
      work.catch((error: unknown) => {
        log.warn({ provider: config.name, step, reason: reasonOf(error) }, 'a provider failed')
        throw new Refused(refusal)
      })
    const site = await or(refusals.notExchanged(code), 'discovery', siteOf(config))
    if (site.definition?.oauth1) {
      return exchange1(site, params)
    }
    const tokens = await or(
      refusals.notExchanged(code),
      'token',
      sameIssuer(site, params).then(() => trade(site, reach, code, callback.codeVerifier)),
    )
    const profile = await or(refusals.noProfile(), 'profile', profileFrom(site, tokens, discovery))
    if (config.name === 'apple') {
      addName(profile, params.get('user'))
    }
    const { refreshToken } = tokens
    return { profile, accessToken: tokens.accessToken, ...(refreshToken && { refreshToken }) }

    async function exchange1(site: Site, params: URLSearchParams): Promise<Exchanged> {
      const [token, verifier] = [params.get('oauth_token'), params.get('oauth_verifier')]
      const access = await or(
        refusals.noAccessToken(),
        'token',
        accessToken(site, reach, token ?? '', verifier ?? ''),
      )
      return {
        profile: await or(refusals.noEmail(), 'profile', profile1(site, access)),
        accessToken: access.token,
      }
    }
  }

  async function profile1(site: Site, token: { token: string; secret: string }) {
    const { definition } = site
    if (!definition?.reading || typeof definition.profile !== 'object') {
      throw new Fault('no profile')
    }
    const query = definition.query?.({ accessToken: token.token, secret: site.config.secret })
    const url = withQuery(site.at(definition.profile), query)
    const answer = await bodyOf(await signedGet(site, reach, url, token))
    return readAnswer(definition.reading, answer, site.at(definition.profile))
  }
}

/** An answer that names its issuer names the one that was asked (RFC 9207). */
async function sameIssuer(site: Site, params: URLSearchParams): Promise<void> {
  const issuers = issuersOf(site.config, site.definition)
  const named = params.get('iss')
  if (named && !isOneOf(issuers, named) && !(Array.isArray(issuers) && issuers.length === 0)) {
    throw new Fault('the answer is of another issuer')
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
