// Gets the profile of the person whose tokens a site has just given us.
//
// Exports: profileFrom, profileFrom1.

import { fetchProtectedResource, fetchUserInfo, skipSubjectCheck } from 'openid-client'
import type { Discovery } from './discovery.ts'
import { Fault } from './fault.ts'
import type { Tokens } from './grant.ts'
import { accessTokenMatches, audiencesOf } from './id_token.ts'
import { issuersOf, verifyFrom } from './issuer.ts'
import { signedGet } from './oauth1.ts'
import { readAnswer, readCustom, readIdToken } from './reading.ts'
import type { Site } from './site.ts'
import type { CustomProvider, VerifiedProfile } from './types.ts'

/** @throws Fault, or the errors of jose and openid-client */
export async function profileFrom(
  site: Site,
  tokens: Tokens,
  discovery: Discovery,
): Promise<VerifiedProfile> {
  const { custom } = site.config
  if (custom) {
    return customProfile(site, custom, tokens, discovery)
  }
  const { definition } = site
  if (definition?.idToken && tokens.idToken) {
    return idTokenProfile(site, tokens.idToken, tokens.accessToken, discovery)
  }
  if (!definition?.profile || !definition.reading) {
    throw new Fault('no id_token')
  }
  const { profile, emails, reading } = definition
  const answer =
    typeof profile === 'string' ? tokens.answer[profile] : await ask(site, site.at(profile), tokens)
  const others = emails && (await ask(site, site.at(emails), tokens))
  return readAnswer(reading, answer, issuerAt(site), others)
}

async function idTokenProfile(
  { config, definition }: Site,
  idToken: string,
  accessToken: string,
  discovery: Discovery,
): Promise<VerifiedProfile> {
  const verified = await verifyFrom(issuersOf(config, definition), idToken, discovery)
  if (!audiencesOf(verified).includes(config.clientIds[0] as string)) {
    throw new Fault('the id_token is for another audience')
  }
  if (verified.claims.at_hash !== undefined && !accessTokenMatches(verified, accessToken)) {
    throw new Fault('the id_token is for another access token')
  }
  return readIdToken(verified.claims)
}

async function customProfile(
  site: Site,
  row: CustomProvider,
  tokens: Tokens,
  discovery: Discovery,
): Promise<VerifiedProfile> {
  if (row.provider_type === 'oauth2') {
    return readCustom(row, await ask(site, site.metadata.userinfo_endpoint ?? '', tokens), false)
  }
  if (tokens.idToken && site.metadata.jwks_uri) {
    const verified = await verifyFrom(issuersOf(site.config), tokens.idToken, discovery, row)
    const accepted = [site.config.clientIds[0], ...row.acceptable_client_ids]
    if (!audiencesOf(verified).some((audience) => accepted.includes(audience))) {
      throw new Fault('the id_token is for another audience')
    }
    return readCustom(row, verified.claims, true)
  }
  const told = await fetchUserInfo(site.client(), tokens.accessToken, skipSubjectCheck)
  return readCustom(row, told, false)
}

async function ask(site: Site, address: string, tokens: Tokens): Promise<unknown> {
  const { config, definition } = site
  const query = definition?.query?.({ accessToken: tokens.accessToken, secret: config.secret })
  const url = withQuery(address, query)
  const headers = new Headers({
    accept: 'application/json',
    ...definition?.headers?.(config.clientIds[0] as string),
  })
  return bodyOf(
    await fetchProtectedResource(site.client(), tokens.accessToken, url, 'GET', null, headers),
  )
}

/** The same by OAuth 1.0a. */
export async function profileFrom1(
  site: Site,
  reach: typeof fetch,
  token: { token: string; secret: string },
): Promise<VerifiedProfile> {
  const { definition, config } = site
  if (!definition?.reading || typeof definition.profile !== 'object') {
    throw new Fault('no profile')
  }
  const query = definition.query?.({ accessToken: token.token, secret: config.secret })
  const url = withQuery(site.at(definition.profile), query)
  const answer = await bodyOf(await signedGet(site, reach, url, token))
  return readAnswer(definition.reading, answer, issuerAt(site))
}

/** What GoTrue puts in the place of an issuer where a site has none. */
function issuerAt({ definition, at }: Site): string {
  const iss = definition?.iss ?? ''
  return typeof iss === 'string' ? iss : at(iss)
}

/** The address with these parameters after its own. */
function withQuery(address: string, query: Record<string, string> = {}): URL {
  const more = new URLSearchParams(query).toString()
  return new URL(more ? `${address}${address.includes('?') ? '&' : '?'}${more}` : address)
}

/** The JSON of a good answer. */
async function bodyOf(response: Response): Promise<unknown> {
  if (!response.ok) {
    throw new Fault(`the profile is refused with status ${response.status}`)
  }
  return response.json()
}
