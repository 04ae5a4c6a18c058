// The built-in providers by name.
//
// Exports: builtinNames, definitionOf.

import type { Definition } from './definition.ts'
import { oauth2 } from './table_oauth2.ts'
import { oidc } from './table_oidc.ts'

const builtin = new Map<string, Definition>([...Object.entries(oauth2), ...Object.entries(oidc)])

export const builtinNames: string[] = [...builtin.keys()].sort()

/** Undefined for a name that is not in the tables. */
export const definitionOf = (name: string): Definition | undefined => builtin.get(name)
