// Asks the captcha's provider whether a person has solved it.
//
// Exports: CaptchaConfig, CaptchaVerdict, captchaToken, verifyCaptcha.

import type { Logger } from 'pino'

export interface CaptchaConfig {
  provider: 'hcaptcha' | 'turnstile'
  secret: string
  timeoutMilliseconds: number
}

/** What SQL decides by. */
export interface CaptchaVerdict {
  /** null where the provider could not be asked. */
  success: boolean | null
  error_codes?: string[]
}

const siteverify = {
  hcaptcha: 'https://hcaptcha.com/siteverify',
  turnstile: 'https://challenges.cloudflare.com/turnstile/v0/siteverify',
}

/** What the client got from the provider: gotrue_meta_security.captcha_token of the body. */
export function captchaToken(args: object): string {
  const meta = (args as { gotrue_meta_security?: unknown }).gotrue_meta_security
  const token = (meta as { captcha_token?: unknown } | null | undefined)?.captcha_token
  return typeof token === 'string' ? token.trim() : ''
}

/**
 * The verdict about a token, by hCaptcha's and Turnstile's common protocol: a form with secret,
 * response and remoteip. Without a token nobody is asked.
 *
 * @param url asked instead of the provider's own
 */
export async function verifyCaptcha(
  config: CaptchaConfig,
  token: string,
  remoteip: string,
  log: Logger,
  url: string = siteverify[config.provider],
): Promise<CaptchaVerdict> {
  if (token === '') {
    return { success: false, error_codes: ['no captcha_token found'] }
  }
  const form = new URLSearchParams({ secret: config.secret.trim(), response: token })
  if (remoteip !== '') {
    form.set('remoteip', remoteip)
  }

  try {
    const response = await fetch(url, {
      method: 'POST',
      body: form,
      // The secret is for the provider, and for nobody whom it may point to.
      redirect: 'error',
      signal: AbortSignal.timeout(config.timeoutMilliseconds),
    })
    const said = (await response.json()) as { success?: unknown; 'error-codes'?: unknown }
    if (typeof said.success !== 'boolean') {
      throw new Error(`no verdict, but status ${response.status}`)
    }
    const codes = said['error-codes']
    return { success: said.success, error_codes: Array.isArray(codes) ? codes.map(String) : [] }
  } catch (error) {
    log.error({ err: error }, 'the captcha could not be verified')
    return { success: null }
  }
}
