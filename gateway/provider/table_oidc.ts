// The built-in providers whose profile is their id_token, and how the claims of each issuer are read.
//
// Exports: oidc, readingOf, isAzure.

import { isTrue, textAt } from './claims.ts'
import { type Definition, one, type Reading, rest, some } from './definition.ts'
import { joined } from './quirks.ts'

export const oidc: Record<string, Definition> = {
  apple: {
    issuers: ['https://appleid.apple.com', 'https://account.apple.com'],
    secretIn: 'form',
    scopes: 'email name',
    moreScopes: false,
    params: { response_mode: 'form_post' },
    forwardsNothing: true,
    idToken: 'always',
  },

  // Who may issue its tokens depends on the tenant: issuer.ts.
  azure: {
    authorize: ['login.microsoftonline.com/common', '/oauth2/v2.0/authorize'],
    token: ['login.microsoftonline.com/common', '/oauth2/v2.0/token'],
    secretIn: 'form',
    scopes: 'openid',
    moreScopes: true,
    idToken: 'always',
  },

  google: {
    issuers: ['https://accounts.google.com', 'accounts.google.com'],
    secretIn: 'form',
    scopes: 'email profile',
    moreScopes: true,
    idToken: 'mostly',
    keepsHost: true,
    profile: ['www.googleapis.com', '/userinfo/v2/me'],
    iss: 'https://www.googleapis.com/userinfo/v2/me',
    reading: {
      claims: { id: 'sub', name: 'name full_name', picture: 'picture avatar_url' },
      email: one('email', (user) => isTrue(user.verified_email) || isTrue(user.email_verified)),
    },
  },

  linkedin_oidc: {
    authorize: ['api.linkedin.com', '/oauth/v2/authorization'],
    token: ['api.linkedin.com', '/oauth/v2/accessToken'],
    issuers: ['https://www.linkedin.com/oauth'],
    secretIn: 'form',
    scopes: 'openid email profile',
    moreScopes: true,
    idToken: 'always',
  },

  vercel_marketplace: {
    authorize: ['api.vercel.com', '/oauth/v2/authorization'],
    token: ['api.vercel.com', '/oauth/v2/accessToken'],
    issuers: ['https://marketplace.vercel.com'],
    secretIn: 'form',
    scopes: '',
    moreScopes: true,
    idToken: 'always',
  },
}

const readings: Record<string, Reading> = {
  apple: {
    read: (claims) => ({
      ...claims,
      ...(claims.is_private_email !== undefined && {
        is_private_email: isTrue(claims.is_private_email),
      }),
    }),
    claims: { sub: 'sub' },
    custom: some('is_private_email', 'auth_time', 'transfer_sub'),
    email: one('email', true),
  },
  azure: {
    claims: {
      sub: 'sub',
      name: 'full_name',
      preferred_username: 'preferred_username',
    },
    custom: rest(
      ...'aud iss iat nbf exp c_hash at_hash aio nonce rh uti jti ver sub name'.split(' '),
      'preferred_username',
    ),
    // Without the optional claim xms_edov Entra ID sends addresses of verified domains only.
    email: one('email', ({ xms_edov }) =>
      [undefined, null, true, '1', 'true'].includes(xms_edov as never),
    ),
  },
  facebook: {
    claims: { sub: 'sub', name: 'name', picture: 'picture' },
    email: one('email', true),
  },
  google: {
    claims: { sub: 'sub', name: 'name full_name', picture: 'picture avatar_url' },
    custom: some('hd'),
    email: one('email', (user) => isTrue(user.email_verified) || isTrue(user.verified_email)),
  },
  kakao: {
    claims: {
      sub: 'sub',
      nickname: 'name preferred_username',
      picture: 'picture',
    },
    email: one('email', true),
  },
  linkedin: {
    read: joined('given_name', 'family_name'),
    claims: {
      sub: 'sub',
      joined: 'name',
      given_name: 'given_name',
      family_name: 'family_name',
      locale: 'locale',
      picture: 'picture',
    },
    email: one('email', 'email_verified'),
  },
  snapchat: { email: one('email', true) },
  vercel: {
    read: (claims) => {
      const person = textAt(claims, 'global_user_id')
      return { ...claims, person: person ? `global_user_id:${person}` : claims.sub }
    },
    claims: { person: 'sub', user_name: 'name', user_avatar_url: 'picture' },
    email: one('user_email', true),
  },
}

const byIssuer: Record<string, Reading | undefined> = {
  'https://appleid.apple.com': readings.apple,
  'https://account.apple.com': readings.apple,
  'https://www.facebook.com': readings.facebook,
  'https://accounts.google.com': readings.google,
  'accounts.google.com': readings.google,
  'https://kauth.kakao.com': readings.kakao,
  'https://www.linkedin.com/oauth': readings.linkedin,
  'https://accounts.snapchat.com/accounts/oauth2/token': readings.snapchat,
  'https://marketplace.vercel.com': readings.vercel,
}

/** How the claims of this issuer are to be read; undefined for as they are. */
export function readingOf(issuer: string): Reading | undefined {
  return isAzure(issuer) ? readings.azure : byIssuer[issuer]
}

/** Whether this is a tenant of Microsoft Entra ID. */
export const isAzure = (issuer: string): boolean =>
  /^https:\/\/login\.microsoftonline\.com\/[\w.-]+\/v2\.0\/?$/.test(issuer)
