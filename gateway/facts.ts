// What a request's function has to know and only other sites can tell: asked before SQL is run, by
// routes that say so, while the settings want it. What follows from it is decided in SQL.
//
// Exports: Sites, Facts, factsOf.

import { type CaptchaVerdict, captchaToken, verifyCaptcha } from './captcha.ts'
import { isPwned } from './pwned.ts'
import type { Services } from './app.ts'
import type { Route } from './routes.ts'
import { bearerOf } from './token.ts'

/** Addresses to ask instead of the sites' own: mirrors, or proxies on the way out. */
export interface Sites {
  /** The whole address of siteverify. */
  captchaUrl?: string
  /** What /range/… is below. */
  pwnedUrl?: string
}

/** Members of the request that SQL is told of. */
export interface Facts {
  captcha?: CaptchaVerdict & { bearer: object | null }
  pwned?: boolean | 'unknown'
}

/** @param args the request's arguments, with the captcha's token and the password among them */
export async function factsOf(
  services: Services,
  route: Route,
  request: Request,
  args: object,
): Promise<Facts> {
  const { captcha, pwned } = services.database.config()
  const { password } = args as { password?: unknown }
  const { log, sites } = services

  const [verdict, leaked] = await Promise.all([
    route.captcha && captcha
      ? verifyCaptcha(
          captcha,
          captchaToken(args),
          services.remoteAddress(request),
          log,
          sites.captchaUrl,
        )
      : undefined,
    route.pwned && pwned && typeof password === 'string' && password !== ''
      ? isPwned(pwned, password, log, sites.pwnedUrl)
      : undefined,
  ])
  return {
    ...(verdict && { captcha: { ...verdict, bearer: await bearerClaims(services, request) } }),
    ...(leaked !== undefined && { pwned: leaked }),
  }
}

/** Claims of a token that need not be there: an admin's lets its bearer pass without a captcha. */
async function bearerClaims(services: Services, request: Request): Promise<object | null> {
  const token = bearerOf(request)
  return token === null
    ? null
    : services
        .verify()(token)
        .catch(() => null)
}
