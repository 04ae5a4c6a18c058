// POST and PUT /admin/custom-providers: what is said is checked by SQL, where it leads by the gateway,
// and then it is stored by SQL, which checks it again.
//
// Exports: createCustomProviders.

import type { Ask } from './ask.ts'
import type { Handler } from './federation.ts'
import type { CustomAddresses, Providers } from './provider/types.ts'
import { sqlResponse } from './respond.ts'

export function createCustomProviders(ask: Ask, providers: Providers): Handler {
  return async ({ routine, params }, request, args, claims) => {
    const asking = { claims, required: 'admin' as const, params }
    // These are for us to say.
    const said = { ...args, discovery_document: null, only_check: false }

    const checked = await ask(routine, { ...said, only_check: true }, request, asking)
    const row = JSON.parse(checked.body ?? '{}') as CustomAddresses & { taken?: boolean }
    const document = await providers.vetCustom(row, row.taken)
    const stored = { ...said, ...(document && { discovery_document: document }) }
    return sqlResponse(await ask(routine, stored, request, asking), request)
  }
}
