// Sites that are down, slow, or answer nonsense: the contract's error at every step, and nothing of
// a secret, a token or a code in what is told or logged.

import { pino } from 'pino'
import t from 'tap'
import { createProviders } from '../../gateway/provider/providers.ts'
import type { ProviderConfig } from '../../gateway/provider/types.ts'
import { Refused } from '../../gateway/refused.ts'
import { type Answer, config, openIssuer, openSites, secrets } from './sites.ts'

const sites = await openSites(t)
const logged: string[] = []
const told: string[] = []
const log = pino({}, { write: (line: string) => void logged.push(line) })
const providers = createProviders({ fetch: sites.fetch, log, timeout: 300 })

const code = 'canary-code-0123456789'
const codeVerifier = 'canary-verifier-0123456789-0123456789-0123456789'
const tokens = {
  access_token: 'canary-access-token',
  token_type: 'bearer',
  refresh_token: 'canary-refresh-token',
}
const notExchanged = 'Unable to exchange external code: cana'
const noProfile = 'Error getting user profile from external provider'

const back = (params: Record<string, string> = { code }) => ({
  state: 's',
  params: new URLSearchParams(params),
})

/** What a refused call is told. */
async function refusalOf(promise: Promise<unknown>) {
  try {
    await promise
    return 'nothing was refused'
  } catch (error) {
    const whole = error as Error & { refusal?: unknown }
    told.push(String(whole.stack), String(whole.cause), JSON.stringify(whole.refusal))
    return error instanceof Refused ? error.refusal : error
  }
}

const failure = (message: string) => ({ status: 500, code: 'unexpected_failure', message })
const exchange = (site: ProviderConfig, params?: Record<string, string>) =>
  refusalOf(providers.exchange(site, back(params)))

const github = config('github')
const token = 'https://github.com/login/oauth/access_token'
const user = 'https://api.github.com/user'
const emails = 'https://api.github.com/user/emails'

t.test('a code that can’t be traded is refused', async (t) => {
  const answers: Record<string, Answer> = {
    'an error': { status: 400, body: { error: 'invalid_grant', error_description: code } },
    'an error with status 200': { body: { error: 'bad_verification_code' } },
    'an error that is a token': { body: { error: tokens.access_token } },
    'not our secret': {
      status: 401,
      headers: { 'www-authenticate': 'Basic realm="canary-secret"' },
      body: { error: 'invalid_client', error_description: 'canary-secret' },
    },
    'a fault': { status: 500, body: tokens },
    'being elsewhere': { status: 302, headers: { location: '/elsewhere' } },
    'a page': { body: '<html><body>canary-access-token</body></html>' },
    'a page with an error': { status: 503, body: '<html>canary-secret</html>' },
    'a list': { body: [tokens] },
    null: { body: 'null' },
    nothing: { body: '' },
    'no access token': { body: { token_type: 'bearer' } },
    'an empty access token': { body: { ...tokens, access_token: '' } },
    'an access token that is no text': { body: { ...tokens, access_token: 5 } },
    'a token of another type': { body: { ...tokens, token_type: 'mac' } },
    'much too much': { body: { ...tokens, more: 'x'.repeat(1024 * 1024) } },
    silence: { silent: true },
  }
  for (const [what, answer] of Object.entries(answers)) {
    sites.answer(token, answer)
    t.same(await exchange(github), failure(notExchanged), what)
  }
  t.notOk(
    sites.taken().some(({ url }) => url.includes('elsewhere')),
    'nothing follows a redirect',
  )
})

t.test('a profile that can’t be had is refused', async (t) => {
  sites.answer(token, { body: tokens })
  sites.answer(emails, { body: [] })
  const answers: Record<string, Answer> = {
    'no right': {
      status: 401,
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
      body: { message: 'Bad credentials canary-access-token' },
    },
    'a fault': { status: 502, body: '<html>' },
    'a page': { body: '<html>canary-access-token</html>' },
    nothing: { body: '' },
    null: { body: 'null' },
    'a text': { body: '"octocat"' },
    'a list': { body: [{ id: 1 }] },
    'no id': { body: { login: 'octocat' } },
    'an id that is nothing': { body: { id: null } },
    'an empty id': { body: { id: '' } },
    'the id 0': { body: { id: 0 } },
    'an id that is an object': { body: { id: { a: 1 } } },
    'an id that is a number too large to be one of a kind': {
      body: '{"id": 12345678901234567890}',
    },
    silence: { silent: true },
  }
  for (const [what, answer] of Object.entries(answers)) {
    sites.answer(user, answer)
    t.same(await exchange(github), failure(noProfile), what)
  }

  sites.answer(user, { body: { id: 583231 } })
  for (const answer of [{ status: 404 }, { body: '<html>' }, { silent: true }] as Answer[]) {
    sites.answer(emails, answer)
    t.same(await exchange(github), failure(noProfile), 'e-mails')
  }
})

t.test('what is odd about a profile is left out', async (t) => {
  sites.answer(token, { body: { ...tokens, refresh_token: null, expires_in: null } })
  sites.answer(user, { body: { id: '583231', name: ['x'], login: null, avatar_url: { a: 1 } } })
  sites.answer(emails, {
    body: [
      null,
      'x',
      {},
      { email: '' },
      { email: 5, primary: true },
      { email: 'a@b.c', verified: 'yes' },
    ],
  })
  t.same(await providers.exchange(github, back()), {
    accessToken: tokens.access_token,
    profile: {
      subject: '583231',
      issuer: 'https://api.github.com',
      emails: [{ email: 'a@b.c', verified: false, primary: false }],
      data: {
        iss: 'https://api.github.com',
        sub: '583231',
        provider_id: '583231',
        email: 'a@b.c',
        email_verified: false,
        phone_verified: false,
      },
    },
  })
  sites.answer(emails, { body: {} })
  t.match(await providers.exchange(github, back()), { profile: { emails: [] } }, 'no e-mail')
})

t.test('a site that can’t be reached is refused', async (t) => {
  const down = createProviders({
    fetch: () => Promise.reject(new TypeError('fetch failed', { cause: new Error(code) })),
    log,
  })
  t.same(await refusalOf(down.exchange(github, back())), failure(notExchanged))
  for (const name of ['apple', 'google']) {
    t.match(
      await refusalOf(
        down.authorizationUrl(config(name), { state: 's', forwarded: new URLSearchParams() }),
      ),
      {
        status: 400,
        code: 'validation_failed',
        message: /^Unsupported provider: error creating OIDC provider: the site can not be reached/,
      },
    )
  }
})

t.test('an answer that drips in is cut off', async (t) => {
  const drip = createProviders({
    fetch: async (_input, init) =>
      new Response(
        new ReadableStream({
          pull: (controller) =>
            new Promise<void>((resolve, reject) => {
              const timer = setTimeout(() => {
                controller.enqueue(new TextEncoder().encode(' '))
                resolve()
              }, 20)
              init?.signal?.addEventListener('abort', () => {
                clearTimeout(timer)
                reject(init.signal?.reason as Error)
              })
            }),
        }),
      ),
    log,
    timeout: 200,
  })
  // Were it not, this would wait for ever.
  t.same(await refusalOf(drip.exchange(github, back())), failure(notExchanged))
})

t.test('what the site says of a sign-in that failed is passed on', async (t) => {
  const description = 'The user has denied your application access'
  const refusal = (message: string) => ({
    status: 400,
    code: 'access_denied',
    message,
    oauth: 'access_denied',
  })
  t.same(
    await exchange(github, { error: 'access_denied', error_description: description }),
    refusal(description),
  )
  t.same(await exchange(github, { error: 'access_denied', code }), refusal(''))
})

t.test('a callback without what it needs is refused', async (t) => {
  const missing = {
    status: 400,
    code: 'bad_oauth_callback',
    message: 'OAuth callback with missing authorization code missing',
  }
  for (const params of [{}, { code: '' }, { oauth_token: 'x' }] as Record<string, string>[]) {
    t.same(await exchange(github, params), missing, JSON.stringify(params))
  }
  t.same(await exchange(config('x')), {
    status: 400,
    code: 'oauth_invalid_state',
    message: 'OAuth PKCE code verifier missing',
  })
})

t.test('a site that is no longer configured is refused', async (t) => {
  const cases: [ProviderConfig, string][] = [
    [config('github', { enabled: false }), 'provider is not enabled'],
    [config('github', { clientIds: [] }), 'missing OAuth client ID'],
    [config('github', { clientIds: [''] }), 'missing OAuth client ID'],
    [config('github', { secret: '' }), 'missing OAuth secret'],
    [config('github', { redirectUri: '' }), 'missing redirect URI'],
    [config('keycloak'), 'unable to find URL for the Keycloak provider'],
    [config('github', { url: 'no url' }), 'the URL of the provider is not valid'],
    [config('myspace'), 'Provider myspace could not be found'],
    [config('constructor'), 'Provider constructor could not be found'],
    [config('__proto__'), 'Provider __proto__ could not be found'],
  ]
  for (const [site, reason] of cases) {
    const message = `Unsupported provider: ${reason}`
    t.same(await exchange(site), { status: 400, code: 'oauth_provider_not_supported', message })
    const refusal = { status: 400, code: 'validation_failed', message }
    t.same(
      await refusalOf(
        providers.authorizationUrl(site, { state: 's', forwarded: new URLSearchParams() }),
      ),
      refusal,
    )
    t.same(await refusalOf(Promise.resolve().then(() => providers.check(site))), refusal)
  }
})

t.test('the id_token of a sign-in is verified like any other', async (t) => {
  const google = await openIssuer(sites, 'https://accounts.google.com')
  const evil = await openIssuer(sites, 'https://evil.example.com')
  const site = config('google')
  const verdict = async (id_token: unknown) => {
    sites.answer(google.metadata.token_endpoint, { body: { ...tokens, id_token } })
    return exchange(site)
  }
  const sub = '1101'
  const stolen = await evil.sign({ sub, iss: google.issuer })
  const cases: Record<string, unknown> = {
    'another issuer': await evil.sign({ sub }),
    "a stranger's signature": stolen,
    'another audience': await google.sign({ sub, aud: 'other' }),
    'an audience that is only taken in the id_token grant': await google.sign({
      sub,
      aud: 'other-client',
    }),
    expired: await google.sign({ sub, exp: 1 }),
    'another access token': await google.sign({ sub, at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }),
    nobody: await google.sign({ email: 'ann@example.com' }),
    nonsense: 'nonsense',
  }
  for (const [what, id_token] of Object.entries(cases)) {
    t.same(await verdict(id_token), failure(noProfile), what)
  }
  t.same(await verdict(await google.sign({ sub, nonce: 'client’s own' })), 'nothing was refused')
  t.same(
    await exchange(site, { code, iss: 'https://evil.example.com' }),
    failure(notExchanged),
    'an answer of another issuer (RFC 9207)',
  )

  sites.answer('https://www.googleapis.com/userinfo/v2/me', {
    body: { id: sub, email: 'ann@example.com', verified_email: true },
  })
  sites.answer(google.metadata.token_endpoint, { body: tokens })
  t.match(
    await providers.exchange(site, back()),
    {
      profile: { data: { iss: 'https://www.googleapis.com/userinfo/v2/me', email_verified: true } },
    },
    'without an id_token Google is asked',
  )
  sites.answer('https://login.microsoftonline.com/common/oauth2/v2.0/token', { body: tokens })
  t.same(await exchange(config('azure')), failure(noProfile), 'without an id_token Azure is not')
})

t.test('of Azure only the tenant that its URL names is taken', async (t) => {
  const url = 'https://login.microsoftonline.com/mine'
  const own = await openIssuer(sites, `${url}/v2.0`)
  const other = await openIssuer(sites, 'https://login.microsoftonline.com/other/v2.0')
  const site = config('azure', { url })
  const answer = async (issuer: typeof own, endpoint: string) =>
    sites.answer(`${endpoint}/oauth2/v2.0/token`, {
      body: { ...tokens, id_token: await issuer.sign({ sub: '1' }) },
    })
  await answer(own, url)
  t.match(await providers.exchange(site, back()), { profile: { issuer: own.issuer } })
  await answer(other, url)
  t.same(await exchange(site), failure(noProfile))
  await answer(other, 'https://login.microsoftonline.com/common')
  t.match(await providers.exchange(config('azure'), back()), { profile: { issuer: other.issuer } })
  const evil = await openIssuer(sites, 'https://evil.example.com')
  await answer(evil, 'https://login.microsoftonline.com/common')
  t.same(await exchange(config('azure')), failure(noProfile))
})

t.test('Twitter’s old way fails as well', async (t) => {
  const site = config('twitter')
  const came = { oauth_token: 'request', oauth_verifier: 'verifier' }
  for (const answer of [
    { status: 401, body: 'canary-secret' },
    { body: '' },
    { body: 'oauth_token=canary-access-token' },
    { silent: true },
  ] as Answer[]) {
    sites.answer('https://api.twitter.com/oauth/request_token', answer)
    sites.answer('https://api.twitter.com/oauth/access_token', answer)
    t.same(
      await refusalOf(
        providers.authorizationUrl(site, { state: 's', forwarded: new URLSearchParams() }),
      ),
      failure('Unable to retrieve request token'),
    )
    t.same(await exchange(site, came), failure('Unable to retrieve access token'))
  }
  t.same(await exchange(site, { denied: 'request' }), failure('Unable to retrieve access token'))
  sites.answer('https://api.twitter.com/oauth/access_token', {
    body: 'oauth_token=canary-access-token&oauth_token_secret=canary-secret',
  })
  t.same(
    await exchange(site, came),
    failure('Error getting user email from external provider'),
    'and without a profile',
  )
})

t.test('nothing tells a secret', async (t) => {
  t.ok(told.length > 100)
  t.ok(logged.length > 40)
  for (const secret of [...secrets, codeVerifier]) {
    t.notMatch(logged.join(''), secret, 'the log')
    t.notMatch(told.join(''), secret, 'what is told')
  }
  t.match(logged.join(''), /"step":"token","reason":"ResponseBodyError 400 \w+ invalid_grant/)
  t.match(logged.join(''), /TimeoutError/)
})
