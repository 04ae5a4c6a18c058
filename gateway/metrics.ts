// Counters for Prometheus.
//
// Exports: Metrics, createMetrics.

import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import { routes } from './routes.ts'

export interface Metrics {
  /** Notes one answered request; duration in seconds. */
  count(method: string, path: string, status: number, seconds: number): void
  /** The answer to GET /metrics. */
  expose(): Promise<Response>
}

/** @param waiting how many requests wait in each lane now */
export function createMetrics(waiting: () => Record<string, number>): Metrics {
  const registry = new Registry()
  // Milliseconds between two looks at how late the event loop is; by default 10, for which a gateway
  // that has nothing to do would wake a hundred times a second.
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: 100 })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Duration of HTTP requests by route, method and status',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [registry],
  })
  new Gauge({
    name: 'lane_waiting_requests',
    help: 'Requests that wait for a database connection, by lane',
    labelNames: ['lane'],
    registers: [registry],
    collect() {
      for (const [lane, count] of Object.entries(waiting())) {
        this.set({ lane }, count)
      }
    },
  })

  return {
    count(method, path, status, seconds) {
      durations.observe({ method, route: routeOf(path), status }, seconds)
    },
    async expose() {
      return new Response(await registry.metrics(), {
        headers: { 'content-type': registry.contentType },
      })
    },
  }
}

const patterns = routes.map(({ path }) => ({
  path,
  pattern: new RegExp(`^${path.replace(/:\w+/g, '[^/]+')}$`),
}))

/** A label with few values: anyone can ask for any path, and tables are the application's. */
function routeOf(path: string): string {
  if (path.startsWith('/rest/v1/')) {
    return '/rest/v1'
  }
  const bare = path.replace(/^\/auth\/v1/, '')
  return patterns.find(({ pattern }) => pattern.test(bare))?.path ?? 'other'
}
