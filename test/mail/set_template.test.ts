// Templates of mails: set by a person, and refused where SQL can tell that they are wrong.

import t from 'tap'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)

type Template = {
  kind: string
  subject: string | null
  html: string | null
  text?: string | null
  locale?: string
}

async function set({ kind, subject, html, text = null, locale = '' }: Template) {
  const [row] = await sql`
    select auth.set_template(kind => ${kind}, subject => ${subject}, html => ${html},
      text => ${text}, locale => ${locale}) as template
  `
  return row?.template
}
const rows = () =>
  sql`select kind, locale, subject, html, text from auth_private.templates order by 1, 2`
const hello = {
  kind: 'magic_link',
  subject: 'Hello',
  html: '<a href="{{ .ConfirmationURL }}">in</a>',
}

t.test('sets a template, replaces it and takes it away', async (t) => {
  const stored = { ...hello, text: null, locale: '' }
  t.same(await set(hello), stored)
  t.same(await set({ ...hello, locale: 'pt-BR', text: '{{ .Token }}' }), {
    ...hello,
    locale: 'pt-BR',
    text: '{{ .Token }}',
  })
  t.same(await set({ ...hello, subject: 'Hi' }), { ...stored, subject: 'Hi' })
  t.same(
    (await rows()).map(({ locale, subject }) => [locale, subject]),
    [
      ['', 'Hi'],
      ['pt-BR', 'Hello'],
    ],
  )
  t.equal(await set({ kind: 'magic_link', subject: null, html: null }), null)
  t.equal(await set({ kind: 'magic_link', subject: null, html: null, locale: 'pt-BR' }), null)
  t.same(await rows(), [])
})

t.test('takes every built-in template, and what Go templates can say', async (t) => {
  const builtin = await sql<
    Template[]
  >`select kind, subject, html, text from auth_private.builtin_templates()`
  t.equal(builtin.length, 13)
  for (const template of builtin) await set(template)
  t.same((await rows()).length, 13)
  await sql`delete from auth_private.templates`
  for (const html of [
    '{{/* a }} comment */}}{{- .Token -}}',
    '{{ if eq .Data.lang "de.at .Nothing" }}a{{ else if .Data.x }}b{{ else }}c{{ end }}',
    '{{ range $i, $x := .Data.items }}{{ .Name }}{{ $x.Name }}{{ $.Email }}{{ end }}',
    '{{ with .Data.address }}{{ .Street }}{{ end }}',
    '<style>a { b: c } @media x { d { e: f } }</style>',
  ]) {
    await t.resolves(set({ ...hello, html }), html)
  }
})

t.test('refuses what is wrong, says why, and changes nothing', async (t) => {
  await sql`delete from auth_private.templates`
  const kinds =
    'confirmation, magic_link, recovery, invite, email_change, reauthentication, password_changed_notification, email_changed_notification, phone_changed_notification, identity_linked_notification, identity_unlinked_notification, mfa_factor_enrolled_notification, mfa_factor_unenrolled_notification'
  const known = 'SiteURL, Email, Data, ConfirmationURL, Token, TokenHash, RedirectTo'
  for (const [changes, message] of [
    [{ kind: 'welcome' }, `There is no mail of kind welcome; there are ${kinds}`],
    [{ kind: null }, `There is no mail of kind null; there are ${kinds}`],
    [
      { locale: 'German!' },
      'locale: a language is written like de or pt-BR, and any is an empty text',
    ],
    [{ subject: ' ' }, 'subject: it is empty'],
    [{ subject: null }, 'subject: it is empty'],
    [{ html: null }, 'html: it is empty'],
    [{ text: '' }, 'text: it is empty'],
    [{ html: '{{ .Token' }, 'html: {{ without }}'],
    [{ html: '{{ .Token {{ .Email }}' }, 'html: {{ .Token  is not closed'],
    [{ html: '{{ if .Token }}x' }, 'html: {{ if }} without {{ end }}'],
    [{ html: 'x{{ end }}' }, 'html: an {{ end }} too many'],
    [{ html: '{{ else }}' }, 'html: an {{ else }} without {{ if }}'],
    [{ html: '{{ template "x" }}' }, 'html: {{ template }} is not supported'],
    [
      { html: '{{ .ConfirmationUrl }}' },
      `html: there is no {{ .ConfirmationUrl }} in a mail of kind magic_link; there are ${known}`,
    ],
    [
      { kind: 'reauthentication', subject: '{{ .ConfirmationURL }}' },
      'subject: there is no {{ .ConfirmationURL }} in a mail of kind reauthentication; there are ' +
        'SiteURL, Email, Data, Token',
    ],
    [
      { text: '{{ .Phone }}' },
      `text: there is no {{ .Phone }} in a mail of kind magic_link; there are ${known}`,
    ],
  ] as const) {
    await t.rejects(set({ ...hello, ...changes } as Template), {
      code: 'PT400',
      detail: 'validation_failed',
      message: message.startsWith('There is') ? message : `Template not changed: ${message}`,
    })
  }
  t.same(await rows(), [])
})

t.test('is for the owner', async (t) => {
  for (const role of ['anon', 'authenticated', 'service_role', 'auth_worker']) {
    const attempt = sql.begin(async (sql) => {
      await sql`set local role ${sql(role)}`
      await sql`select auth.set_template('invite', 'x', 'x')`
    })
    await t.rejects(attempt, { code: '42501' }, role)
  }
})
