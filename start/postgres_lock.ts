// Whether another server runs on a data folder, and what of a lock file is left of a dead one.
//
// Exports `refuseOtherServer`.

import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'

/**
 * Waits for a server that is about to stop, and removes a lock file whose process number now
 * belongs to something else; Postgres itself deals with the number of a process that is gone.
 *
 * @param data the folder of the cluster
 * @param name the folder as people know it
 * @throws when a server goes on running there
 */
export async function refuseOtherServer(data: string, name: string): Promise<void> {
  // One whose parent was killed learns so within milliseconds; then it may have much to write.
  const asked = Date.now()
  const patience = { ready: 1_000, stopping: 60_000 }
  for (let lock = readLock(data); lock && runs(lock.pid); lock = readLock(data)) {
    if (!isPostgres(lock.pid)) {
      fs.rmSync(join(data, 'postmaster.pid'))
      return
    }
    if (Date.now() - asked > (lock.stopping ? patience.stopping : patience.ready)) {
      throw new Error(
        `${name} is in use by another Postgres (process ${lock.pid}, port ${lock.port}): stop ` +
          'that, or choose another folder by PGTRUE_DATA',
      )
    }
    await wait(50)
  }
}

/** The lines of the file are documented in Postgres's `utils/pidfile.h`. */
function readLock(data: string) {
  const file = join(data, 'postmaster.pid')
  if (!fs.existsSync(file)) return undefined
  const lines = fs.readFileSync(file, 'utf8').split('\n')
  return {
    pid: Number(lines[0]),
    port: lines[3],
    stopping: lines[7]?.trim() === 'stopping',
  }
}

function runs(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

function isPostgres(pid: number): boolean {
  const inProc = `/proc/${pid}/cmdline`
  const command = fs.existsSync(inProc)
    ? fs.readFileSync(inProc, 'utf8').split('\0')[0]
    : spawnSync('ps', ['-p', String(pid), '-o', 'comm='], { encoding: 'utf8' }).stdout?.trim()
  return basename(command ?? '').startsWith('postgres')
}
