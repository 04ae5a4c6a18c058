// A server that ends with us, even when we are killed.
//
// Exports `stopWhenOrphaned`.

import { spawn } from 'node:child_process'
import type { Socket } from 'node:net'
import type { Identity } from './postgres_user.ts'

/**
 * A process that waits for our end, however sudden, and then stops the server: it reads from a
 * pipe of which we hold the other side.
 */
export function stopWhenOrphaned(pid: number | undefined, identity: Identity) {
  if (pid === undefined || process.platform === 'win32') return undefined
  const guard = spawn('/bin/sh', ['-c', 'read -r line; kill -INT "$0" 2>/dev/null', String(pid)], {
    ...identity,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  ;(guard.stdin as Socket).unref()
  return guard
}
