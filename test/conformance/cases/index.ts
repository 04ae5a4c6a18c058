// The table: all groups of cases, in order.
//
// Exports: groups.

import type { Group } from '../case.ts'
import { account } from './account.ts'
import { admins } from './admin.ts'
import { bearer } from './bearer.ts'
import { error } from './error.ts'
import { hooks } from './hook.ts'
import { limits } from './limit.ts'
import { mailed } from './mailed.ts'
import { request } from './request.ts'
import { shape } from './shape.ts'
import { signin } from './signin.ts'
import { signup } from './signup.ts'
import { verification } from './verify.ts'
import { whole } from './whole.ts'

export const groups: Group[] = [
  ...error,
  ...request,
  ...bearer,
  ...shape,
  ...signup,
  ...signin,
  ...mailed,
  ...account,
  ...verification,
  ...admins,
  ...hooks,
  ...whole,
  ...limits,
]
