// Sections as text: Markdown for the report, columns for the terminal.
//
// Exports: markdownTable, terminalTable, goalLine.

import type { Goal, Table } from '../section.ts'

export function markdownTable({ columns, rows }: Table): string {
  const line = (cells: string[]) => `| ${cells.map(escaped).join(' | ')} |`
  const rule = `| ${columns.map((_, index) => (index === 0 ? '---' : '---:')).join(' | ')} |`
  return [line(columns), rule, ...rows.map(line)].join('\n')
}

const escaped = (cell: string): string => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')

/** The first column to the left, the others to the right. */
export function terminalTable({ columns, rows }: Table): string {
  const widths = columns.map((column, index) =>
    Math.max(...[column, ...rows.map((row) => row[index] ?? '')].map((cell) => cell.length)),
  )
  const line = (cells: string[]) =>
    `  ${cells
      .map((cell, index) => {
        const width = widths[index] ?? 0
        return index === 0 ? cell.padEnd(width) : cell.padStart(width)
      })
      .join('  ')}`.trimEnd()
  const rule = `  ${widths.map((width) => '─'.repeat(width)).join('  ')}`
  return [line(columns), rule, ...rows.map(line)].join('\n')
}

export const goalLine = ({ what, wanted, found, met }: Goal): string =>
  `${met ? '✓' : '✗'} ${what}: ${found} (wanted: ${wanted})`
