// Translates the Go templates that GoTrue's users have into Liquid, which there is an engine for.
//
// Exports translate() and the delimiters of the Liquid that it writes. Understood are fields,
// variables, if, else if, with, range, the comparisons, and, or, not, index, len, urlquery,
// comments and trim markers; anything else is refused.

import { pipeline, tokens, variable } from './expression.ts'

// Private-use characters: no template has these, so all of its own text stays text.
export const delimiters = {
  outputDelimiterLeft: '\uE000',
  outputDelimiterRight: '\uE001',
  tagDelimiterLeft: '\uE002',
  tagDelimiterRight: '\uE003',
}

const action =
  /\{\{(-(?=\s))?((?:"(?:\\.|[^"\\])*"|`[^`]*`|\/\*[^]*?\*\/|(?!\}\})[^])*?)((?<=\s)-)?\}\}/g

/**
 * The Liquid source for a Go template whose dot is the Liquid variable `root`.
 *
 * @param html whether what stands in a href or src has to be kept from running as a script
 * @throws Error that says what is not understood
 */
export const translate = (source: string, html: boolean): string => {
  const text = source.replace(/[\uE000-\uE003]/g, '')
  const blocks: { keyword: string; end: string; dot: string }[] = []
  let dot = 'root'
  let liquid = ''
  let read = 0

  const statement = (words: string[]): string | string[] => {
    const [keyword, ...rest] = words
    if (keyword === 'end') {
      const block = blocks.pop()
      if (!block) throw new Error('an {{ end }} too many')
      dot = block.dot
      return [block.end]
    }
    if (keyword === 'else') return otherwise(rest)
    if (keyword === 'break' || keyword === 'continue') return [keyword]
    if (keyword === 'if' || keyword === 'with' || keyword === 'range') return open(keyword, rest)
    if (words[1] === ':=' || words[1] === '=') {
      return [`assign ${variable(words[0])} = ${pipeline(words.slice(2), dot)}`]
    }
    return pipeline(words, dot)
  }

  const otherwise = (rest: string[]): string[] => {
    const block = blocks.at(-1)
    if (!block) throw new Error('an {{ else }} without {{ if }}')
    dot = block.dot
    if (rest.length === 0) return ['else']
    if (rest[0] !== 'if' || block.keyword !== 'if') throw new Error(`{{ else ${rest.join(' ')} }}`)
    return [`elsif ${pipeline(rest.slice(1), dot)}`]
  }

  const open = (keyword: string, rest: string[]): string[] => {
    const inner = `dot${blocks.length}`
    const assigned = rest.indexOf(':=')
    const names = rest.slice(0, Math.max(assigned, 0)).filter((word) => word !== ',')
    const value = pipeline(rest.slice(assigned + 1), dot)
    const last = names.at(-1)
    blocks.push({ keyword, end: keyword === 'range' ? 'endfor' : 'endif', dot })

    if (keyword === 'range') {
      dot = `${inner}["value"]`
      const loop = [`assign all_${inner} = (${value} go_entries 0)`, `for ${inner} in all_${inner}`]
      if (last) loop.push(`assign ${variable(last)} = ${dot}`)
      if (names.length > 1) loop.push(`assign ${variable(names[0])} = ${inner}["key"]`)
      return loop
    }
    const held = last ? variable(last) : inner
    if (keyword === 'with') dot = held
    return keyword === 'if' && !last ? [`if ${value}`] : [`assign ${held} = ${value}`, `if ${held}`]
  }

  for (const match of text.matchAll(action)) {
    const before = text.slice(read, match.index)
    const [whole, trimLeft = '', inside = '', trimRight = ''] = match
    liquid += literal(before)
    read = match.index + whole.length
    const translated = /^\s*\/\*[^]*\*\/\s*$/.test(inside) ? ['#'] : statement(tokens(inside))
    if (typeof translated === 'string') {
      const attribute = html && /(?:href|src|action)\s*=\s*["']?\s*$/i.test(before)
      const value = attribute ? `(${translated} go_safe_url 0)` : translated
      liquid += `\uE000${trimLeft} ${value} ${trimRight}\uE001`
      continue
    }
    liquid += translated
      .map((tag, at) => {
        const left = at === 0 ? trimLeft : ''
        const right = at === translated.length - 1 ? trimRight : ''
        return `\uE002${left} ${tag} ${right}\uE003`
      })
      .join('')
  }
  if (blocks.length > 0) throw new Error(`{{ ${blocks.at(-1)?.keyword} }} without {{ end }}`)
  return liquid + literal(text.slice(read))
}

const literal = (text: string): string => {
  if (text.includes('{{')) throw new Error('{{ without }}')
  return text
}
