// What `npm start` shows in a browser: a page that says it is running, and the example application.
//
// Exports `readPages`, `examplePath` and `createExampleTable`.

import * as fs from 'node:fs'
import { createRequire } from 'node:module'
import type { Sql } from 'postgres'
import type { Page } from '../gateway/app.ts'
import type { Status } from './status.ts'

/** Where the example application is. */
export const examplePath = '/examples/notes/'
const example = new URL('../examples/notes/', import.meta.url)

/** The pages by their paths. */
export function readPages(status: Status): Record<string, Page> {
  const config = {
    url: status.API_URL,
    anonKey: status.ANON_KEY,
    inboxUrl: status.INBOX_URL,
  }
  return {
    '/': html(new URL('landing.html', import.meta.url)),
    [examplePath]: html(new URL('index.html', example)),
    [`${examplePath}style.css`]: { type: 'text/css; charset=utf-8', text: read('style.css') },
    [`${examplePath}app.js`]: script(read('app.js')),
    [`${examplePath}config.js`]: script(`export const config = ${JSON.stringify(config)}\n`),
    [`${examplePath}supabase.js`]: script(fs.readFileSync(supabaseFile(), 'utf8')),
  }
}

/** Makes the example's table, unless there is a table of that name. */
export async function createExampleTable(sql: Sql): Promise<void> {
  await sql.unsafe(read('schema.sql'))
}

function read(name: string): string {
  return fs.readFileSync(new URL(name, example), 'utf8')
}

function html(file: URL): Page {
  return { type: 'text/html; charset=utf-8', text: fs.readFileSync(file, 'utf8') }
}

function script(text: string): Page {
  return { type: 'text/javascript; charset=utf-8', text }
}

/** supabase-js as one file, which its package brings for pages without a build step. */
function supabaseFile(): string {
  return createRequire(import.meta.url).resolve('@supabase/supabase-js/dist/umd/supabase.js')
}
