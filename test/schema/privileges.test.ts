// Who may do what in the schemas: as the grants beside the functions say, and nothing else.

import t from 'tap'
import { readRoutines } from '../../docs/functions.ts'
import { readSources } from '../../docs/sources.ts'
import { openDatabase } from '../support/database.ts'
import { withoutWords } from './code.ts'
import { expectNone } from './exceptions.ts'

const apiRoles = ['anon', 'authenticated', 'service_role']
const roles = [...apiRoles, 'authenticator', 'auth_worker']

const { sql } = await openDatabase(t)
const schemas = sql`('auth'::regnamespace, 'auth_private'::regnamespace)`

t.test('the grants in the files of sql/ are the grants in the database', async (t) => {
  const inFiles = readSources().flatMap(({ path, text }) =>
    [...withoutWords(text).matchAll(/\b(?:grant|revoke)\s[^;]*/g)].flatMap(([statement]) => {
      const said = /^grant execute on function ([\w.]+)\s+to ([\w\s,]+)$/.exec(statement)
      if (!said) return [`sql/${path} has another statement: ${statement}`]
      const [, name, grantees = ''] = said
      return grantees.split(/,\s*/).map((grantee) => `${name} for ${grantee.trim()}`)
    }),
  )
  const inDatabase = (await readRoutines(sql)).flatMap(({ schema, name, grantees }) =>
    grantees.map((grantee) => `${schema}.${name} for ${grantee}`),
  )
  t.ok(inDatabase.length > 30, 'there are grants')
  const unwritten = inDatabase.filter((grant) => !inFiles.includes(grant))
  expectNone(t, unwritten, 'no file of sql/ grants it: revoke it, or write it below the function')
  const missing = inFiles.filter((grant) => !inDatabase.includes(grant))
  expectNone(t, missing, 'the database does not have this grant')
})

t.test('nobody may hand a right on', async (t) => {
  const grants = await sql<{ name: string }[]>`
    select p.oid::regprocedure || ' by ' || a.grantee::regrole as name
    from pg_proc p, aclexplode(p.proacl) a
    where p.pronamespace in ${schemas} and a.is_grantable and a.grantee <> p.proowner
  `
  expectNone(t, names(grants), 'grant it without grant option')
})

t.test('nobody but the owner has a right on a table, a sequence or a view', async (t) => {
  const acls = await sql<{ name: string }[]>`
    with acl as (
      select c.oid, c.relowner, a.*
      from pg_class c, aclexplode(c.relacl) a
      where c.relnamespace in ${schemas}
      union all
      select c.oid, c.relowner, a.*
      from pg_class c
      join pg_attribute t on t.attrelid = c.oid, aclexplode(t.attacl) a
      where c.relnamespace in ${schemas}
    )
    select format('%s on %s for %s', privilege_type, oid::regclass, grantee::regrole) as name
    from acl
    where grantee <> relowner
  `
  expectNone(t, names(acls), 'revoke it: functions are the only door')

  // What comes by membership in another role is in no list of grants.
  const rights = await sql<{ name: string }[]>`
    select format('%s: %s', role, c.oid::regclass) as name
    from pg_class c, unnest(${roles}::text[]) role
    where c.relnamespace in ${schemas} and case
      when c.relkind = 'S' then has_sequence_privilege(role, c.oid, 'usage, select, update')
      when c.relkind in ('r', 'p', 'v', 'm', 'f') then has_table_privilege(role, c.oid,
        'select, insert, update, delete, truncate, references, trigger')
        or has_any_column_privilege(role, c.oid, 'select, insert, update, references')
    end
  `
  expectNone(t, names(rights), 'find out through which role, and revoke that')
})

t.test('auth_private is closed to API roles, and nobody can create in the schemas', async (t) => {
  const rights = await sql<{ name: string }[]>`
    select format('%s: create in %s', role, n.nspname) as name
    from unnest(${roles}::text[]) role, pg_namespace n
    where n.oid in ${schemas} and has_schema_privilege(role, n.oid, 'create')
    union all
    select format('%s: usage of auth_private', role)
    from unnest(${apiRoles}::text[]) role
    where has_schema_privilege(role, 'auth_private', 'usage')
    union all
    select format('public: %s of %s', a.privilege_type, n.nspname)
    from pg_namespace n, aclexplode(n.nspacl) a
    where n.oid in ${schemas} and a.grantee = 0
  `
  expectNone(t, names(rights), 'revoke it')
})

t.test('the logins own nothing and are no more than they must be', async (t) => {
  const logins = await sql`
    select r.rolname as name, r.rolsuper as super, r.rolbypassrls as bypasses,
      r.rolinherit as inherits, r.rolcreaterole or r.rolcreatedb or r.rolreplication as creates,
      array(
        select m.roleid::regrole::text from pg_auth_members m where m.member = r.oid order by 1
      ) as member_of,
      array(
        select pg_describe_object(d.classid, d.objid, d.objsubid)
        from pg_shdepend d
        join pg_database here on here.oid = d.dbid and here.datname = current_database()
        where d.refclassid = 'pg_authid'::regclass and d.refobjid = r.oid and d.deptype = 'o'
      ) as owns
    from pg_roles r
    where r.rolname in ('authenticator', 'auth_worker')
    order by r.rolname collate "C"
  `
  const login = { super: false, bypasses: false, inherits: false, creates: false, owns: [] }
  t.same(logins, [
    { ...login, name: 'auth_worker', member_of: [] },
    { ...login, name: 'authenticator', member_of: apiRoles },
  ])
})

t.test('no role that requests run as can become the owner', async (t) => {
  const members = await sql<{ name: string }[]>`
    select role as name from unnest(${roles}::text[]) role
    where pg_has_role(role, 'auth_owner', 'member')
  `
  expectNone(t, names(members), 'revoke auth_owner from it')
})

function names(rows: readonly { name: string }[]): string[] {
  return rows.map(({ name }) => name)
}
