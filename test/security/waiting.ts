// What security requirements still wait for, printed at the end of every whole run.
//
// Exports `waiting`.

/** Numbers that have no test yet, or only for the part that exists, and why. */
export const waiting: Record<string, string> = {
  'S-24': 'enrolling and verifying factors; what a session without one may do is tested (s24)',
  'S-25': 'second factors: a TOTP step is good once, its seed is encrypted',
  'S-26': 'a recovery that shows the second factor; that it can not do without is tested (s26)',
}
