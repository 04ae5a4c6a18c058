// The people of the bench, made by the HTTP API alone, so that any GoTrue can be measured.
//
// Exports: People, openPeople.

import type { Target } from './gateway.ts'
import type { Member } from './workloads.ts'

export interface People {
  /** So many who have a password. */
  people(count: number): Promise<Member[]>
  /** So many who are signed in, each anew. */
  sessions(count: number): Promise<Member[]>
  /** So many links by which someone can sign in. */
  links(count: number): Promise<Member[]>
  /** Deletes everybody whose address is of this run. */
  remove(): Promise<void>
}

/**
 * @param hash bcrypt hash of everybody's password
 * @param series what the addresses of this run begin with
 */
export function openPeople(target: Target, hash: string, series: string): People {
  const made: string[] = []

  async function ask(
    path: string,
    body?: object,
    method = body ? 'POST' : 'GET',
  ): Promise<Record<string, unknown>> {
    const response = await fetch(`${target.url}${path}`, {
      method,
      headers: {
        apikey: target.serviceKey,
        authorization: `Bearer ${target.serviceKey}`,
        'content-type': 'application/json',
      },
      ...(body && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${target.url}${path}: ${response.status} ${text}`)
    return JSON.parse(text || '{}') as Record<string, unknown>
  }

  async function emails(count: number): Promise<string[]> {
    const missing = Array.from({ length: count - made.length }, (_, index) => {
      return `bench-${series}-p${made.length + index}@example.com`
    })
    await parallel(missing, (email) =>
      ask('/admin/users', { email, email_confirm: true, password_hash: hash }),
    )
    made.push(...missing)
    return made.slice(0, count)
  }

  async function links(count: number): Promise<Member[]> {
    return parallel(await emails(count), async (email) => {
      const { hashed_token } = await ask('/admin/generate_link', { type: 'magiclink', email })
      return { link: String(hashed_token) }
    })
  }

  return {
    people: async (count) => (await emails(count)).map((email) => ({ email })),
    links,
    async sessions(count) {
      return parallel(await links(count), async ({ link }) => {
        const session = await ask('/verify', { type: 'magiclink', token_hash: link })
        return { access: String(session.access_token), refresh: String(session.refresh_token) }
      })
    },
    async remove() {
      // The newest come first, so all of this run are on the first pages until none is.
      for (;;) {
        const { users } = (await ask('/admin/users?per_page=500')) as {
          users: { id: string; email: string }[]
        }
        const ours = users.filter(({ email }) => email.startsWith(`bench-${series}-`))
        if (ours.length === 0) return
        await parallel(ours, ({ id }) => ask(`/admin/users/${id}`, undefined, 'DELETE'))
      }
    },
  }
}

/** Does it for all of them, sixteen at once. */
async function parallel<T, R>(list: T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let start = 0; start < list.length; start += 16) {
    results.push(...(await Promise.all(list.slice(start, start + 16).map(work))))
  }
  return results
}
