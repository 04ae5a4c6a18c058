// Rules and error codes without a case, each with the reason.
//
// Exports: missing.

const otherwise = 'not so here, see differences.ts: there is nothing to ask'
const atUrls = 'hooks at a URL are called by the worker and have tests of their own in test/hook'
const atStart = 'read by the worker as it starts; test/worker/smtp.test.ts has it'

export const missing: Record<string, string> = {
  'error.panic': otherwise,
  'shape.order': otherwise,
  'anonymous.failure': 'a hook that refuses has its case under anonymous.hooks; see differences.ts',
  'safe.takeover': 'part of linking identities; test/security/s21_takeover.test.ts has it',
  'safe.cleanup': 'the worker does it: test/cleanup/clean_up.test.ts',
  'hook.http': atUrls,
  'hook.http_replies': atUrls,
  'hook.http_retry': atUrls,
  'mail.headers': atStart,
  'mail.no_smtp': otherwise,
  'mail.validation': otherwise,
  'mail.external_host': otherwise,
  'sms.failed': otherwise,
  'email_address_invalid 400': 'comes from the extended validation, which is not offered',
  'hook_payload_invalid_content_type 400': atUrls,
  'hook_payload_over_size_limit 422': atUrls,
  'hook_timeout 422': atUrls,
  'hook_timeout_after_retry 422': atUrls,
  'sms_send_failed 422': otherwise,
}
