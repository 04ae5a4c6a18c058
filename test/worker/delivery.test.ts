// What arrives: every kind of mail, whole and working.

import t from 'tap'
import { openPostOffice, variables } from './post_office.ts'

const office = await openPostOffice(t)
const { sql } = office

const subjects = {
  confirmation: 'Confirm your email address',
  magic_link: 'Your sign-in link',
  recovery: 'Reset your password',
  invite: "You've been invited",
  email_change: 'Confirm your new email address',
  reauthentication: '048213 is your verification code',
}

t.test('sends what was queued before the worker started, then leaves nothing of it', async (t) => {
  await office.queue('early@example.com')
  await office.work()
  const mail = await office.next('early@example.com')

  t.equal(mail.from?.text, '"pgtrue" <auth@example.com>')
  t.equal(mail.subject, 'Confirm your email address')
  t.equal(mail.headers.get('auto-submitted'), 'auto-generated')
  t.equal(await office.settled('early@example.com', 1), undefined)
})

const notifications = {
  password_changed: ['Your password was changed', {}],
  email_changed: ['Your email address was changed', { OldEmail: 'ann@old.example.com' }],
  phone_changed: [
    'Your phone number was changed',
    { Phone: '15551234567', OldPhone: '15557654321' },
  ],
  identity_linked: ['A new sign-in method was linked to your account', { Provider: 'github' }],
  identity_unlinked: ['A sign-in method was removed from your account', { Provider: 'github' }],
  mfa_factor_enrolled: [
    'A new verification method was added to your account',
    { FactorType: 'totp' },
  ],
  mfa_factor_unenrolled: [
    'A verification method was removed from your account',
    { FactorType: 'totp' },
  ],
} as const

for (const [kind, [subject, own]] of Object.entries(notifications)) {
  t.test(`sends ${kind}_notification with what has happened and what to do`, async (t) => {
    await office.queue(`${kind}@example.com`, `${kind}_notification`, own)
    const mail = await office.next(`${kind}@example.com`)
    const html = mail.html || ''
    const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)
    t.equal(mail.subject, subject)
    t.same(hrefs, [variables.SiteURL], 'no link of a mail that asks for something')
    for (const part of [html.replace(/\s+/g, ' '), (mail.text ?? '').replace(/\s+/g, ' ')]) {
      for (const value of [variables.Email, ...Object.values(own)]) t.match(part, value)
      t.match(part, 'If this was not you, someone has access to your account: go to ')
      t.notMatch(part, /\{\{|\[(heading|lead|action|button|note|site)\]|undefined|048213/)
    }
  })
}

for (const [kind, subject] of Object.entries(subjects)) {
  t.test(`sends ${kind} with a subject, both parts, the link and the code`, async (t) => {
    await office.queue(`${kind}@example.com`, kind)
    const mail = await office.next(`${kind}@example.com`)
    const html = mail.html || ''
    const text = mail.text ?? ''
    const hrefs = [...html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href)
    const links = kind === 'reauthentication' ? [] : [variables.ConfirmationURL]

    t.equal(mail.subject, subject)
    t.same(
      hrefs,
      [...links, ...links].map((link) => link.replaceAll('&', '&amp;')),
    )
    t.same(text.match(/https:\/\/auth\S+/g) ?? [], links)
    for (const part of [html, text]) {
      t.match(part, variables.Token)
      t.match(part, 'If you did not ask for this, ignore this mail.')
      t.notMatch(part, /\{\{|\[(heading|lead|action|button)\]|undefined/)
    }
  })
}

t.test('the built-in kinds are those with a subject here', async (t) => {
  const rows = await sql`select kind from auth_private.builtin_templates() order by kind`
  const notices = Object.keys(notifications).map((kind) => `${kind}_notification`)
  t.same(
    rows.map((row) => row.kind),
    [...Object.keys(subjects), ...notices].sort(),
  )
})

t.test('headers of one’s own name the kind of the mail, beside ours', async (t) => {
  const other = await openPostOffice(t)
  const headers = { 'X-Kind': ['auth', '$messageType'], 'X-Team': ['a $messageType b'] }
  await other.work({ smtp: { ...other.smtp, headers } })
  for (const [kind, named] of [
    ['confirmation', 'confirmation'],
    ['magic_link', 'magic_link'],
    ['reauthentication', 'reauthenticate'],
  ] as const) {
    await other.queue(`${kind}@example.com`, kind)
    const mail = await other.next(`${kind}@example.com`)
    const lines = mail.headerLines
      .filter(({ key }) => /^(x-|auto-)/.test(key))
      .map(({ line }) => line)
    t.same(
      lines.sort(),
      [
        'Auto-Submitted: auto-generated',
        `X-Kind: ${named}`,
        'X-Kind: auth',
        `X-Team: a ${named} b`,
      ].sort(),
    )
  }
})

t.test('what a person wrote of themselves stays text', async (t) => {
  await sql`
    insert into auth_private.templates (kind, subject, html)
    values ('recovery', 'Hello {{ .Data.name }}', '<p>Hello {{ .Data.name }}</p>')
  `
  const name = '<img src=x onerror="alert(1)">\r\nBcc: eve@example.com'
  await office.queue('hostile@example.com', 'recovery', { Data: { name } })
  const mail = await office.next('hostile@example.com')

  t.equal(mail.subject, 'Hello <img src=x onerror="alert(1)"> Bcc: eve@example.com')
  t.equal(mail.headers.get('bcc'), undefined)
  t.match(mail.html, '<p>Hello &lt;img src=x onerror=&#34;alert(1)&#34;&gt;')
  t.match(mail.text, 'Hello <img src=x onerror="alert(1)">')
})

t.test('an address with a comma is one address', async (t) => {
  await office.queue('"a, eve@example.com, b"@example.com')
  await office.settled('"a, eve@example.com, b"@example.com', 1)
  t.notOk(office.received.some((one) => one.to === 'eve@example.com'))
})

t.test('takes the template of the language, then that of any, then the built-in', async (t) => {
  await sql`
    insert into auth_private.templates (kind, locale, subject, html, text) values
      ('magic_link', 'de', 'Anmelden', '<a href="{{ .ConfirmationURL }}">Anmelden</a>', null),
      ('magic_link', 'de-CH', 'Aamälde', '<p>{{ .Token }}</p>', 'Code: {{ .Token }}'),
      ('magic_link', '', 'Come in', '<p>{{ .Token }}</p>', null)
  `
  const cases = {
    de: ['Anmelden', `Anmelden\n${variables.ConfirmationURL}`],
    'de-AT': ['Anmelden', `Anmelden\n${variables.ConfirmationURL}`],
    'de-CH': ['Aamälde', 'Code: 048213'],
    fr: ['Come in', '048213'],
    '': ['Come in', '048213'],
  }
  for (const [locale, expected] of Object.entries(cases)) {
    await office.queue(`locale${locale}@example.com`, 'magic_link', { locale })
    const mail = await office.next(`locale${locale}@example.com`)
    t.same([mail.subject, mail.text?.trim()], expected, locale)
  }
})

t.test('a broken template is told of and the built-in is sent', async (t) => {
  await sql`
    insert into auth_private.templates (kind, subject, html)
    values ('invite', 'Hello', '<p>{{ if .Data.name }}Hello</p>')
  `
  await office.queue('broken@example.com', 'invite')
  t.equal((await office.next('broken@example.com')).subject, "You've been invited")
  t.ok(office.logged.some((line) => /template is broken.*/.test(line)))
  t.match(office.logged.join(''), /{{ if }} without {{ end }}/)
})

t.test('a decoy vanishes unsent', async (t) => {
  await sql`insert into auth_private.outbox (kind, recipient) values ('decoy', 'nobody@example.com')`
  t.equal(await office.settled('nobody@example.com', 1), undefined)
  t.notOk(office.received.some((one) => one.to === 'nobody@example.com'))
})

t.test('a crowd of decoys holds no mail up', async (t) => {
  await sql`
    insert into auth_private.outbox (kind, recipient)
    select 'decoy', 'nobody' || i || '@example.com' from generate_series(1, 500) i
  `
  await office.queue('behind@example.com')
  t.ok(await office.next('behind@example.com'))
})

t.test('the log tells of mails without addresses, links or codes', async (t) => {
  const log = office.logged.join('')
  t.match(log, /"kind":"confirmation","attempt":1.*"msg":"mail sent"/)
  t.notMatch(log, /048213|9f2c41d5|https:|@example\.com/)
})
