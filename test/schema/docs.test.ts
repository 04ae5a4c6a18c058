// The reference pages say what the database and the gateway do.

import * as fs from 'node:fs'
import t from 'tap'
import { generate } from '../../docs/generate.ts'
import { openDatabase } from '../support/database.ts'

const { sql } = await openDatabase(t)
const pages = await generate(sql)

for (const [path, text] of Object.entries(pages).filter(([path]) => path.endsWith('.md'))) {
  t.test(`${path} is current`, async (t) => {
    t.ok(text.split('\n').length > 15, 'it has something to say')
    const written = fs.existsSync(path) ? fs.readFileSync(path, 'utf8') : ''
    t.same(written.split('\n'), text.split('\n'), 'run "npm run docs"')
  })
}
