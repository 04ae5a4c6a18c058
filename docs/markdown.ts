// The few pieces of Markdown that the generated pages are made of.
//
// Exports: page, table, code.

/** A whole page, which says where it comes from. */
export function page(title: string, parts: string[]): string {
  const origin = '<!-- Made by "npm run docs": change what it is made from, not this page. -->'
  return [`# ${title}`, origin, ...parts].join('\n\n') + '\n'
}

/** A table; a cell may hold anything but a line break. */
export function table(head: string[], rows: string[][]): string {
  const line = (cells: string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** Text as it is typed; nothing for nothing. */
export function code(text: string): string {
  return text && `\`${text}\``
}
