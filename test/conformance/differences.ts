// Where pgtrue does something else than GoTrue on purpose: by the id of the rule, what it does and
// why. docs/differences.md is made from this.
//
// Exports: differences.

type Difference = { here: string; why: string }

const unsafe = 'GoTrue opens a session to somebody who has proven nothing.'
const telling = 'It tells who has an account.'

// prettier-ignore
export const differences: Record<string, Difference> = {
  'error.panic': { here: 'There is one body for every failure inside, that of "Unexpected failure".', why: 'A crash and another failure are one to a client.' },
  'error.application_2024': { here: 'The message of the newer form is the application\'s own; hint and detail are left to the older form.', why: 'An application refuses a user in order to be read.' },
  'error.uncoded': { here: 'The header x-sb-error-code has the code of such an error, too.', why: 'A client that reads the header need not look into the body.' },
  'body.unreadable': { here: 'The reason does not quote the body, and is not word for word that of Go\'s decoder.', why: 'A body holds passwords.' },
  'pkce.method': { here: 'It is 400 validation_failed "code_challenge_method has to be s256 or plain".', why: 'It is the client\'s fault, which it can mend.' },
  'ip.forwarded': { here: 'Only what a proxy of security_trusted_proxies says counts, read from the right.', why: 'Anybody can send such a header.' },
  'jwt.owner_unchecked': { here: 'The session has to be one of the token\'s own user.', why: 'A session is no one else\'s proof.' },
  'jwt.algorithm': { here: 'GOTRUE_JWT_SECRET counts as a key beside GOTRUE_JWT_KEYS, so HS256 goes on being believed, until the secret is revoked or GOTRUE_JWT_VALID_METHODS leaves it out. And a key is good for its own algorithm only.', why: 'Adding a key is to end no session and no API key; a key that is used in two ways is weaker than either (RFC 8725).' },
  'admin.default_roles': { here: 'The default is service_role alone.', why: 'An admin role is a database role, which has to exist.' },
  'shape.order': { here: 'Keys come in the order of jsonb. Those of error bodies and of a link\'s fragment are GoTrue\'s.', why: 'Objects of JSON have no order (RFC 8259), and what SQL returns is jsonb.' },
  'signup.exists_either': { here: 'Only the autoconfirm of that kind of address counts: mailer_autoconfirm for e-mail, sms_autoconfirm for phone.', why: telling },
  'signup.again_unconfirmed': { here: 'The same, but after a second sign-up with another password the mail leaves no password: it has to be set anew.', why: 'Else somebody could sign up with an address, and wait for its owner to confirm the password.' },
  'signup.again_autoconfirm': { here: 'Only with the right password; otherwise user_already_exists.', why: unsafe },
  'signup.again_confirmed': { here: 'The same, and a second sign-up within the interval is a 429 as for a new address.', why: telling },
  'signup.trigger': { here: 'What the trigger raises is shown, as for every other request.', why: 'An application refuses a user in order to be read.' },
  'signup.confirmed_at': { here: 'confirmed_at is there.', why: 'A slip in GoTrue.' },
  'anonymous.failure': { here: 'What a hook or the application says is shown.', why: 'An application refuses a user in order to be read.' },
  'recover.interval': { here: 'The wait is the same for an address without an account.', why: telling },
  'resend.interval': { here: 'The wait is the same where there is nothing to send.', why: telling },
  'interval.mail': { here: 'The wait is counted by address and purpose, and not in the user\'s row.', why: 'So that it can be the same for addresses without an account.' },
  'put_user.nonce_spent': { here: 'A nonce is spent only if the password changes.', why: 'Who mistypes need not ask for another code.' },
  'link.pkce_type': { here: 'The link works, as signup or magiclink.', why: 'A crash in GoTrue.' },
  'change.autoconfirm': { here: 'Both confirmations are wanted all the same.', why: 'That newcomers are confirmed without a mail says nothing about who may move an account.' },
  'effect.invite': { here: 'The invited user gets no password, instead of one that nobody knows.', why: 'Nobody can sign in by either.' },
  'generate.redirect': { here: 'Where the body\'s is not allowed the site URL is taken; the query\'s counts only without one in the body.', why: 'The rule that every other route has.' },
  'generate.new_hash': { here: 'It is the hash of the link.', why: 'A slip in GoTrue.' },
  'v1.issued': { here: 'New tokens are always of the newer kind (v2); older ones that come with data are taken, and replaced. So sb-auth-refresh-token-prefix is never sent.', why: 'Nothing is stored for a token, a refresh is one update, and a lost answer can be asked for again.' },
  'v1.reused': { here: 'The session is deleted.', why: 'Its access token is as stolen as its refresh token.' },
  'ott.hash': { here: 'It is 32 random bytes in hex, and kept as its SHA-256; the code is kept as an HMAC.', why: 'GoTrue\'s follows from the address and six digits, so whoever reads the database, or guesses, has the link.' },
  'ott.codes_stay': { here: 'Codes are void with the links.', why: 'What is proven needs no second proof that lies about.' },
  'ott.attempts': { here: 'After mailer_otp_max_attempts wrong guesses a code is dead; its link stays good.', why: 'Six digits are soon tried through.' },
  'password.imported': { here: 'bcrypt only.', why: 'It is what Postgres itself can verify.' },
  'password.bcrypt': { here: 'The cost is a setting, 10 by default and at least.', why: 'Machines get faster.' },
  'limit.refused': { here: 'A Retry-After is added.', why: 'It costs nothing to be polite.' },
  'mail.failure': { here: 'The mail is queued in the transaction and sent by the worker, again and again.', why: 'Mail trouble fails no sign-up.' },
  'mail.no_smtp': { here: 'The mail waits until there is a server.', why: 'Nobody means to lose it.' },
  'mail.external_host': { here: 'Links lead to api_external_url, whatever a request says.', why: 'A header that anybody can send must not decide where a token goes.' },
  'mail.validation': { here: 'There is no such validation.', why: 'A mail server knows better, and lists of fake addresses grow old.' },
  'sms.failed': { here: 'The SMS is queued in the transaction and sent by the worker, until its code expires.', why: 'As for mail.' },
  'cors.apikey': { here: 'apikey is allowed, and with it what PostgREST\'s clients send; PostgREST\'s answers are exposed.', why: 'There is no other gateway that would have to add it.' },
  'quirk.session_without_password': { here: 'Only with the right password.', why: unsafe },
  'quirk.other_channel': { here: 'No session; the answer is that for a stranger.', why: unsafe },
  'quirk.obfuscated_leak': { here: 'The made-up user is made of the request alone.', why: telling },
  'quirk.email_verified': { here: 'true is stored, too.', why: 'A slip in GoTrue.' },
  'quirk.pkce_code_twice': { here: 'Each code is good once.', why: 'One mailbox could stand in for two.' },
  'quirk.link_failure': { here: 'It is a 500 in JSON, and the link stays good.', why: 'An application that is led to without any news can not tell its user anything.' },
  'quirk.sessionless_panic': { here: 'It is refused as for any session that has not shown the factor.', why: 'A crash in GoTrue.' },
  'quirk.nonce_early': { here: 'It is spent only if the password changes.', why: 'Who mistypes need not ask for another code.' },
  'quirk.parallel_tokens': { here: 'All refreshes with one token get one and the same new token.', why: 'Two that are good at once hide a thief.' },
  'quirk.hook_aud': { here: 'aud is always text.', why: 'A slip in GoTrue.' },
  'quirk.upgrade_providers': { here: 'The providers are written at once.', why: 'A slip in GoTrue.' },
}
