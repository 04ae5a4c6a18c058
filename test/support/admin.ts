// An admin: the official client with the service key, and plain requests.
//
// Exports: createAdmin, openAdmin, refusal, AdminAnswer.

import { createSupabase } from './client.ts'
import type { Stack } from './stack.ts'

export type AdminAnswer = { status: number; body: unknown }

/** What the official client offers to admins. */
export function createAdmin({ api, serviceKey }: Stack) {
  return createSupabase({ api, anonKey: serviceKey }).auth.admin
}

/**
 * Plain requests below /auth/v1, by default with the service key.
 *
 * @returns a function to the whole answer: status and body
 */
export function openAdmin(stack: Stack) {
  return async (
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = { authorization: `Bearer ${stack.serviceKey}` },
  ): Promise<AdminAnswer> => {
    const response = await fetch(`${stack.api}/auth/v1${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, body: text && JSON.parse(text) }
  }
}

/** The answer that a refusal is, for a comparison. */
export function refusal(status: number, error_code: string, msg: string): AdminAnswer {
  return { status, body: { code: status, error_code, msg } }
}
