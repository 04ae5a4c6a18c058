// Opens the gateway on a port, with its database, and closes it without losing a request.
//
// Exports: GatewayOptions, startGateway.

import { serve } from '@hono/node-server'
import { getConnInfo } from '@hono/node-server/conninfo'
import type { Server } from 'node:http'
import { type AddressInfo, Server as NetServer } from 'node:net'
import type { Logger } from 'pino'
import type { JwtKey } from '../start/jwt_keys.ts'
import { createApp, type Page } from './app.ts'
import { createClientAddress } from './client_address.ts'
import { openDatabase } from './database.ts'
import type { Sites } from './facts.ts'
import { createMetrics } from './metrics.ts'
import { createForward } from './rest/forward.ts'
import { createSigner } from './sign.ts'
import { createVerifier } from './token.ts'

export interface GatewayOptions {
  /** Logs in as authenticator. */
  databaseUrl: string
  /** 0 for any free one. */
  port: number
  host?: string
  /** Connections for all but passwords; a hundred times as many requests may wait. 10 if not set. */
  poolSize?: number
  log: Logger
  /** What people see who open these paths in a browser. */
  pages?: Record<string, Page>
  /** A PostgREST that is to answer /rest/v1. */
  postgrestUrl?: string | undefined
  /** Other sites to ask than the usual ones. */
  sites?: Sites
  /** The keys of GOTRUE_JWT_KEYS, one of which may be in use. */
  jwtKeys?: JwtKey[] | undefined
}

/** @throws if the port is taken, the database can't be reached, or its key in use is not here */
export async function startGateway(
  options: GatewayOptions,
): Promise<{ url: string; close(): Promise<void> }> {
  const host = options.host ?? '127.0.0.1'
  const { jwtKeys = [] } = options
  let verify = createVerifier([])
  let signer = createSigner([], [])
  let clientAddress: ReturnType<typeof createClientAddress> = (peer) => peer
  const database = await openDatabase(options, (config) => {
    verify = createVerifier(config.keys)
    signer = createSigner(jwtKeys, config.keys)
    clientAddress = createClientAddress(config)
    if (config.limited && config.trustedProxies.length === 0) {
      options.log.warn(
        'security_trusted_proxies is empty: all clients behind one proxy share its limits',
      )
    }
    const { signingKey } = config
    if (signingKey && !signer.offer().kids.includes(signingKey)) {
      throw new Error(
        `tokens are signed by the key "${signingKey}", and GOTRUE_JWT_KEYS of this gateway does ` +
          'not have its private part',
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
    signer: () => signer,
    remoteAddress: (request) => clientAddress(peers.get(request) ?? '', request.headers),
    sites: options.sites ?? {},
    log: options.log,
    metrics: createMetrics(() => database.waiting()),
    ...(options.pages && { pages: options.pages }),
    ...(forward && { forward }),
  })

  let closing = false
  const server = serve({
    port: options.port,
    hostname: host,
    async fetch(request, env) {
      peers.set(request, getConnInfo({ env } as never).remote.address ?? '')
      const response = await app(request)
      if (closing) {
        response.headers.set('connection', 'close')
      }
      return response
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
      closing = true
      await drain(server as Server)
      await database.close()
    },
  }
}

/**
 * Takes no more connections and waits until those there are have ended. A request may be on its way
 * over one that looks idle, so those are closed only once nothing has come for a moment.
 */
async function drain(server: Server): Promise<void> {
  // Not http's own close(), which closes the idle ones at once.
  const ended = new Promise((resolve) => NetServer.prototype.close.call(server, resolve))
  const closeIdle = setInterval(() => server.closeIdleConnections(), lull)
  await ended
  clearInterval(closeIdle)
}

/** Milliseconds. */
const lull = 200
