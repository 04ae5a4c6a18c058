// How the tests of this folder fail: once for each object that breaks the rule, by its name.
//
// Exports: expectNone.

import type { Test } from 'tap'

/** Passes without offenders. With some, each is a failure that says what to do about it. */
export function expectNone(t: Pick<Test, 'pass' | 'fail'>, offenders: string[], advice: string) {
  if (offenders.length === 0) {
    t.pass('without exception')
  }
  for (const offender of offenders) t.fail(`${offender}: ${advice}`)
}
