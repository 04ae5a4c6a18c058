// Routes that talk to another site: who comes from where is found out here, what follows is decided
// by SQL.
//
// A callback is two statements with the site between them: the first spends the state, so that no
// answer is fetched twice, and the second decides. All other routes here are one statement.
//
// Exports: Federated, createFederation.

import { randomPKCECodeVerifier } from 'openid-client'
import type { Services } from './app.ts'
import { anon, createAsk } from './ask.ts'
import { checkTypes } from './body.ts'
import { createCustomProviders } from './custom_provider.ts'
import { refusalFrom } from './postgres_error.ts'
import { createProviders } from './provider/providers.ts'
import { providerRefusals } from './provider/refusal.ts'
import type { IdTokenRequest, ProviderConfig } from './provider/types.ts'
import { type Refusal, refusal } from './refusal.ts'
import { Refused } from './refused.ts'
import { sqlResponse } from './respond.ts'
import type { Route } from './routes.ts'
import { bearerOf } from './token.ts'

/** How a route talks to another site. */
export type Federated = 'authorize' | 'callback' | 'id_token' | 'custom_provider'

export type Handler = (
  route: Route,
  request: Request,
  args: Record<string, unknown>,
  claims: object,
) => Promise<Response>

export function createFederation(services: Services): Record<Federated, Handler> {
  const { database, log } = services
  const { providerMilliseconds: timeout, discoveryMilliseconds: discoveryTtl } = database.config()
  const providers = createProviders({
    fetch: (...asked) => fetch(...asked),
    timeout,
    discoveryTtl,
    log,
  })

  const { ask, limit } = createAsk(services)
  const configOf = (name: string) =>
    withSecret(database.config().providers.find((config) => config.name === name))

  return {
    async authorize(route, request, args, claims) {
      const { searchParams: query } = new URL(request.url)
      const name = String(args.provider ?? '').toLowerCase()
      const config = configOf(name)
      if (name.startsWith('custom:') && !database.config().customProvidersEnabled) {
        throw new Refused(providerRefusals.unsupported('custom OAuth providers are disabled'))
      }
      if (!config) {
        throw new Refused(
          providerRefusals.unsupported(
            name.startsWith('custom:')
              ? `custom provider ${name} not found`
              : `Provider ${name} could not be found`,
          ),
        )
      }
      providers.check(config)

      const codeVerifier = providers.needsPkce(config) ? randomPKCECodeVerifier() : undefined
      const opened = await ask(
        route.routine,
        {
          ...args,
          provider: name,
          email_optional: config.emailOptional,
          ...(codeVerifier && { code_verifier: codeVerifier }),
        },
        request,
        route.auth === 'user' ? { claims, required: 'user' } : {},
      )
      const { state } = JSON.parse(opened.body ?? '{}') as { state: string }
      const scopes = query.get('scopes')
      const url = await providers.authorizationUrl(config, {
        state,
        ...(scopes && { scopes }),
        forwarded: query,
        ...(codeVerifier && { codeVerifier }),
      })
      return route.auth === 'user' && query.get('skip_http_redirect') === 'true'
        ? Response.json({ url: url.href })
        : new Response(null, { status: 302, headers: { location: url.href } })
    },

    async callback(route, request) {
      const params = new URL(request.url).searchParams
      if (request.method === 'POST') {
        for (const [name, value] of new URLSearchParams(await request.text())) {
          params.set(name, value)
        }
      }
      // No text of Postgres holds this character.
      const state = (params.get('state') ?? '').replaceAll('\0', '')
      const begun = await ask('callback_state', { state }, request)
      if (begun.body === null) {
        return sqlResponse(begun, request)
      }
      const { code, ...flow } = JSON.parse(begun.body) as Begun
      const end = async (said: object) =>
        sqlResponse(await ask(route.routine, { code, ...said }, request), request)
      try {
        return await end(await exchanged(flow, state, params))
      } catch (error) {
        // A person is looking: what fails now is undone, and told where the flow began.
        const told = error instanceof Refused ? error.refusal : refusalFrom(error)
        if (told.status >= 500) {
          log.error({ err: error, path: route.path }, 'request failed')
        }
        return end({ fault: faultOf(told) })
      }
    },

    async id_token(route, request, args) {
      const limited = await limit(route, request, args)
      if (limited) {
        return limited
      }
      checkTypes(route.params ?? '', idTokenTypes, args)
      const linking = args.link_identity === true
      providers.checkIdTokenRequest(args as IdTokenRequest)
      const bearer = linking ? bearerOf(request) : null
      if (linking && bearer === null) {
        throw new Refused(providerRefusals.linkingWithoutUser())
      }
      const claims = bearer === null ? anon : await services.verify()(bearer)
      const { customProvidersEnabled, allowedIdTokenIssuers } = database.config()
      const verified = await providers.verifyIdToken(args as IdTokenRequest, {
        configOf,
        customEnabled: customProvidersEnabled,
        allowedIssuers: allowedIdTokenIssuers,
      })
      const { profile, provider, emailOptional } = verified
      const told = { provider, profile, email_optional: emailOptional, link_identity: linking }
      const required = linking ? 'user' : 'none'
      return sqlResponse(await ask(route.routine, told, request, { claims, required }), request)
    },

    custom_provider: createCustomProviders(ask, providers),
  }

  /** What the site says of who has come back, or why it does not: what SQL is told. */
  async function exchanged(
    { provider, code_verifier: codeVerifier, fault }: Omit<Begun, 'code'>,
    state: string,
    params: URLSearchParams,
  ): Promise<object> {
    const config = configOf(provider)
    if (!config) {
      throw new Refused(providerRefusals.noLongerSupported(`${provider} could not be found`))
    }
    const { profile, accessToken, refreshToken } = await providers.exchange(config, {
      state,
      params,
      ...(codeVerifier && { codeVerifier }),
      ...(fault && { fault: refusal(fault.code, fault.error_code, fault.msg) }),
    })
    return {
      profile,
      provider_token: accessToken,
      ...(refreshToken && { provider_refresh_token: refreshToken }),
    }
  }
}

interface Begun {
  code: string
  provider: string
  code_verifier?: string
  fault?: { code: number; error_code: string; msg: string }
}

// prettier-ignore
const idTokenTypes = {
  id_token: 'string', provider: 'string', access_token: 'string', nonce: 'string',
  client_id: 'string', issuer: 'string', link_identity: 'boolean',
} as const

/** A refusal as SQL writes one; the site's own error as the site wrote it. */
function faultOf({ status, code, message, oauth }: Refusal): object {
  return oauth === undefined
    ? { code: status, error_code: code, msg: message }
    : { error: oauth, error_description: message }
}

/** The gateway's own environment may hold a built-in site's secret, and wins. */
function withSecret(config: ProviderConfig | undefined): ProviderConfig | undefined {
  const secret = config && process.env[`GOTRUE_EXTERNAL_${config.name.toUpperCase()}_SECRET`]
  return config && secret ? { ...config, secret } : config
}
