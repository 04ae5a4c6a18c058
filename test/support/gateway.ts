// Gateways on a database that is there already, and requests to them from many clients.
//
// Exports: openGateway, Client, openClient, Reply.

import { pino } from 'pino'
import type { Test } from 'tap'
import type { Sites } from '../../gateway/facts.ts'
import { startGateway } from '../../gateway/server.ts'

/** Starts one more gateway; it is closed when the test `t` ends, unless it was before. */
export async function openGateway(
  t: Pick<Test, 'teardown'>,
  db: { gatewayUrl: string },
  sites: Sites = {},
): Promise<{ url: string; close(): Promise<void> }> {
  const log = pino({ level: process.env.LOG_LEVEL ?? 'silent' })
  const gateway = await startGateway({ databaseUrl: db.gatewayUrl, port: 0, log, sites })
  let closed: Promise<void> | undefined
  const close = () => (closed ??= gateway.close())
  t.teardown(close)
  return { url: gateway.url, close }
}

/** All of an answer that says something. */
export type Reply = { status: number; headers: Record<string, string>; body: unknown }

export type Client = (
  path: string,
  body?: object | string,
  more?: { method?: string; token?: string; headers?: Record<string, string> },
) => Promise<Reply>

const alwaysThere =
  /^(access-control-.*|cache-control|connection|content-(length|security-policy)|date|keep-alive|referrer-policy|transfer-encoding|vary|x-content-type-options|x-frame-options)$/

/**
 * Somebody who asks a gateway. Without a body it is a GET.
 *
 * @param forwarded what a proxy says in X-Forwarded-For; nothing for a direct request
 */
export function openClient(url: string, forwarded?: string): Client {
  return async (path, body, { method, token, headers = {} } = {}) => {
    const response = await fetch(url + path, {
      method: method ?? (body === undefined ? 'GET' : 'POST'),
      redirect: 'manual',
      headers: {
        ...(forwarded !== undefined && { 'x-forwarded-for': forwarded }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      headers: Object.fromEntries(
        [...response.headers].filter(([name]) => !alwaysThere.test(name)),
      ),
      body: text.startsWith('{') ? JSON.parse(text) : text,
    }
  }
}
