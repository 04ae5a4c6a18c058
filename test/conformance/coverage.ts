// Counts which rules and error codes the cases of the table show.
//
// Exports: countCoverage.

import type { Group, Json } from './case.ts'
import type { Code } from './codes.ts'

type Missing = Record<string, string>

/**
 * @param rules statements by id
 * @param missing reasons by the id of a rule, or by an error code and its status
 * @param differences by the id of a rule
 * @returns a verdict in one line, and what is wrong with the table itself
 */
export function countCoverage(
  groups: Group[],
  rules: Record<string, string>,
  codes: Code[],
  missing: Missing,
  differences: object,
) {
  const cases = groups.flatMap((group) => group.cases)
  const shown = new Set(cases.flatMap((row) => row.rules.split(' ')))
  const told = new Set(cases.flatMap((row) => row.steps.flatMap(codesOf)))
  const wantedCodes = codes.flatMap(({ code, statuses }) => statuses.map((s) => `${code} ${s}`))

  const names = cases.map(({ name }) => name)
  const wanted = [...Object.keys(rules), ...wantedCodes]
  const covered = (id: string) => shown.has(id) || told.has(id)
  const faults = [
    ...[...shown].filter((id) => !(id in rules)).map((id) => `${id} is no rule`),
    ...names.filter((name, at) => names.indexOf(name) !== at).map((name) => `two are "${name}"`),
    ...wanted.filter((id) => !covered(id) && !(id in missing)).map((id) => `${id} has no case`),
    ...Object.keys(missing)
      .filter((id) => covered(id) || !wanted.includes(id))
      .map((id) => `${id} is not missing`),
    ...Object.keys(differences)
      .filter((id) => !(id in rules))
      .map((id) => `${id} is no rule to differ from`),
  ]
  const ruleCount = Object.keys(rules).filter(covered).length
  const codeNames = [...new Set(codes.map(({ code }) => code))]
  const codeCount = codeNames.filter((name) =>
    wantedCodes.filter((id) => id.split(' ')[0] === name).every(covered),
  ).length
  const verdict =
    `conformance: ${ruleCount} of ${Object.keys(rules).length} rules, ` +
    `${codeCount} of ${codeNames.length} error codes covered by ${cases.length} cases; ` +
    `pgtrue differs on purpose in ${Object.keys(differences).length} rules`
  return { faults, verdict }
}

/** The refusals that a step expects, as "code status". */
function codesOf(step: Group['cases'][number]['steps'][number]): string[] {
  if (step.do !== 'ask' || step.gets.status < 300) return []
  const { body, headers, status, location } = step.gets
  const inLocation = /error_code=(\w+)/.exec(location ?? '')?.[1]
  const inBody = isObject(body) ? body.error_code : undefined
  const code = inBody ?? headers?.['x-sb-error-code'] ?? inLocation
  return typeof code === 'string' ? [`${code} ${status}`] : []
}

function isObject(value: Json): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
