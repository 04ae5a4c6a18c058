// docs/endpoints.md: the HTTP API, from the gateway's table of routes.
//
// Exports: endpointsPage.

import { type Route, routes } from '../gateway/routes.ts'
import { code, page, table } from './markdown.ts'

const askers: Record<Route['auth'], string> = {
  none: 'anyone',
  user: 'a signed-in user',
  admin: 'an admin',
}

/** The page. */
export function endpointsPage(): string {
  return page('Endpoints', [
    'Each is served at its path and below `/auth/v1`. The body is a JSON object whose members ' +
      "are the function's arguments, except those named here as coming from the query " +
      'and those in the path, as `:user_id`. A signed-in user shows an access token: ' +
      '`Authorization: Bearer …`. An admin shows a token whose role is one of the setting ' +
      '`jwt_admin_roles`, as the `service_role` key. Limits and captchas are told in [limits.md](limits.md).',
    table(
      ['Method', 'Path', 'Function', 'Who', 'From the query', 'Limit', 'Captcha'],
      routes.map((route) => [
        route.method,
        code(route.grant ? `${route.path}?grant_type=${route.grant}` : route.path),
        `[auth.${route.routine}](functions.md#auth${route.routine})`,
        askers[route.auth],
        [...(route.query ?? []), ...(route.queryElse ?? [])].map(code).join(', '),
        route.bucket ? code(route.bucket) : '',
        route.captcha ? 'if on' : '',
      ]),
    ),
  ])
}
