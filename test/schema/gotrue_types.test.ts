// What GoTrue's tables are made of beside columns is GoTrue's, too: enumerated types, generated
// columns, the sequence that a dump of its data sets.

import t from 'tap'
import { openDatabase } from '../support/database.ts'

const enums: Record<string, string[]> = {
  aal_level: ['aal1', 'aal2', 'aal3'],
  code_challenge_method: ['s256', 'plain'],
  factor_status: ['unverified', 'verified'],
  factor_type: ['totp', 'webauthn', 'phone'],
  oauth_authorization_status: ['pending', 'approved', 'denied', 'expired'],
  oauth_client_type: ['public', 'confidential'],
  oauth_registration_type: ['dynamic', 'manual'],
  oauth_response_type: ['code'],
  one_time_token_type: [
    'confirmation_token',
    'reauthentication_token',
    'recovery_token',
    'email_change_token_new',
    'email_change_token_current',
    'phone_change_token',
  ],
}

const { sql } = await openDatabase(t)

for (const [name, labels] of Object.entries(enums)) {
  t.test(`auth.${name} has GoTrue's values in GoTrue's order`, async (t) => {
    const [present] = await sql`
      select array_agg(enumlabel::text order by enumsortorder) as labels
      from pg_enum where enumtypid = ${`auth.${name}`}::regtype
    `
    t.same(present?.labels, labels)
  })
}

t.test('confirmed_at and the e-mail address of an identity are generated', async (t) => {
  const generated = await sql`
    select concat_ws(' ', d.adrelid::regclass, a.attname, a.attgenerated,
      pg_get_expr(d.adbin, d.adrelid)) as column
    from pg_attribute a
    join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    join pg_class c on c.oid = a.attrelid
    where c.relnamespace = 'auth'::regnamespace and a.attgenerated <> ''
    order by 1
  `
  t.same(
    generated.map(({ column }) => column),
    [
      "auth.identities email s lower((identity_data ->> 'email'::text))",
      'auth.users confirmed_at s LEAST(email_confirmed_at, phone_confirmed_at)',
    ],
  )
})

t.test('the sequence that a dump sets is there', async (t) => {
  t.same(await sql`select pg_get_serial_sequence('auth.refresh_tokens', 'id') as name`, [
    { name: 'auth.refresh_tokens_id_seq' },
  ])
})
