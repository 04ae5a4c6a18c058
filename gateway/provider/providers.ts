// Other sites that people sign in with, as the rest of the gateway sees them.
//
// Exports: createProviders.

import { Refused } from '../refused.ts'
import { lookupAll } from './address.ts'
import { addressFor } from './authorize.ts'
import { createDiscovery } from './discovery.ts'
import { createExchange } from './exchange.ts'
import { reasonOf } from './fault.ts'
import { checkIdTokenRequest, createIdTokenGrant } from './id_token_grant.ts'
import { requestToken } from './oauth1.ts'
import { createReach } from './reach.ts'
import { providerRefusals as refusals } from './refusal.ts'
import { createSites, faultOf, needsPkce, type Site } from './site.ts'
import { createVet } from './vet.ts'
import type { AuthorizationRequest, ProviderConfig, Providers, ProvidersOptions } from './types.ts'

export function createProviders(options: ProvidersOptions): Providers {
  const { timeout = 10_000, discoveryTtl = 3_600_000, keyCooldown = 30_000, log } = options
  const reach = createReach(options.fetch, timeout)
  const discovery = createDiscovery({ reach, timeout, ttl: discoveryTtl, keyCooldown })
  const siteOf = createSites(discovery, reach)

  function check(config: ProviderConfig) {
    const fault = faultOf(config)
    if (fault) {
      throw new Refused(refusals.unsupported(fault))
    }
  }

  async function authorizationUrl(config: ProviderConfig, request: AuthorizationRequest) {
    check(config)
    const site = await siteOf(config).catch((error: unknown) => {
      const reason = reasonOf(error)
      log.warn({ provider: config.name, step: 'discovery', reason }, 'a provider failed')
      throw new Refused(refusals.unsupported(`error creating OIDC provider: ${reason}`))
    })
    return site.definition?.oauth1 ? addressFor1(site, request.state) : addressFor(site, request)
  }

  async function addressFor1(site: Site, state: string): Promise<URL> {
    const { config, metadata } = site
    const callback = new URL(config.redirectUri)
    callback.searchParams.set('state', state)
    const { token } = await requestToken(site, reach, callback.href).catch((error: unknown) => {
      const reason = reasonOf(error)
      log.warn({ provider: config.name, step: 'request_token', reason }, 'a provider failed')
      throw new Refused(refusals.noRequestToken())
    })
    const address = new URL(metadata.authorization_endpoint ?? '')
    address.searchParams.set('oauth_token', token)
    return address
  }

  return {
    check,
    needsPkce,
    authorizationUrl,
    vetCustom: createVet(discovery, options.lookup ?? lookupAll),
    exchange: createExchange({ siteOf, discovery, reach, log }),
    checkIdTokenRequest,
    verifyIdToken: createIdTokenGrant(discovery, log),
  }
}
