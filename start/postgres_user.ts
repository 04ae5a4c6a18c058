// The operating system user that Postgres runs as, and folders which that user can reach.
//
// Exports `identityFor`, `canReach` and `prepareFolder`. Postgres refuses to run as root, so
// for root all of this is about another user; for anybody else there is little to do.

import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { dirname, join } from 'node:path'

/** User and group of a process; undefined means those of this process. */
export type Identity = { uid: number; gid: number } | undefined

/** Where root keeps what another user has to reach. */
export const sharedFolder = '/var/lib/pgtrue'

/**
 * The user to run Postgres as on this data folder. For root that is the owner of existing
 * data, else the system user `postgres`, which is made where it is missing.
 *
 * @param dataDir the data folder, existing or not
 */
export function identityFor(dataDir: string): Identity {
  if (process.getuid?.() !== 0) return undefined
  const owner = fs.statSync(dataDir, { throwIfNoEntry: false })
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid }
  return lookUp('postgres') ?? createUser('postgres')
}

function lookUp(name: string): Identity {
  const id = (flag: string) => spawnSync('id', [flag, name], { encoding: 'utf8' })
  const [user, group] = [id('-u'), id('-g')]
  if (user.status !== 0 || group.status !== 0) return undefined
  return { uid: Number(user.stdout), gid: Number(group.stdout) }
}

function createUser(name: string): Identity {
  spawnSync('useradd', ['--system', '--user-group', '--no-create-home', name])
  const made = lookUp(name)
  if (made) return made
  throw new Error(
    'Postgres does not run as root, and the system user "postgres" could not be made: ' +
      'make it (useradd --system postgres), or start as another user, or set DATABASE_URL',
  )
}

/** Whether that user can enter the folder. The kernel is asked, so that ACLs count too. */
export function canReach(folder: string, identity: Identity): boolean {
  const asked = spawnSync('/bin/sh', ['-c', 'cd "$0"', folder], { ...identity, cwd: '/' })
  return asked.status === 0
}

/**
 * Makes the data folder, owned by that user, and returns its real path. Below a folder that
 * the user may not enter (a clone in /root, say) the data goes to `sharedFolder`, and `dataDir`
 * becomes a symbolic link to it.
 */
export function prepareFolder(dataDir: string, identity: Identity): string {
  if (!identity) {
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o700 })
    return fs.realpathSync(dataDir)
  }
  fs.mkdirSync(dirname(dataDir), { recursive: true })
  const parent = fs.existsSync(dataDir) ? dirname(fs.realpathSync(dataDir)) : dirname(dataDir)
  if (!canReach(parent, identity)) return relocate(dataDir, identity)

  if (!fs.existsSync(dataDir)) {
    // What may be there is a link that leads nowhere.
    fs.rmSync(dataDir, { force: true })
    fs.mkdirSync(dataDir, { mode: 0o700 })
  }
  const folder = fs.realpathSync(dataDir)
  own(folder, identity)
  return folder
}

function relocate(dataDir: string, identity: NonNullable<Identity>): string {
  if (fs.existsSync(dataDir) && fs.readdirSync(dataDir).length > 0) {
    throw new Error(
      `Postgres runs as user ${identity.uid} here, who cannot reach ${dataDir}: move that ` +
        'folder, open the folders above it (chmod o+x), or choose another one by PGTRUE_DATA',
    )
  }
  fs.rmSync(dataDir, { force: true, recursive: true })
  fs.mkdirSync(sharedFolder, { recursive: true })
  fs.chmodSync(sharedFolder, 0o755)
  const folder = fs.mkdtempSync(join(sharedFolder, 'data-'))
  own(folder, identity)
  fs.symlinkSync(folder, dataDir)
  return folder
}

function own(folder: string, identity: NonNullable<Identity>): void {
  if (fs.statSync(folder).uid !== 0) return
  fs.chownSync(folder, identity.uid, identity.gid)
  fs.chmodSync(folder, 0o700)
}
