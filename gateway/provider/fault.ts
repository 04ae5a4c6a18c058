// What went wrong with another site, told without its words: those may hold a token or a code.
//
// Exports: Fault, Undiscovered, reasonOf.

/** A fault that we found ourselves; its message is ours and safe to log. */
export class Fault extends Error {
  override name = 'Fault'
}

/** What an issuer publishes can't be had. */
export class Undiscovered extends Fault {}

/** Names, codes and status of an error and its causes, for the log. */
export function reasonOf(error: unknown): string {
  const parts: string[] = []
  for (let at = error; at instanceof Error && parts.length < 4; at = at.cause) {
    const { code, status, error: said, claim } = at as unknown as Record<string, unknown>
    parts.push(
      [at instanceof Fault ? at.message : at.name, status, word(code), word(said), word(claim)]
        .filter((part) => part !== undefined)
        .join(' '),
    )
  }
  return parts.join(': ') || 'unknown'
}

// An error code (RFC 6749, 5.2; Node's; jose's), not whatever a site writes in its place.
function word(text: unknown): string | undefined {
  return typeof text === 'string' && /^[A-Za-z_]{2,48}$/.test(text) ? text : undefined
}
