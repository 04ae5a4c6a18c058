// Every built-in provider, from the address that people are sent to up to their identity_data, against
// the answers that the sites document (fixtures/).

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import t from 'tap'
import { builtinNames } from '../../gateway/provider/builtin.ts'
import { createProviders } from '../../gateway/provider/providers.ts'
import { config, openIssuer, openSites } from './sites.ts'

interface Fixture {
  url?: string
  scopes?: string
  forwarded?: Record<string, string>
  authorize: { url: string } & Record<string, string>
  token?: { url: string; secretIn: 'header' | 'form'; answer: object }
  oauth1?: { requestToken: string; accessToken: string }
  issuer?: { name: string; document: object }
  id_token?: Record<string, unknown>
  /** More that the site brings to /callback. */
  callback?: Record<string, string>
  headers?: Record<string, string>
  profile?: Record<string, unknown>
  subject: string
  emails: object[]
  data: object
}

const state = '0b4ba5c9-5b26-4a3b-9f86-0d2f8a4b8d64'
const codeVerifier = 'canary-verifier-0123456789-0123456789-0123456789'
const code = 'canary-code-0123456789'
const log = pino({ level: 'silent' })

const fixtureOf = (name: string) =>
  JSON.parse(readFileSync(new URL(`./fixtures/${name}.json`, import.meta.url), 'utf8')) as Fixture

t.test('there are as many providers as GoTrue has', async (t) => {
  t.equal(builtinNames.length, 25)
})

for (const name of builtinNames) {
  t.test(name, async (t) => {
    const fixture = fixtureOf(name)
    const sites = await openSites(t)
    const providers = createProviders({ fetch: sites.fetch, log })
    const site = config(name, fixture.url === undefined ? {} : { url: fixture.url })
    const verifier = providers.needsPkce(site) ? { codeVerifier } : {}
    const answer = await prepare(sites, fixture)

    await t.test('people are sent to the site', async (t) => {
      const address = await providers.authorizationUrl(site, {
        state,
        ...(fixture.scopes !== undefined && { scopes: fixture.scopes }),
        forwarded: new URLSearchParams(fixture.forwarded),
        ...verifier,
      })
      const { url, ...parameters } = fixture.authorize
      t.equal(address.origin + address.pathname, url)
      t.same(
        Object.fromEntries(address.searchParams),
        fixture.oauth1
          ? parameters
          : {
              response_type: 'code',
              client_id: 'canary-client',
              redirect_uri: site.redirectUri,
              state,
              ...parameters,
              ...(codeChallenge(verifier) && {
                code_challenge: codeChallenge(verifier),
                code_challenge_method: 'S256',
              }),
            },
      )
    })

    await t.test('who comes back is known', async (t) => {
      const exchanged = await providers.exchange(site, {
        state,
        params: new URLSearchParams({
          state,
          ...(fixture.oauth1
            ? { oauth_token: 'request-token', oauth_verifier: 'verifier' }
            : { code }),
          ...fixture.callback,
        }),
        ...verifier,
      })
      t.same(exchanged.profile, {
        subject: fixture.subject,
        issuer: (fixture.data as { iss: string }).iss,
        emails: fixture.emails,
        data: fixture.data,
      })
      const { access_token: accessToken = 'canary-access-token', refresh_token: refreshToken } =
        answer as Record<string, string>
      t.same(
        { accessToken: exchanged.accessToken, refreshToken: exchanged.refreshToken },
        { accessToken, refreshToken },
      )
    })

    await t.test('the site was asked as it wants to be asked', async (t) => {
      const asked = sites.taken()
      if (fixture.token) {
        const request = asked.find(({ method }) => method === 'POST')
        const inHeader = fixture.token.secretIn === 'header'
        const login = Buffer.from('canary-client:canary-secret').toString('base64')
        t.equal(request?.url, fixture.token.url)
        t.equal(request?.headers.accept, 'application/json')
        t.equal(request?.headers.authorization, inHeader ? `Basic ${login}` : undefined)
        t.same(request?.form, {
          grant_type: 'authorization_code',
          code,
          redirect_uri: site.redirectUri,
          ...(!inHeader && { client_id: 'canary-client', client_secret: 'canary-secret' }),
          ...(codeChallenge(verifier) && { code_verifier: codeVerifier }),
        })
      }
      for (const url of Object.keys(fixture.profile ?? {})) {
        const request = asked.find((one) => one.url === url)
        t.match(request, { method: 'GET', headers: fixture.headers ?? {} }, url)
        t.match(
          request?.headers.authorization,
          fixture.oauth1 ? /^OAuth .*oauth_token="access-token"/ : /^Bearer canary-access-token$/,
        )
      }
    })
  })
}

/** Makes the sites answer as the fixture says; returns the answer with the tokens. */
async function prepare(sites: Awaited<ReturnType<typeof openSites>>, fixture: Fixture) {
  for (const [url, body] of Object.entries(fixture.profile ?? {})) {
    sites.answer(url, { body })
  }
  if (fixture.oauth1) {
    const form = (token: string) => ({
      body: `oauth_token=${token}&oauth_token_secret=secret&oauth_callback_confirmed=true`,
    })
    sites.answer(fixture.oauth1.requestToken, form('request-token'))
    sites.answer(fixture.oauth1.accessToken, form('access-token'))
    return { access_token: 'access-token' }
  }
  const answer = { ...fixture.token?.answer }
  if (fixture.issuer) {
    const issuer = await openIssuer(sites, fixture.issuer.name, fixture.issuer.document)
    const at_hash = createHash('sha256').update('canary-access-token').digest().subarray(0, 16)
    const claims = { ...fixture.id_token, at_hash: at_hash.toString('base64url') }
    Object.assign(answer, { id_token: await issuer.sign(claims) })
  }
  sites.answer(fixture.token?.url ?? '', { body: answer })
  return answer
}

function codeChallenge({ codeVerifier }: { codeVerifier?: string }): string | undefined {
  return codeVerifier && createHash('sha256').update(codeVerifier).digest('base64url')
}
