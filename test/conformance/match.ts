// Compares an answer with a pattern of it, so that a test's report shows both alike.
//
// Exports: shown, filled, Kept.

import type { Json } from './case.ts'

/** What steps have kept, by name. */
export type Kept = { [name: string]: Json }

const patterns: Record<string, string> = {
  '<uuid>': '[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}',
  '<time>': '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d{1,9})?Z',
  '<number>': '-?\\d+(\\.\\d+)?',
  '<jwt>': '[\\w-]+\\.[\\w-]+\\.[\\w-]+',
  '<token>': '[\\w-]{12,}',
  '<code>': '\\d{6,10}',
  '<any>': '[^]*',
}
const pattern = /<(?:uuid|time|number|jwt|token|code|any)>/

/**
 * What was found, with the pattern in the place of whatever fits it: equal to the pattern only if
 * all of it fits. In an object the key ... stands for all keys not named, and <absent> for none.
 */
export function shown(found: unknown, wanted: Json): unknown {
  if (wanted === '<any>') return wanted
  if (typeof wanted === 'string' && pattern.test(wanted) && fits(found, wanted)) return wanted
  if (Array.isArray(wanted) && Array.isArray(found)) {
    return found.map((item, place) => (place < wanted.length ? shown(item, wanted[place]) : item))
  }
  if (isObject(wanted) && isObject(found)) return shownObject(found, wanted)
  return found
}

function shownObject(found: { [key: string]: Json }, wanted: { [key: string]: Json }): object {
  const absent = Object.keys(wanted).filter((key) => wanted[key] === '<absent>' && !(key in found))
  const named = Object.entries(found).filter(([key]) => key in wanted || !('...' in wanted))
  return {
    ...Object.fromEntries(absent.map((key) => [key, '<absent>'])),
    ...Object.fromEntries(named.map(([key, value]) => [key, shown(value, wanted[key])])),
    ...('...' in wanted && { '...': wanted['...'] }),
  }
}

function fits(found: unknown, wanted: string): boolean {
  if (typeof found !== 'string' && typeof found !== 'number') return false
  const parts = wanted.split(new RegExp(`(${pattern.source})`))
  const source = parts
    .map((part) => patterns[part] ?? part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('')
  return new RegExp(`^${source}$`).test(String(found))
}

/** A value with {names} replaced by what was kept; a string that is one name becomes its value. */
export function filled<Value extends Json>(value: Value, kept: Kept): Value {
  if (typeof value === 'string') return filledText(value, kept) as Value
  if (Array.isArray(value)) return value.map((item) => filled(item, kept)) as Value
  if (!isObject(value)) return value
  const entries = Object.entries(value).map(([key, inner]) => [key, filled(inner, kept)])
  return Object.fromEntries(entries) as Value
}

const reference = /\{([a-z]\w*(?:\.[\w-]+)*)\}/g

function filledText(text: string, kept: Kept): Json {
  const whole = new RegExp(`^${reference.source}$`).exec(text)?.[1]
  if (whole) return look(whole, kept)
  return text.replaceAll(reference, (_, path: string) => String(look(path, kept)))
}

function look(path: string, kept: Kept): Json {
  let value: Json = kept
  for (const name of path.split('.')) {
    const from: Json = value
    value = isObject(from) ? from[name] : undefined
  }
  if (value === undefined) throw new Error(`nothing is kept as {${path}}`)
  return value
}

function isObject(value: unknown): value is { [key: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
