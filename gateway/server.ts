// Opens the gateway on a port, with its database, and closes it without losing a request.
//
// Exports: GatewayOptions, startGateway.

import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { AddressInfo } from 'node:net'
import type { Logger } from 'pino'
import { createApp } from './app.ts'
import { createClientAddress } from './client_address.ts'
import { openDatabase } from './database.ts'
import type { Sites } from './facts.ts'
import { createMetrics } from './metrics.ts'
import { createForward } from './rest/forward.ts'
import { createVerifier } from './token.ts'

export interface GatewayOptions {
  /** Logs in as authenticator. */
  databaseUrl: string
  /** 0 for any free one. */
  port: number
  host?: string
  log: Logger
  /** HTML for people who open / in a browser. */
  landing?: string
  /** A PostgREST that is to answer /rest/v1. */
  postgrestUrl?: string | undefined
  /** Other sites to ask than the usual ones. */
  sites?: Sites
}

/** @throws if the port is taken or the database can't be reached */
export async function startGateway(
  options: GatewayOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const host = options.host ?? '127.0.0.1'
  let verify = createVerifier([])
  let clientAddress: ReturnType<typeof createClientAddress> = (peer) => peer
  const database = await openDatabase(options.databaseUrl, options.log, (config) => {
    verify = createVerifier(config.keys)
    clientAddress = createClientAddress(config)
    if (config.limited && config.trustedProxies.length === 0) {
      options.log.warn(
        'security_trusted_proxies is empty: all clients behind one proxy share its limits',
      )
    }
  })
  const forward =
    options.postgrestUrl &&
    createForward({
      url: options.postgrestUrl,
      log: options.log,
      patience: () => database.config().maxRequestMilliseconds,
    })
  const peers = new WeakMap<Request, string>()
  const app = createApp({
    database,
    verify: () => verify,
    remoteAddress: (request) => clientAddress(peers.get(request) ?? '', request.headers),
    sites: options.sites ?? {},
    log: options.log,
    metrics: createMetrics(() => database.waiting()),
    ...(options.landing !== undefined && { landing: options.landing }),
    ...(forward && { forward }),
  })

  const server = serve({
    port: options.port,
    hostname: host,
    fetch(request, env) {
      peers.set(request, getConnInfo({ env } as never).remote.address ?? '')
      return app(request)
    },
  })
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve)
    server.once('error', (error) => void database.close().then(() => reject(error)))
  })

  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}`,
    async close() {
      await new Promise((resolve) => {
        server.close(resolve)
        if ('closeIdleConnections' in server) {
          server.closeIdleConnections()
        }
      })
      await database.close()
    },
  }
}
