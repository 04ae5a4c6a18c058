// S-20: who says that somebody is somebody is the issuer that was configured, about us, for this
// request; and who that is, is said by sub, whatever addresses say.

import { createHash } from 'node:crypto'
import type { JWTPayload } from 'jose'
import t from 'tap'
import { openIssuer, openSites } from '../provider/sites.ts'
import { openClient } from '../support/gateway.ts'
import { openStack } from '../support/stack.ts'

const stack = await openStack(t)
const { sql } = stack
const ask = openClient(stack.api)
const sites = await openSites(t)

// The tenants of Microsoft Entra ID are issuers beside each other; ours is one of them. The other
// site is of somebody who may issue tokens for us, too, but under a name of its own.
const ours = await openIssuer(sites, `${sites.url}/mine/v2.0`)
const neighbour = await openIssuer(sites, `${sites.url}/other/v2.0`)
await sql`
  select auth.configure_provider('azure', ${sql.json({
    enabled: true,
    client_id: 'canary-client',
    url: `${sites.url}/mine`,
  })})
`
await sql`
  insert into auth.custom_oauth_providers
    (provider_type, identifier, name, client_id, client_secret, issuer)
  values ('oidc', 'custom:other', 'Other', 'canary-client', 's', ${neighbour.issuer})
`
const bring = async (provider: string, id_token: string, more: object = {}) => {
  const { status, body } = await ask('/token?grant_type=id_token', { provider, id_token, ...more })
  return { status, body: body as { user?: { id: string }; error_description?: string } }
}
const ann: JWTPayload = { sub: 'ann', email: 'ann@example.com', email_verified: true }
await stack.until(
  async () => (await bring('custom:other', 'x')).body.error_description !== undefined,
)

const first = await bring('azure', await ours.sign(ann))
const known = first.body.user?.id as string
const counted = async () =>
  (
    await sql`
      select (select count(*)::int from auth.users) as users,
        (select count(*)::int from auth.identities) as identities,
        (select count(*)::int from auth.sessions) as sessions
    `
  )[0]

t.test('a token of ours, for us, signs in', async (t) => {
  t.match(first, { status: 200, body: { access_token: String, user: { email: ann.email } } })
})

t.test('another issuer, another audience, another nonce do not', async (t) => {
  const before = await counted()
  const nonce = createHash('sha256').update('raw').digest('hex')
  for (const [what, id_token, more] of [
    ['another tenant', await neighbour.sign(ann), {}],
    [
      'another tenant that calls itself ours',
      await neighbour.sign({ ...ann, iss: ours.issuer }),
      {},
    ],
    ['our tenant, but for a slash', await ours.sign({ ...ann, iss: `${ours.issuer}/` }), {}],
    ['our tenant, as the client says', await neighbour.sign(ann), { issuer: ours.issuer }],
    ['another audience', await ours.sign({ ...ann, aud: 'another-client' }), {}],
    ['no audience', await ours.sign({ ...ann, aud: undefined }), {}],
    ['a nonce that the client does not know', await ours.sign({ ...ann, nonce }), {}],
    ['the nonce as it is in the token', await ours.sign({ ...ann, nonce }), { nonce }],
    ['a nonce that the token lacks', await ours.sign(ann), { nonce: 'raw' }],
  ] as const) {
    t.match(await bring('azure', id_token, more), { status: 400 }, what)
  }
  t.same(await counted(), before, 'nobody is made, linked or signed in')
  const bound = await ours.sign({ ...ann, nonce })
  t.match(await bring('azure', bound, { nonce: 'raw' }), { status: 200 })
})

t.test('sub says who it is, and an address does not', async (t) => {
  const moved = await bring('azure', await ours.sign({ ...ann, email: 'ann@example.net' }))
  t.equal(moved.body.user?.id, known, 'the same person with another address')

  const heir = await bring(
    'azure',
    await ours.sign({ ...ann, sub: 'heir', email_verified: false, xms_edov: false }),
  )
  t.not(heir.body.user?.id, known, 'another person with the address that she had')

  const namesake = { ...ann, email: 'namesake@example.com' }
  const other = await bring('custom:other', await neighbour.sign(namesake))
  t.match(other, { status: 200 })
  t.not(other.body.user?.id, known, 'the same sub at another site')
})
