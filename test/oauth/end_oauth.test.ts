// What ends the way through another site when something is amiss on our side: always a redirect that
// tells it, and nobody made by halves.

import t from 'tap'
import { openSites } from '../provider/sites.ts'
import { openHooks } from '../support/hooks.ts'
import { openStack } from '../support/stack.ts'

const home = 'https://app.example.com'
const stack = await openStack(t, { site_url: home, uri_allow_list: `${home}/**` })
const { api, sql } = stack
const hooks = await openHooks({ sql, settings: stack.configure })

// A host of RFC 5737, which belongs to nobody, is played by a server on this machine.
const site = 'https://192.0.2.2'
const sites = await openSites(t)
const real = globalThis.fetch
globalThis.fetch = (input, init) =>
  String(input).startsWith(site) ? sites.fetch(input, init) : real(input, init)
t.teardown(() => void (globalThis.fetch = real))
await sql`
  select auth.admin_create_custom_provider(
    provider_type => 'oauth2', identifier => 'custom:plain', name => 'Plain', client_id => 'us',
    client_secret => 'theirs', authorization_url => ${`${site}/authorize`},
    token_url => ${`${site}/token`}, userinfo_url => ${`${site}/me`})
`
const begin = () =>
  fetch(`${api}/authorize?provider=custom:plain&redirect_to=${home}/welcome`, {
    redirect: 'manual',
  })
await stack.until(async () => (await begin()).status === 302)
const odd = '1//a+b%2F=&#?é'
sites.answer(`${site}/token`, {
  body: { access_token: odd, refresh_token: `${odd} again`, token_type: 'bearer' },
})

/** Sends somebody out, and looks at where the way back ends. */
async function goAndComeBack(
  who: object,
  { meanwhile = async () => {}, says = { code: 'c' } as Record<string, string> } = {},
) {
  sites.answer(`${site}/me`, { body: { email_verified: true, ...who } })
  const sent = new URL((await begin()).headers.get('location') ?? '')
  const state = sent.searchParams.get('state') ?? ''
  await meanwhile()
  const { status, headers } = await fetch(
    `${api}/callback?${new URLSearchParams({ state, ...says })}`,
    { redirect: 'manual' },
  )
  const end = new URL(headers.get('location') ?? '')
  return {
    status,
    at: end.origin + end.pathname,
    query: Object.fromEntries(end.searchParams),
    // GoTrue encodes an error twice in a fragment, and so do we; a token once.
    fragment: Object.fromEntries(
      [...new URLSearchParams(end.hash.slice(1))].map(([name, value]) => [
        name,
        name.startsWith('error') ? decodeURIComponent(value) : value,
      ]),
    ),
  }
}
const told = (error: string, error_code: string, error_description: string) => ({
  status: 302,
  at: `${home}/welcome`,
  query: { error, error_code, error_description },
  fragment: { error, error_code, error_description, sb: '' },
})
const counted = () => sql`
  select (select count(*)::int from auth.users) as users,
    (select count(*)::int from auth.identities) as identities,
    (select count(*)::int from auth.flow_state where user_id is null) as flows
`
const ann = { sub: 'ann', email: 'ANN@Example.com' }

t.test('all is well when nothing is amiss, whatever letters the site’s tokens have', async (t) => {
  t.match(await goAndComeBack(ann), {
    status: 302,
    at: `${home}/welcome`,
    query: {},
    fragment: { access_token: /.+/, provider_token: odd, provider_refresh_token: `${odd} again` },
  })
  t.same(await sql`select email from auth.users`, [{ email: 'ann@example.com' }])
})

t.test('our own part of the exchange may be lost, foreign or too old', async (t) => {
  await sql`delete from auth.flow_state`
  await sql`delete from auth.oauth_client_states`
  const before = await counted()
  const cases: [string, () => Promise<unknown>, ReturnType<typeof told>][] = [
    [
      'lost',
      () => sql`delete from auth.oauth_client_states`,
      told('server_error', 'oauth_client_state_not_found', 'OAuth state not found'),
    ],
    [
      'of another site',
      () => sql`update auth.oauth_client_states set provider_type = 'google'`,
      told('invalid_request', 'oauth_invalid_state', 'OAuth provider mismatch'),
    ],
    [
      'too old, and the state itself is not',
      () => sql`update auth.oauth_client_states set created_at = now() - interval '5 minutes'`,
      told('server_error', 'oauth_client_state_expired', 'OAuth state expired'),
    ],
    [
      'not asked for, when the site did not ask',
      () => sql`update auth.flow_state set oauth_client_state_id = null`,
      told('invalid_request', 'oauth_invalid_state', 'OAuth PKCE code verifier missing'),
    ],
  ]
  for (const [what, happens, answer] of cases) {
    sites.taken()
    const end = await goAndComeBack(ann, { meanwhile: async () => void (await happens()) })
    t.same(end, answer, what)
    t.same(sites.taken(), [], 'and the site is not asked')
    await sql`delete from auth.oauth_client_states`
  }
  const error = { error: 'access_denied', error_description: 'no' }
  t.same(
    await goAndComeBack(ann, {
      meanwhile: async () => void (await sql`delete from auth.oauth_client_states`),
      says: error,
    }),
    { status: 302, at: `${home}/welcome`, query: error, fragment: { ...error, sb: '' } },
    'what the site has said goes first',
  )
  t.same(await counted(), before)
})

t.test('what fails in the database is undone, and told without its words', async (t) => {
  const before = await counted()
  const broken = async (
    statement: string,
    who: object = { sub: 'ben', email: 'ben@example.com' },
  ) => {
    await sql.unsafe(`
      create function public.fails() returns trigger language plpgsql as $$
      begin ${statement}; return new; end $$;
      create trigger fails after insert on auth.users
        for each row execute function public.fails();
    `)
    const end = await goAndComeBack(who)
    await sql`drop function public.fails cascade`
    return end
  }
  t.same(
    await broken('perform 1 / (new.is_sso_user::int)'),
    told(
      'server_error',
      'unexpected_failure',
      'Unexpected failure, please check server logs for more information',
    ),
    'a fault of the application’s trigger',
  )
  t.same(
    await broken(`raise 'ben is not welcome'`),
    told('server_error', 'unexpected_failure', 'ben is not welcome'),
    'what it says on purpose',
  )
  t.match(
    await goAndComeBack({ sub: 'ben', email: 'ben@example.com', name: 'a\0b' }),
    told(
      'invalid_request',
      'bad_json',
      'Could not parse request body as JSON: a text may not hold the character U+0000',
    ),
    'a name that Postgres can not hold',
  )
  t.same(await counted(), before)
})

t.test('the application is asked about who is new, and about nobody else', async (t) => {
  t.teardown(() => hooks.off('before_user_created'))
  await hooks.on(
    'before_user_created',
    `return '{"error": {"http_code": 403, "message": "staff only"}}';`,
  )
  const before = await counted()
  t.same(
    await goAndComeBack({ sub: 'ben', email: 'ben@example.com' }),
    told('access_denied', 'unknown', 'staff only'),
  )
  t.same(await counted(), before)
  t.match(await goAndComeBack(ann), { fragment: { access_token: /.+/ } }, 'who is known')

  await hooks.on('before_user_created')
  t.match(await goAndComeBack(ann), { fragment: { access_token: /.+/ } })
  t.same(await hooks.heard('before_user_created'), [])
  t.match(await goAndComeBack({ sub: 'ben', email: 'ben@example.com' }), {
    fragment: { access_token: /.+/ },
  })
  t.match(await hooks.heard('before_user_created'), [
    { user: { email: 'ben@example.com', app_metadata: { provider: 'custom:plain' } } },
  ])
})

t.test('a squatter has nothing left when the owner comes', async (t) => {
  const [{ id } = {}] = await sql`
    select (auth.signup('cy@example.com', 'the squatter knows') ->> 'id')::uuid as id
  `
  await sql`select auth.recover('cy@example.com')`
  await sql`
    with session as (
      insert into auth.sessions (id, user_id, created_at, updated_at)
      values (gen_random_uuid(), ${id}, now(), now())
    ), factor as (
      insert into auth.mfa_factors (id, user_id, factor_type, status, created_at, updated_at)
      values (gen_random_uuid(), ${id}, 'totp', 'verified', now(), now())
    )
    insert into auth.identities (provider_id, user_id, identity_data, provider, created_at)
    values ('their own', ${id}, '{"email": "cy@example.com"}', 'github', now())
  `
  t.match(await goAndComeBack({ sub: 'cy', email: 'Cy@example.com', name: 'Cy' }), {
    fragment: { access_token: /.+/ },
  })
  const [left] = await sql`
    select u.id, u.encrypted_password as password, u.email_confirmed_at is not null as confirmed,
      u.raw_user_meta_data ->> 'name' as name,
      (select array_agg(i.provider) from auth.identities i where i.user_id = u.id) as identities,
      (select count(*)::int from auth.sessions s where s.user_id = u.id) as sessions,
      (select count(*)::int from auth.mfa_factors f where f.user_id = u.id) as factors,
      (select count(*)::int from auth.one_time_tokens o where o.user_id = u.id) as tokens
    from auth.users u
    where u.email = 'cy@example.com'
  `
  t.same(left, {
    ...{ id, password: null, confirmed: true, name: 'Cy', identities: ['custom:plain'] },
    ...{ sessions: 1, factors: 0, tokens: 0 },
  })
})

t.test('an app of Apple’s may be known by its bundle', async (t) => {
  await stack.configure({ external_ios_bundle_id: 'com.example.ios' })
  const [{ apple } = {}] = await sql`
    select (
      select p -> 'audiences' from jsonb_array_elements(auth_private.provider_configs()) p
      where p ->> 'name' = 'apple'
    ) as apple
  `
  t.same(apple, ['com.example.ios'])
})
