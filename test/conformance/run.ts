// Runs a case of the table against a stack, step by step, until one finds something else than it
// says.
//
// Exports: createRunner, Check, Tested.

import { isDeepStrictEqual } from 'node:util'
import type { Row, Sql } from 'postgres'
import type { Stack } from '../support/stack.ts'
import { type Case, type Gets, type Json, password, type Step } from './case.ts'
import { createUserClock } from './clock.ts'
import { filled, type Kept, shown } from './match.ts'

/** What a step has found, to be equal to what it wanted. */
export type Check = { title: string; found: unknown; wanted: unknown }

/** What is to be done when a case ends. */
type Ending = (() => Promise<void>)[]
type Asked = Extract<Step, { do: 'ask' }>

/** What cases need of a stack. */
export type Tested = Pick<Stack, 'api' | 'anonKey' | 'serviceKey' | 'sql' | 'inbox'> & {
  sms: Pick<Stack['sms'], 'posted' | 'next'>
  db: { connect(): Sql }
}

/** A function that runs cases, each with addresses of its own. */
export async function createRunner(stack: Tested) {
  const { sql, inbox, sms } = stack
  const passes = await createUserClock(sql)
  // The lowest cost that there is: what a password is compared with by the hundred.
  const [hashed] = await sql`
    select auth_private.bcrypt(${password}, '$2a$04$abcdefghijklmnopqrstuu') as bcrypt
  `
  const hash: string = hashed?.bcrypt
  let cases = 0

  async function send(step: Asked, kept: Kept, more: Record<string, string> = {}) {
    const [method, path] = filled(step.send, kept).split(' ') as [string, string]
    const headers = { ...bearer(step.as, kept), ...filled(step.headers ?? {}, kept), ...more }
    const body = filled(step.body, kept)
    const response = await fetch(stack.api + path, {
      method,
      headers,
      redirect: 'manual',
      ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    const json = response.headers.get('content-type')?.startsWith('application/json')
    return {
      status: response.status,
      headers: Object.fromEntries(response.headers) as Record<string, string>,
      body: (json ? JSON.parse(text) : text) as Json,
    }
  }

  function bearer(as: string | undefined, kept: Kept): Record<string, string> {
    if (as === undefined) return {}
    if (as === 'anon') return { authorization: `Bearer ${stack.anonKey}` }
    if (as === 'service') return { authorization: `Bearer ${stack.serviceKey}` }
    return { authorization: `Bearer ${filled(`{${as}.access_token}`, kept)}` }
  }

  async function check(step: Asked, kept: Kept, gets: Gets, more = {}): Promise<Check> {
    const answer = await send(step, kept, more)
    const location = answer.headers.location ?? ''
    if (step.keep !== undefined) {
      kept[step.keep] = {
        ...(typeof answer.body === 'object' && answer.body),
        headers: answer.headers,
        location,
        to: location ? parametersOf(location) : {},
      }
    }
    const wanted = filled(gets as Json, kept) as Gets
    const found = {
      status: answer.status,
      body: answer.body,
      headers: { ...answer.headers },
      location,
    }
    const looked = Object.fromEntries(Object.keys(wanted).map((key) => [key, found[key as never]]))
    const pattern = { ...wanted, ...(wanted.headers && { headers: some(wanted.headers) }) }
    return { title: step.send, found: shown(looked, pattern as Json), wanted: pattern }
  }

  async function perform(step: Step, kept: Kept, ending: Ending = []): Promise<Check[]> {
    switch (step.do) {
      case 'ask': {
        const first = await check(step, kept, step.gets)
        const newer = step.once ? null : newerAnswer(step.gets)
        if (!newer) return [first]
        const version = { 'x-supabase-api-version': '2024-01-01' }
        return [first, await check({ ...step, keep: undefined } as never, kept, newer, version)]
      }
      case 'user': {
        const { name } = step
        const has = filled(step.has, kept)
        const body = {
          ...(!has.phone && { email: `${name}-${String(kept.email)}`, email_confirm: true }),
          ...(has.phone && { phone_confirm: true }),
          ...(has.password === undefined && { password_hash: hash }),
          ...has,
        }
        const made = await send(
          { do: 'ask', send: 'POST /admin/users', as: 'service', body, gets: { status: 200 } },
          kept,
        )
        if (made.status !== 200) throw new Error(`no user: ${JSON.stringify(made.body)}`)
        kept[name] = made.body
        return []
      }
      case 'session': {
        const of = kept[step.of] as { email: string; phone: string }
        const body = { ...(of.email ? { email: of.email } : { phone: of.phone }), password }
        const opened = await send(
          { do: 'ask', send: 'POST /token?grant_type=password', body, gets: { status: 200 } },
          kept,
        )
        if (opened.status !== 200) throw new Error(`no session: ${JSON.stringify(opened.body)}`)
        kept[step.name] = { ...(kept[step.name] as object), ...(opened.body as object) }
        return []
      }
      case 'token': {
        const claims = filled(step.claims, kept)
        const [made] = await sql`
          select auth_private.sign_jwt(${sql.json(claims as never)}) as token
        `
        kept[step.name] = { access_token: made?.token }
        return []
      }
      case 'mail': {
        const { to, from, subject, html, text, links } = await inbox.next(filled(step.to, kept))
        const parameters = links[0] ? parametersOf(links[0]) : {}
        const code = /\b\d{6,10}\b/.exec(`${subject} ${text}`.replaceAll(/\S*:\/\/\S*/g, ''))?.[0]
        kept[step.keep] = { to, subject, html, link: links[0], code, ...parameters }
        const mail = { to, from, subject, html, text, links }
        const wanted = filled(step.says, kept)
        return [{ title: `mail to ${step.to}`, found: shown(mail, wanted), wanted }]
      }
      case 'sms': {
        const got = await sms.next(filled(step.to, kept))
        kept[step.keep] = got
        const wanted = filled(step.says, kept)
        return [{ title: `SMS to ${step.to}`, found: shown(got, wanted), wanted }]
      }
      case 'nothing sent': {
        const to = filled(step.to, kept)
        const [queued] = await sql`
          select count(*)::integer from auth_private.outbox
          where recipient = ${to} and kind <> 'decoy'
        `
        const posted = sms.posted.filter(({ form }) => form.To?.endsWith(`+${to}`))
        const sent = queued?.count + inbox.waiting(to).length + posted.length
        return [{ title: `nothing sent to ${to}`, found: sent, wanted: 0 }]
      }
      case 'passes': {
        await passes(step.interval, filled(step.of, kept))
        return []
      }
      case 'hold': {
        const connection = stack.db.connect()
        await connection.unsafe('begin')
        await connection.unsafe(filled(step.text, kept))
        ending.push(() => connection.end())
        return []
      }
      case 'sql': {
        const rows = await sql.unsafe(filled(step.text, kept))
        if (step.gives === undefined) return []
        const wanted = filled(step.gives, kept)
        return [{ title: step.text, found: shown(plain(rows), wanted), wanted }]
      }
    }
  }

  const isSo = ({ found, wanted }: Check) => isDeepStrictEqual(found, wanted)
  const newKept = (number: number): Kept => ({
    email: `c${number}@example.com`,
    email2: `c${number}.new@example.com`,
    phone: `4470${String(number).padStart(8, '0')}`,
    phone2: `4471${String(number).padStart(8, '0')}`,
    /** A client's address. */
    client: `10.1.${number >> 8}.${number & 255}`,
    password,
    hash,
    api: stack.api,
  })

  return {
    /** Whether this is so now. */
    holds: async (step: Step) => (await perform(step, newKept(0))).every(isSo),
    async case(row: Case): Promise<Check[]> {
      const kept = newKept(++cases)
      const checks: Check[] = []
      const ending: Ending = []
      for (const step of row.steps) {
        const done = await perform(step, kept, ending).catch((error: unknown) => [
          { title: JSON.stringify(step), found: String(error), wanted: 'no failure' },
        ])
        checks.push(...done)
        if (!done.every(isSo)) break
      }
      for (const end of ending) await end()
      return checks
    },
  }
}

/** A refusal as the API version 2024-01-01 answers it; null for what is none. */
function newerAnswer(gets: Gets): Gets | null {
  const body = gets.body
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return null
  if (gets.status < 400 || typeof body.error_code !== 'string' || body.msg === undefined)
    return null
  const weak = body.weak_password
  return {
    status: gets.status,
    headers: {
      'x-supabase-api-version': '2024-01-01',
      ...(!weak && { 'x-sb-error-code': body.error_code }),
    },
    body: { code: body.error_code, message: body.msg, ...(weak && { weak_password: weak }) },
  }
}

const some = (headers: Record<string, string>): Json => ({ ...headers, '...': true })

/** Of a URL, its query's and its fragment's. */
function parametersOf(url: string): Record<string, string> {
  const { searchParams, hash } = new URL(url)
  return Object.fromEntries([...searchParams, ...new URLSearchParams(hash.replace(/^#/, ''))])
}

/** Rows as they look in JSON; of rows with one column, its values. */
function plain(rows: Row[]): Json {
  const json = JSON.parse(JSON.stringify(rows)) as Record<string, Json>[]
  return json.map((row) => (Object.keys(row).length === 1 ? Object.values(row)[0] : row))
}
