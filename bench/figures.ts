// Numbers of several rounds, as one, and as people read them.
//
// Exports: Figure, figure, ratio, number, milliseconds.

/** The median of the rounds, and the lowest and the highest. */
export interface Figure {
  median: number
  low: number
  high: number
}

export function figure(values: number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const median =
    sorted.length % 2 === 1
      ? (sorted[middle] ?? NaN)
      : ((sorted[middle - 1] ?? NaN) + (sorted[middle] ?? NaN)) / 2
  return { median, low: sorted[0] ?? NaN, high: sorted.at(-1) ?? NaN }
}

/** Round by round, so that what slowed the whole machine down for a while counts on both sides. */
export function ratio(above: number[], below: number[]): Figure {
  return figure(above.map((value, round) => value / (below[round] ?? NaN)))
}

/** Three digits that count, as 1,234 or 0.12. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value !== 0 && Math.abs(value) < 1e-3) return value.toExponential(1)
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return value.toPrecision(3)
}

/** The median and, of more than one round, the spread: 1,234 (1,200–1,300). */
export function spread({ median, low, high }: Figure): string {
  return low === high || Number.isNaN(median)
    ? number(median)
    : `${number(median)} (${number(low)}–${number(high)})`
}

export const percent = (value: number): string =>
  Number.isFinite(value) ? `${Math.round(value * 100)} %` : '–'
