// A plot as a file that reads on its own: a title, a legend and a white ground around it.
//
// Exports: svgOf, Legend.

import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'

export interface Legend {
  name: string
  colour: string
}

const { document } = parseHTML('<html></html>')
const width = 860
const lineHeight = 20

/** @param options as Plot.plot takes them, without a legend: that is drawn above the plot, on as many lines as it needs */
export function svgOf(
  title: string,
  legend: Legend[],
  { height = 400, ...options }: Plot.PlotOptions,
): string {
  // Its types ask for a browser's document.
  const plot = Plot.plot({
    document,
    width,
    height,
    style: { fontSize: '12px' },
    color: {
      domain: legend.map(({ name }) => name),
      range: legend.map(({ colour }) => colour),
    },
    ...options,
  } as unknown as Plot.PlotOptions)

  let x = 20
  let y = 46
  const entries = legend.map(({ name, colour }) => {
    const wide = 34 + 7 * name.length
    if (x + wide > width) {
      x = 20
      y += lineHeight
    }
    const entry =
      `<circle cx="${x}" cy="${y}" r="5" fill="${colour}"/>` +
      `<text x="${x + 10}" y="${y + 4}" font-size="12">${escaped(name)}</text>`
    x += wide
    return entry
  })
  const head = legend.length > 0 ? y + 16 : 36
  plot.setAttribute('y', String(head))
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height + head}" \
viewBox="0 0 ${width} ${height + head}" font-family="system-ui, sans-serif" fill="#1f2328">
<rect width="100%" height="100%" fill="white"/>
<text x="14" y="26" font-size="16" font-weight="600">${escaped(title)}</text>
${entries.join('\n')}
${plot.outerHTML}
</svg>
`
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
