// Maps what Postgres reports to what a client may read: the one place where that is decided.
//
// Exports: refusalFrom, raisedError, isConnectionFailure.

import postgres from 'postgres'
import { oauthRefusal, type Refusal, refusals } from './refusal.ts'

const connectionFailures = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_ENDED',
  'CONNECTION_DESTROYED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  '53300', // too many connections
  '57P01', // the server is shutting down
  '57P02',
  '57P03', // the server is starting up
])

/** SQLSTATEs that an application's own triggers and constraints end in. */
const applicationRefusals = new Set([
  'P0001',
  '23000',
  '23001',
  '23502',
  '23503',
  '23505',
  '23514',
  '23P01',
])

/** Whether the database could not be reached or went away. */
export function isConnectionFailure(error: unknown): boolean {
  return error instanceof Error && 'code' in error && connectionFailures.has(String(error.code))
}

/** The error that SQL has caught, as if it had not. */
export function raisedError(raised: object): Error {
  return new (postgres.PostgresError as unknown as new (fields: object) => Error)(raised)
}

/**
 * Whether the same request may well succeed a moment later: class 53 is a lack of resources, as a
 * full disk, and class 40 a transaction that lost against another, as in a deadlock.
 */
function isPassing({ code }: postgres.PostgresError): boolean {
  return /^(53|40)/.test(code)
}

/**
 * The refusal behind an error.
 *
 * Our own refusals come as SQLSTATE PT<status> in schema auth, with the error code as detail. An
 * application's refusal keeps its own words. Everything else is a failure of which the client
 * learns nothing: DETAIL and CONTEXT can hold other people's data.
 */
export function refusalFrom(error: unknown): Refusal {
  if (isConnectionFailure(error)) {
    return refusals.unavailable()
  }
  if (!(error instanceof postgres.PostgresError)) {
    return refusals.unexpected()
  }
  if (isPassing(error)) {
    return refusals.unavailable()
  }
  if (error.code.startsWith('PT') && error.schema_name === 'auth') {
    return ownRefusal(error)
  }
  if (error.code.startsWith('PT') || applicationRefusals.has(error.code)) {
    return applicationRefusal(error)
  }

  switch (error.code) {
    case '57014':
      return refusals.timeout()
    // Not from an application's own columns: those errors name another type.
    case '22P02':
      return error.message.startsWith('invalid input syntax for type json')
        ? refusals.notJson('a text holds half of a surrogate pair')
        : refusals.unexpected()
    case '22P05':
      return refusals.notJson('a text may not hold the character U+0000')
    case '22021':
      return refusals.notJson('a text is not valid UTF-8')
    case '42501':
      return refusals.notAllowed()
    default:
      return refusals.unexpected()
  }
}

/** Codes that are errors of OAuth, which clients of OAuth read in its own form. */
const oauthErrors = new Set(['invalid_client'])

function ownRefusal(error: postgres.PostgresError): Refusal {
  if (oauthErrors.has(error.detail ?? '')) {
    return oauthRefusal(error.detail ?? '', error.message)
  }
  return {
    status: Number(error.code.slice(2)),
    code: error.detail ?? 'unexpected_failure',
    message: error.message,
    ...(error.detail === 'weak_password' && { reasons: error.hint?.split(',') ?? [] }),
  }
}

function applicationRefusal(error: postgres.PostgresError): Refusal {
  // Only what was raised on purpose has a detail that is meant for the client.
  const raised = error.code === 'P0001' || error.code.startsWith('PT')
  const status = error.code.startsWith('PT') ? Number(error.code.slice(2)) : 500
  return {
    status: status >= 200 && status <= 599 ? status : 500,
    code: status === 500 ? 'unexpected_failure' : 'unknown',
    message: error.message,
    postgres: {
      code: error.code,
      message: error.message,
      ...(error.hint && { hint: error.hint }),
      ...(raised && error.detail && { detail: error.detail }),
    },
  }
}
