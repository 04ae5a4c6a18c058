// A part of the bench, and what it finds: the same for the terminal and for the report.
//
// Exports: Bench, Part, Section, Table, Plot, Goal, goal.

import type { Logger } from 'pino'
import type { Loader } from './load/loader.ts'
import type { Options } from './options.ts'
import type { Server } from './server.ts'

export interface Bench {
  options: Options
  server: Server
  loader: Loader
  log: Logger
  /** Tells what is being done now; throws if the run was interrupted. */
  progress(doing: string): void
}

export interface Part {
  name: string
  /** For the list of parts. */
  about: string
  run(bench: Bench): Promise<Section>
}

export interface Section {
  title: string
  /** How it was measured. */
  text: string
  tables: Table[]
  plots: Plot[]
  goals: Goal[]
}

export interface Table {
  columns: string[]
  rows: string[][]
}

export interface Plot {
  /** Of the file, without its ending. */
  name: string
  /** What it shows, for those who do not see it. */
  title: string
  svg: string
}

export interface Goal {
  what: string
  wanted: string
  found: string
  met: boolean
}
