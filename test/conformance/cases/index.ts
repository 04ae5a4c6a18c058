// The table: all groups of cases, in order.
//
// Exports: groups.

import type { Group } from '../case.ts'
import { bearer } from './bearer.ts'
import { error } from './error.ts'
import { request } from './request.ts'
import { shape } from './shape.ts'
import { signin } from './signin.ts'
import { signup } from './signup.ts'

export const groups: Group[] = [...error, ...request, ...bearer, ...shape, ...signup, ...signin]
