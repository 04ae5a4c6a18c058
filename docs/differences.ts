// docs/differences.md: where pgtrue does something else than GoTrue on purpose, from the table that
// the conformance test has.
//
// Exports: differencesPage.

import { differences } from '../test/conformance/differences.ts'
import { rules } from '../test/conformance/rules.ts'
import { page, table } from './markdown.ts'

/** The page. */
export function differencesPage(): string {
  return page('Differences from GoTrue', [
    'pgtrue speaks the HTTP API of GoTrue, so its clients work unchanged. What it does otherwise ' +
      'it does on purpose: to be safer where no client minds, or because mail and SMS are sent ' +
      'by a worker. Everything else is as in GoTrue, and each rule has a case in ' +
      '[test/conformance](../test/conformance/rules.ts). Differences of signing in with other ' +
      'sites are [told there](providers.md#differences-from-gotrue).',
    'Some of GoTrue\u2019s answers tell who has an account, and clients depend on them: ' +
      '`create_user: false` of `/otp`, `user_already_exists` with autoconfirm, `email_exists` and ' +
      '`phone_exists` of `PUT /user`. The setting `security_reveal_accounts` (`true` by default) ' +
      'turns off those of `PUT /user`: then a taken address is answered like a free one.',
    table(
      ['GoTrue', 'pgtrue', 'Why'],
      Object.entries(differences).map(([id, { here, why }]) => [rules[id] ?? id, here, why]),
    ),
  ])
}
