// SQL text as a reader of code sees it.
//
// Exports: withoutComments, withoutWords.

const comment = /--[^\n]*|\/\*[\s\S]*?\*\//
const literal = /\b[eE]'(?:\\.|''|[^'\\])*'|'(?:''|[^'])*'|\$(\w+)\$[\s\S]*?\$\1\$/
const quotedName = /"(?:""|[^"])*"/
const anyOf = (...patterns: RegExp[]) =>
  new RegExp(patterns.map((pattern) => pattern.source).join('|'), 'g')

const commentOrText = anyOf(quotedName, literal, comment)

/** Without its comments. */
export function withoutComments(sql: string): string {
  return sql.replace(commentOrText, (found) => (/^(--|\/\*)/.test(found) ? '' : found))
}

/**
 * Without comments, literals and quoted names: what is left is keywords, names and operators, on
 * their lines. A body between $$ and $$ is code, a text between $tag$ and $tag$ is a literal.
 */
export function withoutWords(sql: string): string {
  return sql.replace(commentOrText, (found) => found.replace(/[^\n]/g, ''))
}
