// What is asked for, over HTTP and as the same SQL function called directly.
//
// Exports: Workload, Member, workloads, workload, password.

/** Whoever or whatever a request is about. What a workload does not need is left out. */
export interface Member {
  email?: string
  access?: string
  refresh?: string
  link?: string
}

export interface Ask {
  method: 'GET' | 'POST'
  path: string
  body?: object
  /** The bearer token; anon's key if left out. */
  token?: string
}

export interface Workload {
  name: string
  title: string
  /** What each request needs: somebody known, somebody signed in, or a link that is spent by it. */
  pool: 'none' | 'people' | 'sessions' | 'links'
  /** Costs a bcrypt hash, so its ceiling is the rate of bcrypt. */
  hashes?: boolean
  /** Queues a mail; a worker sends it meanwhile. */
  mails?: boolean
  /** Asks for what a server of authentication alone does not have. */
  ours?: boolean
  ask(member: Member, serviceKey: string, serial: string): Ask
  /** What the next request about this member has to know. */
  after?(member: Member, body: string): void
  /** The role that the function is called as. */
  role: 'anon' | 'authenticated' | 'service_role'
  sql: string
  values(member: Member, serial: string): string[]
}

export const password = 'correct horse battery'

/** Rows that a page of notes shows. */
export const page = 20

export const workloads: Workload[] = [
  {
    name: 'refresh',
    title: 'Refresh a session',
    pool: 'sessions',
    ask: ({ refresh }) => ({
      method: 'POST',
      path: '/token?grant_type=refresh_token',
      body: { refresh_token: refresh },
    }),
    after: (member, body) => {
      member.refresh = (JSON.parse(body) as { refresh_token: string }).refresh_token
    },
    role: 'anon',
    sql: 'select auth.refresh(refresh_token => $1)::text as body',
    values: ({ refresh = '' }) => [refresh],
  },
  {
    name: 'user',
    title: 'GET /user',
    pool: 'sessions',
    ask: ({ access }) => ({ method: 'GET', path: '/user', ...(access && { token: access }) }),
    role: 'authenticated',
    sql: 'select auth.get_user()::text as body',
    values: () => [],
  },
  {
    name: 'signin',
    title: 'Sign in by password',
    pool: 'people',
    hashes: true,
    ask: ({ email }) => ({
      method: 'POST',
      path: '/token?grant_type=password',
      body: { email, password },
    }),
    role: 'anon',
    sql: 'select auth.signin(email => $1, password => $2)::text as body',
    values: ({ email = '' }) => [email, password],
  },
  {
    name: 'signup',
    title: 'Sign up, with mail',
    pool: 'none',
    hashes: true,
    mails: true,
    ask: (_, __, serial) => ({
      method: 'POST',
      path: '/signup',
      body: { email: `bench-${serial}@example.com`, password },
    }),
    role: 'anon',
    sql: 'select auth.signup(email => $1, password => $2)::text as body',
    values: (_, serial) => [`bench-${serial}@example.com`, password],
  },
  {
    name: 'magiclink',
    title: 'Ask for a magic link',
    pool: 'people',
    mails: true,
    ask: ({ email }) => ({ method: 'POST', path: '/magiclink', body: { email } }),
    role: 'anon',
    sql: 'select auth.magiclink(email => $1)::text as body',
    values: ({ email = '' }) => [email],
  },
  {
    name: 'verify',
    title: 'Follow a magic link',
    pool: 'links',
    ask: ({ link }) => ({
      method: 'POST',
      path: '/verify',
      body: { type: 'magiclink', token_hash: link },
    }),
    role: 'anon',
    sql: `select auth.verify(type => 'magiclink', token_hash => $1)::text as body`,
    values: ({ link = '' }) => [link],
  },
  {
    name: 'admin_list',
    title: 'List 50 users, as admin',
    pool: 'none',
    ask: (_, serviceKey) => ({
      method: 'GET',
      path: '/admin/users?per_page=50',
      token: serviceKey,
    }),
    role: 'service_role',
    sql: 'select auth.admin_list_users(per_page => 50)::text as body',
    values: () => [],
  },
  {
    name: 'rows',
    title: `Read ${page} rows under RLS`,
    pool: 'sessions',
    ours: true,
    ask: ({ access }) => ({
      method: 'GET',
      path: `/rest/v1/notes?select=id,title&order=id&limit=${page}`,
      ...(access && { token: access }),
    }),
    role: 'authenticated',
    sql: `select coalesce(json_agg(n), '[]')::text as body
      from (select id, title from public.notes order by id limit ${page}) n`,
    values: () => [],
  },
]

/** @throws for a name that is none */
export function workload(name: string): Workload {
  const found = workloads.find((one) => one.name === name)
  if (!found) throw new Error(`no workload ${name}`)
  return found
}
