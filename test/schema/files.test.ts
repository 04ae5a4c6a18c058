// The rules for how a file of sql/ reads.

import t from 'tap'
import { readSources } from '../../docs/sources.ts'
import { withoutWords } from './code.ts'
import { expectNone } from './exceptions.ts'

const sources = readSources()
const paths = (of: typeof sources) => of.map(({ path }) => `sql/${path}`)

/** Each line that meets a condition, with its place; `code` is the file without its words. */
function linesWhere(condition: (line: string, code: string) => boolean): string[] {
  return sources.flatMap(({ path, text }) => {
    const code = withoutWords(text).split('\n')
    const lines = text.split('\n').map((line, place) => ({ line, place }))
    const found = lines.filter(({ line, place }) => condition(line, code[place] ?? ''))
    return found.map(({ line, place }) => `sql/${path}:${place + 1} ${line.trim().slice(0, 60)}`)
  })
}

t.test('a file defines one function, named as the file', async (t) => {
  t.ok(sources.length > 50, 'there are files')
  const defines = ({ text }: { text: string }) =>
    [...withoutWords(text).matchAll(/create or replace (?:function|procedure) ([\w.]+)/g)].map(
      ([, name]) => name as string,
    )
  const others = sources.filter((source) => {
    const [name, ...more] = defines(source)
    return more.length > 0 || !new RegExp(`^auth(_private)?\\.${source.name}$`).test(name ?? '')
  })
  expectNone(t, paths(others), 'one function a file, sql/<topic>/<name>.sql')
  const deep = sources.filter(({ path }) => path.split('/').length !== 2)
  expectNone(t, paths(deep), 'a file lies in the folder of its topic, and no deeper')
})

t.test('it begins with a comment or the function', async (t) => {
  const others = sources.filter(({ text }) => !/^(-- \S|create or replace function )/.test(text))
  expectNone(t, paths(others), 'begin with why it exists, then create or replace function')
})

t.test('its attributes are in one order, and volatility is stated', async (t) => {
  const attributes = new RegExp(
    String.raw`\nlanguage (sql|plpgsql) (immutable|stable|volatile)( strict)?( parallel safe)?` +
      String.raw`( security definer)?(\s+set search_path = pg_catalog, pg_temp)?` +
      String.raw`(\s+set lock_timeout = '\w+')?` +
      String.raw`\n(as \$\$\n|return\s|begin atomic\n)`,
  )
  const others = sources.filter(({ text }) => !attributes.test(text))
  const advice = 'language, volatility, strict, security definer, set search_path; then the body'
  expectNone(t, paths(others), advice)
})

t.test('the comment and the grants of a function stand below it', async (t) => {
  const order = /^(create|comment on|grant|revoke|drop)\b/gm
  const named = /^(?:comment on|grant execute on) function auth(?:_private)?\.(\w+)/gm
  const others = sources.filter(({ text, name }) => {
    const said = [...withoutWords(text).matchAll(order)].map(([, word]) => word).join(' ')
    const about = [...withoutWords(text).matchAll(named)]
    return (
      !/^create comment on( (drop )?create)*( grant)*$/.test(said) ||
      about.some(([, of]) => of !== name)
    )
  })
  expectNone(t, paths(others), 'the function, comment on it, its triggers, its grants; no more')
})

t.test('lines end at column 100, but for texts that cannot be broken', async (t) => {
  const oneText = /^\s*'(''|[^'])*'[,;)]*$/
  const ours = (line: string, code: string) => code !== '' || /^\s*--/.test(line)
  const long = linesWhere(
    (line, code) => line.length > 100 && ours(line, code) && !oneText.test(line),
  )
  expectNone(t, long, 'break it')
})

t.test('code is in lower case, without tabs or spaces at the end', async (t) => {
  const loud = linesWhere((_, code) => /[A-Z]/.test(code))
  expectNone(t, loud, 'write keywords and names in lower case')
  const untidy = linesWhere((line) => /\t|\s$/.test(line))
  expectNone(t, untidy, 'indent by spaces, and end without')
})
