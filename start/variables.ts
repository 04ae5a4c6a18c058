// GoTrue's variables that are no settings of the database: those that a program here reads for
// itself, and those that are deliberately not honoured, each with its reason.
//
// Exports `programs`, `ignored`, `expand` and `closest`. Every other variable of GoTrue is the
// setting of its name, by rule. Names are without GOTRUE_, and A_{B,C} stands for A_B and A_C.

/** Who reads a variable that is none of the database's. */
export const programs: Record<string, string> = {
  JWT_SECRET: 'the migration, which keeps it in the database',
  JWT_KEY_ID: 'the migration, as the kid of GOTRUE_JWT_SECRET',
  JWT_KEYS:
    'the migration, which keeps the public keys in the database, and the gateway, which signs: [keys.md](keys.md)',
  'API_{HOST,PORT}': 'the gateway',
  PORT: 'the gateway',
  DB_MAX_POOL_SIZE: 'the gateway',
  LOG_LEVEL: 'every program',
  'SMTP_{HOST,PORT,USER,PASS,ADMIN_EMAIL,SENDER_NAME,HEADERS}': 'the worker',
  'SMS_TWILIO_{ACCOUNT_SID,AUTH_TOKEN,MESSAGE_SERVICE_SID,CONTENT_SID}': 'the worker',
  'SMS_MESSAGEBIRD_{ACCESS_KEY,ORIGINATOR}': 'the worker',
  'SMS_VONAGE_{API_KEY,API_SECRET,FROM}': 'the worker',
  'SMS_TEXTLOCAL_{API_KEY,SENDER}': 'the worker',
}

/** Why some variables change nothing: a reason for each group. Where one is built, it goes from here. */
export const ignored: { variables: string[]; reason: string }[] = [
  {
    variables: [
      'EXTERNAL_{APPLE,AZURE,BITBUCKET,DISCORD,FACEBOOK,FIGMA,FLY,GITHUB,GITLAB,GOOGLE,KAKAO,KEYCLOAK,LINKEDIN,LINKEDIN_OIDC,NOTION,SLACK,SLACK_OIDC,SNAPCHAT,SPOTIFY,TWITCH,TWITTER,VERCEL_MARKETPLACE,WORKOS,X,ZOOM}_API_URL',
    ],
    reason: 'GoTrue reads it and never uses it.',
  },
  {
    variables: [
      'EXTERNAL_WEB3_{SOLANA,ETHEREUM}_{ENABLED,MAXIMUM_VALIDITY_DURATION}',
      'RATE_LIMIT_WEB3',
    ],
    reason: 'Not built: signing in with a wallet.',
  },
  {
    variables: [
      'MFA_{CHALLENGE_EXPIRY_DURATION,FACTOR_EXPIRY_DURATION,RATE_LIMIT_CHALLENGE_AND_VERIFY,MAX_ENROLLED_FACTORS,MAX_VERIFIED_FACTORS}',
      'MFA_{TOTP,PHONE,WEB_AUTHN}_{ENROLL_ENABLED,VERIFY_ENABLED}',
      'MFA_PHONE_{OTP_LENGTH,TEMPLATE,MAX_FREQUENCY}',
    ],
    reason: 'Not built yet: second factors.',
  },
  {
    variables: [
      'WEBAUTHN_{RP_ID,RP_DISPLAY_NAME,RP_ORIGINS,CHALLENGE_EXPIRY_DURATION}',
      'PASSKEY_{ENABLED,MAX_PASSKEYS_PER_USER}',
      'RATE_LIMIT_PASSKEY',
    ],
    reason: 'Not built: passkeys.',
  },
  {
    variables: [
      'SAML_{ENABLED,PRIVATE_KEY,PRIVATE_KEY_NEXT,ALLOW_ENCRYPTED_ASSERTIONS,RELAY_STATE_VALIDITY_PERIOD,EXTERNAL_URL,RATE_LIMIT_ASSERTION}',
      'RATE_LIMIT_SSO',
      'EXPERIMENTAL_SCIM_ENABLED',
    ],
    reason: 'Not built: SAML and SCIM.',
  },
  {
    variables: [
      'OAUTH_SERVER_{ENABLED,ALLOW_DYNAMIC_REGISTRATION,AUTHORIZATION_PATH,AUTHORIZATION_TTL,DEFAULT_SCOPE}',
      'RATE_LIMIT_O_AUTH_DYNAMIC_CLIENT_REGISTER',
    ],
    reason: 'Not built: being an OAuth server for other applications.',
  },
  {
    variables: [
      'EXPERIMENTAL_{CURSOR_PAGINATION_ENABLED,CREATE_EMAIL_IDENTITY_ON_PASSWORD_SET_ENABLED}',
    ],
    reason: 'Not built: an experiment of GoTrue.',
  },
  {
    variables: [
      'DB_{DRIVER,DATABASE_URL,DB_NAMESPACE,MIGRATIONS_PATH}',
      'DB_{MAX_IDLE_POOL_SIZE,CONN_PERCENTAGE,CONN_MAX_LIFETIME,CONN_MAX_IDLE_TIME,HEALTH_CHECK_PERIOD}',
      'DB_ADVISOR_{ENABLED,SAMPLING_INTERVAL,OBSERVATION_INTERVAL}',
    ],
    reason:
      'Each program has a login of its own, in DATABASE_URL, and sizes its own pool; the database is Postgres and the schema auth.',
  },
  {
    variables: ['INDEX_WORKER_{ENSURE_USER_SEARCH_INDEXES_EXIST,MAX_USERS_THRESHOLD}'],
    reason: 'Indexes are made by the migration.',
  },
  {
    variables: [
      'HOOK_{BEFORE_USER_CREATED,AFTER_USER_CREATED,CUSTOM_ACCESS_TOKEN,PASSWORD_VERIFICATION_ATTEMPT,MFA_VERIFICATION_ATTEMPT}_SECRETS',
    ],
    reason: 'These hooks are functions of the database, which no secret has to sign for.',
  },
  {
    variables: ['SECURITY_REFRESH_TOKEN_{ALGORITHM_VERSION,UPGRADE_PERCENTAGE}'],
    reason: 'The algorithm is always the newer one, 2; refresh tokens of 0 and 1 are accepted.',
  },
  {
    variables: [
      'SECURITY_DB_ENCRYPTION_{ENCRYPT,ENCRYPTION_KEY_ID,ENCRYPTION_KEY,DECRYPTION_KEYS}',
    ],
    reason:
      'Passwords are bcrypt hashes and tokens are not stored; a key that SQL could read would protect nothing more. Encrypt the disk.',
  },
  {
    variables: ['PASSWORD_HIBP_BLOOM_{ENABLED,ITEMS,FALSE_POSITIVES}'],
    reason: 'Each new password is looked up; a cache would save one request in the life of each.',
  },
  {
    variables: ['MAILER_EXTERNAL_HOSTS'],
    reason:
      'Links lead to api_external_url only: a header that a client sends must not choose where a reset link leads.',
  },
  {
    variables: ['MAILER_EMAIL_VALIDATION_{SERVICE_URL,SERVICE_HEADERS,BLOCKED_MX}'],
    reason:
      'A transaction does not wait for the DNS or another site; an address is proven by the mail that reaches it. Decide about addresses in the hook before_user_created.',
  },
  {
    variables: ['MAILER_EMAIL_BACKGROUND_SENDING'],
    reason: 'Always so: mail is queued in the transaction and sent by the worker.',
  },
  {
    variables: ['MAILER_TEMPLATE_{RELOADING_ENABLED,RELOADING_MAX_IDLE}'],
    reason: 'A template older than mailer_template_max_age is fetched again when it is next used.',
  },
  {
    variables: [
      'MAILER_URLPATHS_{MAGIC_LINK,REAUTHENTICATION}',
      'MAILER_URLPATHS_{PASSWORD_CHANGED,EMAIL_CHANGED,PHONE_CHANGED,IDENTITY_LINKED,IDENTITY_UNLINKED,MFA_FACTOR_ENROLLED,MFA_FACTOR_UNENROLLED}_NOTIFICATION',
    ],
    reason: 'GoTrue reads these and does not use them: links to sign in have the path of recovery.',
  },
  {
    variables: ['SMTP_LOGGING_ENABLED'],
    reason: 'The worker logs each mail without its address, link or code.',
  },
  {
    variables: ['SMS_TWILIO_VERIFY_{ACCOUNT_SID,AUTH_TOKEN,MESSAGE_SERVICE_SID}'],
    reason: 'Twilio Verify makes and checks the codes itself, and here the database does.',
  },
  {
    variables: ['API_REQUEST_ID_HEADER', 'REQUEST_ID_HEADER'],
    reason: 'Not built: requests have no id.',
  },
  {
    variables: ['API_ENDPOINT', 'OPERATOR_TOKEN'],
    reason: 'GoTrue reads these and does not use them.',
  },
  {
    variables: ['LOG_{FILE,SQL,FIELDS,TSFORMAT,DISABLE_COLORS,QUOTE_EMPTY_FIELDS}'],
    reason: 'The log is lines of JSON on the standard output; Postgres logs statements itself.',
  },
  {
    variables: ['METRICS_{ENABLED,EXPORTER}'],
    reason: 'GET /metrics is always there, for Prometheus.',
  },
  {
    variables: [
      'TRACING_{ENABLED,EXPORTER,HOST,PORT,SERVICE_NAME,TAGS}',
      'PROFILER_{ENABLED,HOST,PORT}',
    ],
    reason: 'Not built: tracing and profiling.',
  },
  {
    variables: [
      'RELOADING_{NOTIFY_ENABLED,POLLERENABLED,POLLER_INTERVAL,SIGNAL_ENABLED,SIGNAL_NUMBER,GRACE_PERIOD_INTERVAL}',
    ],
    reason: 'Settings are rows, live at the next call.',
  },
]

/** The names that a pattern like A_{B,C} stands for. */
export function expand(pattern: string): string[] {
  const [, before, inner, after] = /^(.*?)\{(.*?)\}(.*)$/.exec(pattern) ?? []
  if (inner === undefined) return [pattern]
  return inner.split(',').flatMap((part) => expand(`${before}${part}${after}`))
}

/** The one of these names that a mistyped one is most like; undefined where none is near. */
export function closest(name: string, known: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(name.length / 6)) + 1
  for (const other of known) {
    const far = distance(name, other)
    if (far < least) [best, least] = [other, far]
  }
  return best
}

/** How many letters to put in, take out or change (Levenshtein). */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, at) => at)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
