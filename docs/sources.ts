// The files of sql/, and the order in which they are loaded.
//
// Exports: Source, readSources, includesOf, readCode. A path is relative to sql/, as in the
// include lines of migrations.

import * as fs from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('../sql/', import.meta.url))

export interface Source {
  /** As session/signin.sql. */
  path: string
  /** The folder: session. */
  topic: string
  /** The file without its ending: signin. */
  name: string
  text: string
}

/** Every file below sql/ but index.sql, which only lists the others. */
export function readSources(): Source[] {
  return fs
    .readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.sql') && path !== 'index.sql')
    .sort()
    .map((path) => ({
      path,
      topic: path.split('/')[0] ?? '',
      name: path.replace(/^.*\//, '').replace(/\.sql$/, ''),
      text: fs.readFileSync(folder + path, 'utf8'),
    }))
}

/** The paths that a text includes, in order. */
export function includesOf(text: string): string[] {
  return [...text.matchAll(includeLine)].map(([, path]) => path as string)
}

/** All of sql/ as one text: a file with every include line replaced by what it names. */
export function readCode(path = 'index.sql'): string {
  const text = fs.readFileSync(folder + path, 'utf8')
  return text.replace(includeLine, (_, included: string) => readCode(included))
}

const includeLine = /^--!\s*include\s+(\S+)\s*$/gm
