// The real GoTrue in the place of pgtrue, for the conformance table: with a Postgres, an inbox and
// templates of its own.
//
// Exports: GoTrue, openGoTrue.

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import postgres from 'postgres'
import type { Test } from 'tap'
import { freePort } from '../../start/port.ts'
import { startTemporaryPostgres } from '../../start/postgres_temporary.ts'
import {
  gotrueEnvironment,
  keyFor,
  migrateGoTrue,
  prepareDatabase,
  secret,
  serveGoTrue,
} from '../support/gotrue.ts'
import { openInbox } from '../support/inbox.ts'
import type { Group } from './case.ts'
import type { Tested } from './run.ts'

export interface GoTrue {
  stack: Tested
  /** Runs it with these settings, until it is closed. */
  serve(settings: Group['settings']): Promise<{ close(): Promise<void> }>
}

/** What the table asks of pgtrue's own roles, tables and functions. */
const asked = `
  create role auth_owner;
  create schema auth_private;
  create extension pgcrypto with schema public;
  create table auth_private.outbox (recipient text, kind text);
  create function auth_private.bcrypt(password text, salt text) returns text
  language sql return public.crypt(password, public.gen_salt('bf', 4));
  create function auth_private.base64url(data bytea) returns text
  language sql return translate(encode(data, 'base64'), E'+/=\\n', '-_');
  create function auth_private.sign_jwt(claims jsonb) returns text
  language sql begin atomic
    select input || '.' || auth_private.base64url(
      public.hmac(convert_to(input, 'UTF8'), '${secret}'::bytea, 'sha256'))
    from (select auth_private.base64url('{"alg":"HS256","typ":"JWT"}') || '.'
      || auth_private.base64url(convert_to(claims::text, 'UTF8')) as input) signed;
  end;
`

const kinds = [
  ...['CONFIRMATION', 'RECOVERY', 'MAGIC_LINK'],
  ...['EMAIL_CHANGE', 'INVITE', 'REAUTHENTICATION'],
]

/** @param folder see test/support/gotrue.ts */
export async function openGoTrue(t: Pick<Test, 'teardown'>, folder: string): Promise<GoTrue> {
  const server = await startTemporaryPostgres(pino({ level: 'warn' }))
  t.teardown(() => server.close())
  // GoTrue's own path is not for the cases, which name what they mean.
  const connection = { search_path: 'public' }
  const sql = postgres(server.url, { max: 5, onnotice: () => {}, connection })
  t.teardown(() => sql.end())
  await prepareDatabase(sql)
  await sql.unsafe(asked)

  const inbox = await openInbox(t)
  const template = await openTemplate(t)
  const port = await freePort()
  const basis = {
    ...gotrueEnvironment(folder, { databaseUrl: server.url, port, smtpPort: inbox.port }),
    ...Object.fromEntries(kinds.map((kind) => [`GOTRUE_MAILER_TEMPLATES_${kind}`, template])),
    // It starts only with an account, and knows no other address of Twilio than the real one.
    GOTRUE_SMS_TWILIO_ACCOUNT_SID: 'account',
    GOTRUE_SMS_TWILIO_AUTH_TOKEN: 'token',
    GOTRUE_SMS_TWILIO_MESSAGE_SERVICE_SID: 'service',
  }
  migrateGoTrue(folder, basis)

  return {
    stack: {
      api: `http://127.0.0.1:${port}`,
      anonKey: await keyFor('anon'),
      serviceKey: await keyFor('service_role'),
      sql,
      inbox,
      sms: { posted: [], next: () => Promise.reject(new Error('no SMS can be sent')) },
      db: { connect: () => postgres(server.url, { max: 1, connection }) },
    },
    serve(settings = {}) {
      const own = Object.entries(settings).map(([name, value]) => [
        `GOTRUE_${name.toUpperCase()}`,
        String(value ?? ''),
      ])
      return serveGoTrue(folder, { ...basis, ...Object.fromEntries(own) })
    },
  }
}

/** Its own mails have no code, or no link. */
async function openTemplate(t: Pick<Test, 'teardown'>): Promise<string> {
  const html = '<p><a href="{{ .ConfirmationURL }}">Follow</a></p><p>{{ .Token }}</p>'
  const server = createServer((_, response) => response.end(html))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mail.html`
}
