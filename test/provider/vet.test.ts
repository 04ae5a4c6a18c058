// The addresses of a provider of one's own, before it is stored.

import { pino } from 'pino'
import t from 'tap'
import { createProviders } from '../../gateway/provider/providers.ts'
import { openIssuer, openSites } from './sites.ts'

const sites = await openSites(t)
const hosts: Record<string, string[]> = {
  'id.example.com': ['93.184.215.14', '2606:2800:21f:cb07:6820:80da:af6b:8b2c'],
  'both.example.com': ['93.184.215.14', '10.0.0.1'],
}
const providers = createProviders({
  fetch: sites.fetch,
  lookup: async (host) => hosts[host] ?? Promise.reject(new Error('ENOTFOUND')),
  log: pino({ level: 'silent' }),
})
const issuer = await openIssuer(sites, 'https://id.example.com', { more: 'is not kept' })
const oidc = { provider_type: 'oidc' as const, issuer: issuer.issuer }
const oauth2 = {
  provider_type: 'oauth2' as const,
  authorization_url: 'https://id.example.com/a',
  token_url: 'https://id.example.com/t',
  userinfo_url: 'https://id.example.com/u',
}

/** The message of a refusal. */
async function refusalOf(row: Parameters<typeof providers.vetCustom>[0]) {
  const error = await providers.vetCustom(row).catch((error: unknown) => error)
  const { status, code, message } = (error as { refusal: Record<string, unknown> }).refusal
  t.same([status, code], [400, 'validation_failed'])
  return message
}

t.test('a good one', async (t) => {
  t.same(await providers.vetCustom(oidc), {
    issuer: 'https://id.example.com',
    authorization_endpoint: 'https://id.example.com/authorize',
    token_endpoint: 'https://id.example.com/token',
    userinfo_endpoint: 'https://id.example.com/userinfo',
    jwks_uri: 'https://id.example.com/jwks',
  })
  t.equal(await providers.vetCustom(oauth2), undefined)
  t.equal(await providers.vetCustom({ provider_type: 'oidc' }), undefined, 'what is not there')
})

t.test('an address leads to a public place by https', async (t) => {
  const near = 'URL cannot point to localhost or loopback addresses'
  const cases: [string, string][] = [
    ['nonsense', 'Invalid URL format'],
    ['https://', 'Invalid URL format'],
    ['http://id.example.com', 'URL must use HTTPS'],
    ['ftp://id.example.com', 'URL must use HTTPS'],
    ['https://localhost', near],
    ['https://LOCALHOST.', near],
    ['https://app.localhost:8443/x', near],
    ['https://127.0.0.1', near],
    ['https://0x7f.1', near],
    ['https://[::1]', near],
    ['https://0.0.0.0', near],
    ['https://[::]', near],
    ['https://nowhere.example.com', 'Unable to resolve hostname'],
    ['https://127.0.0.2', 'URL cannot resolve to loopback addresses'],
    ['https://[::ffff:127.0.0.2]', 'URL cannot resolve to loopback addresses'],
    ['https://both.example.com', 'URL cannot resolve to private network addresses'],
    ['https://172.31.255.255', 'URL cannot resolve to private network addresses'],
    ['https://192.168.1.1', 'URL cannot resolve to private network addresses'],
    ['https://[fd00::1]', 'URL cannot resolve to private network addresses'],
    ['https://[::ffff:10.0.0.1]', 'URL cannot resolve to private network addresses'],
    ['https://169.254.169.254/latest/meta-data', 'URL cannot resolve to link-local addresses'],
    ['https://[fe80::1]', 'URL cannot resolve to link-local addresses'],
    ['https://239.1.1.1', 'URL cannot resolve to multicast addresses'],
    ['https://[ff05::1]', 'URL cannot resolve to multicast addresses'],
    ['https://0.1.2.3', 'URL cannot resolve to unspecified addresses'],
  ]
  for (const [address, message] of cases) {
    t.equal(await refusalOf({ ...oidc, issuer: address }), message, address)
    for (const name of ['authorization_url', 'token_url', 'userinfo_url', 'jwks_uri']) {
      t.equal(await refusalOf({ ...oauth2, [name]: address }), message, `${name} ${address}`)
    }
  }
  t.equal(await refusalOf({ ...oidc, discovery_url: 'https://10.0.0.1' }), cases[15]?.[1])
})

t.test('an issuer has a document, of itself and whole', async (t) => {
  const failed = (reason: string) => `OIDC discovery from "${issuer.place}" failed: ${reason}`
  const { issuer: name } = issuer
  const cases: [Parameters<typeof sites.answer>[1], string][] = [
    [{ status: 404 }, failed('discovery answered with status 404')],
    [
      { status: 301, headers: { location: 'https://10.0.0.1/' } },
      failed('discovery answered with status 301'),
    ],
    [{ body: '<html>' }, failed('the answer is no discovery document')],
    [{ body: [] }, failed('the answer is no discovery document')],
    [{ body: { issuer: `${name}/` } }, failed('the discovery document is of another issuer')],
    [
      { body: { issuer: name, token_endpoint: 'https://id.example.com/token' } },
      'OIDC discovery document is missing required fields: authorization_endpoint, jwks_uri',
    ],
  ]
  for (const [answer, message] of cases) {
    sites.answer(issuer.place, answer)
    t.equal(await refusalOf(oidc), message)
  }
  const elsewhere = 'https://id.example.com/elsewhere'
  sites.answer(elsewhere, { body: issuer.metadata })
  t.match(await providers.vetCustom({ ...oidc, discovery_url: elsewhere }), { issuer: name })
})
