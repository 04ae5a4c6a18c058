#!/usr/bin/env node
// `npx pgtrue …`: the program is TypeScript, which Node can't run inside node_modules by itself.

import { register } from 'tsx/esm/api'

register()
await import('../cli/main.ts')
