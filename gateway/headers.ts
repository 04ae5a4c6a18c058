// What every answer tells a browser to be careful about (OWASP Secure Headers).
//
// Exports: beCareful, pagePolicy.

import { createHash } from 'node:crypto'

/** For answers that are no pages: should a browser ever show one, it may do nothing. */
const nothing = "default-src 'none'; frame-ancestors 'none'"

/**
 * Adds what an answer does not say itself. Answers of this API hold tokens and people's data, so
 * nobody keeps them; those of /rest/v1 are the application's, which says so itself.
 *
 * HSTS is not here: whoever ends TLS in front of the gateway says it.
 */
export function beCareful(headers: Headers, pathname: string): void {
  const careful: Record<string, string> = {
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy': nothing,
    'x-frame-options': 'DENY',
    ...(!pathname.startsWith('/rest/v1/') && { 'cache-control': 'no-store' }),
  }
  for (const [name, value] of Object.entries(careful)) {
    if (!headers.has(name)) {
      headers.set(name, value)
    }
  }
}

/** The policy for a page of ours: scripts and styles of its own and from here, and nothing else. */
export function pagePolicy(html: string): string {
  const sources = (tag: string) =>
    [...html.matchAll(new RegExp(`<${tag}>([^]*?)</${tag}>`, 'g'))]
      .map(([, text = '']) => ` 'sha256-${createHash('sha256').update(text).digest('base64')}'`)
      .join('')
  return [
    "default-src 'none'",
    `script-src 'self'${sources('script')}`,
    `style-src 'self'${sources('style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
