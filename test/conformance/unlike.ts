// Cases that end otherwise at the real GoTrue, though pgtrue does not differ from it on purpose: by
// their names, each with the reason.
//
// Exports: unlike.

const sms = 'It sends an SMS, and only Twilio itself would do there.'
const signUp =
  'What fails at a sign-up is Database error saving new user there: see signup.trigger.'
const twice = 'Asked once more, in the newer API version, what it asks with is spent.'
const sites = 'It asks the real site, which pgtrue is told another address of.'

// prettier-ignore
export const unlike: Record<string, string> = {
  'a broken constraint of the application is the body': signUp,
  'an old session needs a nonce for a new password': twice,
  'a number loses its plus and spaces': sms,
  'a new number gets an SMS, and the log says so': sms,
  'an anonymous user becomes permanent by phone': sms,
  'the code of a change of number is sent again': sms,
  'a new number is pending until its code is typed': sms,
  'SQLSTATE PT418 is a 418, of unknown code': 'What fails at a sign-up has the code unexpected_failure there: see signup.trigger.',
  'any other failure tells nothing but that it happened': signUp,
  'a token of a key that nobody knows is refused, and of HS256 tried with the secret': 'It is served without GOTRUE_JWT_KEYS.',
  'a session of an admin has to live': 'A session that is gone is session_not_found in v2.196; the contract that pgtrue keeps says session_expired.',
  'GET /settings has every provider that clients know': 'saml_private_key_next_configured is true there without such a key.',
  'an invited user who signs up is shown nothing of the invitation': 'Invitation and sign-up share one wait there: see interval.mail.',
  'an older token without a session is refused': twice,
  'with autoconfirm an unknown address is signed up and gets a magic link': 'The session of the sign-up, which nobody gets, stays there.',
  'an address that was taken meanwhile is a failure': 'The constraint is told there, and with it the address.',
  'subjects, paths and durations can be set': 'A wait of 0 s is the default there.',
  'further headers are allowed by setting': 'A list is split at its commas there, and the blank before a name stays.',
  'a token that is good is good': sites,
  'the verifier is posted secret, response and client, and its codes are told': sites,
  'a leaked password signs in, and is told so': sites,
  'a leaked password is weak': sites,
}
