// The surface of the database is the one that was reviewed.

import * as fs from 'node:fs'
import t from 'tap'
import { generate } from '../../docs/generate.ts'
import { openDatabase } from '../support/database.ts'

const file = 'test/schema/surface.txt'
const { sql } = await openDatabase(t)

t.test('functions, grants, tables and types are as in the reviewed picture', async (t) => {
  const reviewed = fs.readFileSync(file, 'utf8').split('\n')
  const present = (await generate(sql))[file]?.split('\n')
  t.same(present, reviewed, `if this is meant, run "npm run docs" and review the diff of ${file}`)
})
