// What auth.lint() found, for a terminal.
//
// Exports: Finding, report, countOf.

/** A row of auth.lint(). */
export interface Finding {
  severity: 'error' | 'warning'
  rule: string
  object: string
  why: string
  remedy: string
}

/** The findings, each with what mends it, and a last line that counts them. */
export function report(findings: Finding[]): string {
  if (findings.length === 0) return 'Nothing to mend.'
  const each = findings.map(
    ({ severity, rule, object, why, remedy }) =>
      `${severity}: ${object} (${rule})\n  ${why}\n  ${remedy.replaceAll('\n', '\n  ')}\n`,
  )
  return [...each, `${plural(findings, 'error')}, ${plural(findings, 'warning')}`].join('\n')
}

/** How many findings are of a severity. */
export function countOf(findings: Finding[], severity: Finding['severity']): number {
  return findings.filter((finding) => finding.severity === severity).length
}

function plural(findings: Finding[], severity: Finding['severity']): string {
  const count = countOf(findings, severity)
  return `${count} ${severity}${count === 1 ? '' : 's'}`
}
