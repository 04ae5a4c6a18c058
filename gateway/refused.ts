// The one error class of the gateway: thrown where a request can't go on.
//
// Exports: Refused.

import type { Refusal } from './refusal.ts'

/** Ends a request with a refusal. */
export class Refused extends Error {
  readonly refusal: Refusal

  constructor(refusal: Refusal) {
    super(refusal.message)
    this.refusal = refusal
  }
}
