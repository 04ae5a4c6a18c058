// What the tables of built-in providers are made of.
//
// Exports: Definition, Endpoint, and the words for e-mails and custom claims: one, many, all, some,
// rest.

import { type Answer, isTrue, textAt, valueAt } from './claims.ts'
import type { Email } from './types.ts'

/** A host, which may carry a path, and the path below it. The operator can replace the host. */
export type Endpoint = readonly [host: string, path: string]

/** How the answers of a site become a profile. */
export interface Reading {
  /** Prepares an answer for what follows, where a path can't say it. */
  read?: (answer: Answer) => Answer
  /** Paths in the answer, and the members of identity_data that each fills; if missing, all do. */
  claims?: Record<string, string>
  /** identity_data.custom_claims; nothing to leave it out. */
  custom?: (answer: Answer) => Answer | undefined
  /** The e-mails in the answer, and in the answer of `emails` where the site has that. */
  email: (answer: Answer, emails?: unknown) => Email[]
}

/** A built-in provider. What is not said here is as RFC 6749 or OpenID Connect has it. */
export interface Definition {
  /** Where to send people, and where to trade the code; discovered from the first issuer if not here. */
  authorize?: Endpoint
  token?: Endpoint
  /** How our secret goes to the token endpoint: in a header, or in the form. */
  secretIn: 'header' | 'form'
  scopes: string
  /** The client's scopes are added to these. */
  moreScopes: boolean
  pkce?: true
  /** Parameters of the authorization URL. */
  params?: Record<string, string>
  /** The client's parameters go no further. */
  forwardsNothing?: true
  /** Whose id_tokens are this site's. The first also has the discovery document. */
  issuers?: string[]
  /** The profile is in the id_token that comes with the access token: always, or mostly. */
  idToken?: 'always' | 'mostly'
  /** Where the profile is asked for; or the member of the token answer that it is. */
  profile?: Endpoint | string
  /** More headers and parameters of these requests. */
  headers?: (clientId: string) => Record<string, string>
  query?: (tokens: { accessToken: string; secret: string }) => Record<string, string>
  emails?: Endpoint
  /** identity_data.iss of a profile that was asked for. */
  iss?: Endpoint | string
  reading?: Reading
  /** The nonce of an id_token means nothing. */
  noNonce?: true
  /** OAuth 1.0a (RFC 5849). */
  oauth1?: { requestToken: Endpoint }
  /** The URL is no replacement but the site's own address, and needed. */
  needsUrl?: true
  /** No URL of the operator replaces its hosts. */
  keepsHost?: true
  /** Goes before the path on a host that the operator replaced. */
  ownHostPath?: string
}

type Verified = boolean | string | ((answer: Answer) => boolean)

/** The only e-mail, verified or not, always or by a member or by a rule. */
export const one =
  (path: string, verified: Verified) =>
  (answer: Answer): Email[] => [
    { email: textAt(answer, path), verified: isVerified(answer, verified), primary: true },
  ]

/** A list of e-mails that says of each whether it is verified, and which is the primary one. */
export const many =
  (names: { list?: string; verified: string; primary: string }) =>
  (_: Answer, emails: unknown): Email[] => {
    const list = names.list === undefined ? emails : valueAt(emails, names.list)
    return (Array.isArray(list) ? list : []).map((line: unknown) => ({
      email: textAt(line, 'email'),
      verified: valueAt(line, names.verified) === true,
      primary: valueAt(line, names.primary) === true,
    }))
  }

/** These custom claims, each with what stands for it if the site leaves it out. */
export const all =
  (missing: Answer) =>
  (answer: Answer): Answer =>
    Object.fromEntries(
      Object.entries(missing).map(([name, instead]) => [name, valueAt(answer, name) ?? instead]),
    )

/** Those of these custom claims that the site gives. */
export const some =
  (...names: string[]) =>
  (answer: Answer): Answer | undefined => {
    const given = names.filter((name) => (answer[name] ?? '') !== '')
    return given.length > 0
      ? Object.fromEntries(given.map((name) => [name, answer[name]]))
      : undefined
  }

/** All that the site gives, but these. */
export const rest =
  (...names: string[]) =>
  (answer: Answer): Answer =>
    Object.fromEntries(Object.entries(answer).filter(([name]) => !names.includes(name)))

function isVerified(answer: Answer, verified: Verified): boolean {
  if (typeof verified === 'boolean') {
    return verified
  }
  return typeof verified === 'string' ? isTrue(valueAt(answer, verified)) : verified(answer)
}
