// The parts of the bench in the order in which they run.
//
// Exports: partNames, partsOf.

import type { Options } from './options.ts'
import { apiPart } from './part/api.ts'
import { growth } from './part/growth.ts'
import { mail } from './part/mail.ts'
import { rls } from './part/rls.ts'
import { start } from './part/start.ts'
import { storm } from './part/storm.ts'
import type { Part } from './section.ts'
import { workloads } from './workloads.ts'

const others: Part[] = [storm, mail, growth, rls, start]

/** Workloads of the API by their names, and the other parts. */
export const partNames = [...workloads.map(({ name }) => name), ...others.map(({ name }) => name)]

export function partsOf({ chosen }: Options): Part[] {
  const wanted = (name: string) => chosen.length === 0 || chosen.includes(name)
  const asked = workloads.filter(({ name }) => wanted(name))
  const api: Part = { name: 'api', about: '', run: (bench) => apiPart(bench, asked) }
  return [...(asked.length > 0 ? [api] : []), ...others.filter(({ name }) => wanted(name))]
}
