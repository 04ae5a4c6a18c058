// The official clients, pointed at a stack as an application would.
//
// Exports: createSupabase, createSupabase1, follow.

import { createClient } from '@supabase/supabase-js'
import { createClient as createClient1 } from 'supabase-js-1'
import ws from 'ws'

interface Api {
  api: string
  anonKey: string
}

/**
 * A client of the current major version, with a storage of its own, as one browser has.
 *
 * @param fetched makes its requests
 */
export function createSupabase(
  stack: Api,
  auth: { flowType?: 'implicit' | 'pkce' } = {},
  fetched: typeof fetch = fetch,
) {
  return createClient(stack.api, stack.anonKey, {
    global: { fetch: fetched },
    auth: { autoRefreshToken: false, persistSession: true, storage: memory(), ...auth },
    // Node 20 has no WebSocket of its own, and the client wants one even where it opens none.
    realtime: { transport: ws as never },
  })
}

/** A client of major version 1. */
export function createSupabase1(stack: Api) {
  return createClient1(stack.api, stack.anonKey, { autoRefreshToken: false, persistSession: false })
}

/** Follows a mailed link as a browser does: the parameters it ends with, of query and fragment. */
export async function follow(link: string): Promise<Record<string, string>> {
  const response = await fetch(link, { redirect: 'manual' })
  const target = new URL(response.headers.get('location') ?? '')
  return Object.fromEntries([
    ...target.searchParams,
    ...new URLSearchParams(target.hash.replace(/^#/, '')),
  ])
}

function memory() {
  const items = new Map<string, string>()
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  }
}
