// Go template expressions as expressions of Liquid.
//
// Exports tokens(), pipeline(), variable() and the operators that the Liquid needs: each of Go's
// functions becomes an infix operator, since Liquid nests operators but not filters.

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as Liquid types them
type Value = any
type Operator = (left: Value, right: Value) => Value

/** What Go's functions do, and two of our own. One that takes one argument ignores the right. */
const functions: Record<string, Operator> = {
  and: (left, right) => left && right,
  or: (left, right) => left || right,
  eq: (left, right) => left === right,
  ne: (left, right) => left !== right,
  lt: (left, right) => left < right,
  le: (left, right) => left <= right,
  gt: (left, right) => left > right,
  ge: (left, right) => left >= right,
  index: (left, right) => (left != null && Object.hasOwn(left, right) ? left[right] : undefined),
  not: (value) => !value,
  len: (value) => Object.keys(value ?? '').length,
  urlquery: (value) => encodeURIComponent(String(value ?? '')),
  html: (value) => value,
  print: (value) => value,
  safe_url: (value) =>
    /^[\s\p{Cc}]*(javascript|vbscript|data):/iu.test(String(value)) ? '#' : value,
  // As Go: a list in its order, an object by its sorted keys.
  entries: (value) =>
    Array.isArray(value)
      ? value.map((item, key) => ({ key, value: item }))
      : Object.keys(value ?? {})
          .sort()
          .map((key) => ({ key, value: value[key] })),
}

/** For Liquid's option of this name. Prefixed, because Liquid has a `not` of another shape. */
export const operators = Object.fromEntries(
  Object.entries(functions).map(([name, run]) => [`go_${name}`, run]),
)

const unary = new Set(['not', 'len', 'urlquery', 'html', 'print'])
const token =
  /\s*("(?:\\.|[^"\\])*"|`[^`]*`|-?\d+(?:\.\d+)?|(?:\$[\p{L}\p{N}_]*)?(?:\.[\p{L}_][\p{L}\p{N}_]*)+|\$[\p{L}\p{N}_]*|\.|[\p{L}_][\p{L}\p{N}_]*|:=|[()|,=])/uy

/** The words of an action, the braces taken off. */
export const tokens = (inside: string): string[] => {
  const words: string[] = []
  const rest = inside.trimEnd()
  for (token.lastIndex = 0; token.lastIndex < rest.length;) {
    const at = token.lastIndex
    const word = token.exec(rest)?.[1]
    if (word === undefined) throw new Error(`{{${inside}}}, near ${rest.slice(at, at + 20).trim()}`)
    words.push(word)
  }
  return words
}

/** The Liquid name of a Go variable. */
export const variable = (name = ''): string => {
  if (!/^\$./.test(name)) throw new Error(`${name} is no variable`)
  return `var_${name.slice(1)}`
}

/**
 * The Liquid of a Go pipeline: `(a or b)` for `or .A .B` and for `.B | or .A`.
 *
 * @param dot the Liquid variable that Go's dot stands for
 */
export const pipeline = (words: string[], dot: string): string => {
  const left = [...words]

  const commands = (): string => {
    let value = command()
    while (left[0] === '|') {
      left.shift()
      value = command(value)
    }
    return value
  }

  const command = (piped?: string): string => {
    const name = left[0] ?? ''
    const called = /^[\p{L}_]/u.test(name) && !/^(true|false|nil)$/.test(name)
    if (called) left.shift()
    const values: string[] = []
    while (left.length > 0 && left[0] !== '|' && left[0] !== ')') values.push(operand())
    if (called) return call(name, piped === undefined ? values : [...values, piped])
    if (values.length !== 1 || piped !== undefined) throw new Error(`{{ ${words.join(' ')} }}`)
    return values[0] as string
  }

  const operand = (): string => {
    const word = left.shift() as string
    if (word === '(') {
      const value = commands()
      if (left.shift() !== ')') throw new Error('( without )')
      return value
    }
    if (word.startsWith('"')) return JSON.stringify(JSON.parse(word))
    if (word.startsWith('`')) return JSON.stringify(word.slice(1, -1))
    if (/^-?\d/.test(word) || /^(true|false|nil)$/.test(word)) return word
    if (!/^[.$]/.test(word)) throw new Error(`${word} is not supported`)
    const [start = '', ...fields] = word.split('.')
    const base = start === '' ? dot : start === '$' ? 'root' : variable(start)
    return (
      base +
      fields
        .filter(Boolean)
        .map((field) => `["${field}"]`)
        .join('')
    )
  }

  const value = commands()
  if (left.length > 0) throw new Error(`{{ ${words.join(' ')} }}`)
  return value
}

const call = (name: string, values: string[]): string => {
  if (!Object.hasOwn(functions, name)) throw new Error(`${name} is not supported`)
  const [first = '', ...others] = values
  if (values.length === 0 || unary.has(name) !== (others.length === 0)) {
    throw new Error(`${name} has ${values.length} arguments`)
  }
  if (unary.has(name)) return `(${first} go_${name} 0)`
  if (name === 'eq') return others.map((other) => `(${first} go_eq ${other})`).reduce(either)
  return values.reduce((left, right) => `(${left} go_${name} ${right})`)
}

const either = (left: string, right: string): string => `(${left} go_or ${right})`
