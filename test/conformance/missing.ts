// Rules and error codes without a case, each with the reason.
//
// Exports: missing.

export const missing: Record<string, string> = {}
