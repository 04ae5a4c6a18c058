// The few answers of sites that are more than names for things.
//
// Exports: discord, joined, largestImage, linkedin, secretProof.

import { createHmac } from 'node:crypto'
import { type Answer, textAt, valueAt } from './claims.ts'

/** Discord's picture is to be put together (https://discord.com/developers/docs/reference, images). */
export function discord(user: Answer): Answer {
  const [id, avatar, discriminator] = ['id', 'avatar', 'discriminator'].map((name) =>
    textAt(user, name),
  ) as [string, string, string]
  const cdn = 'https://cdn.discordapp.com'
  return {
    ...user,
    tag: `${textAt(user, 'username')}#${discriminator}`,
    avatar_url: avatar
      ? `${cdn}/avatars/${id}/${avatar}.${avatar.startsWith('a_') ? 'gif' : 'png'}`
      : `${cdn}/embed/avatars/${(Number(discriminator) || 0) % 5}.png`,
  }
}

/** First and last name as one, in the member `joined`. */
export const joined =
  (...names: string[]) =>
  (user: Answer): Answer => ({
    ...user,
    joined: names
      .map((name) => textAt(user, name))
      .join(' ')
      .trim(),
  })

/** The picture with the most pixels, the first of several, in the member `largest`. */
export function largestImage(user: Answer): Answer {
  const images = Array.isArray(user.images) ? (user.images as unknown[]) : []
  const pixels = (image: unknown) =>
    (Number(valueAt(image, 'height')) || 0) * (Number(valueAt(image, 'width')) || 0)
  const [largest] = images.toSorted((a, b) => pixels(b) - pixels(a))
  return { ...user, largest: textAt(largest, 'url') }
}

/** LinkedIn's names come in several languages, and say which is meant. */
export function linkedin(user: Answer): Answer {
  const name = (member: string) => {
    const [language, country] = ['language', 'country'].map((part) =>
      textAt(user, `${member}.preferredLocale.${part}`),
    )
    return textAt(user, `${member}.localized.${language}_${country}`)
  }
  return {
    ...user,
    joined: `${name('firstName')} ${name('lastName')}`.trim(),
    avatar_url: textAt(
      valueAt(user, 'profilePicture'),
      'displayImage~.elements.0.identifiers.0.identifier',
    ),
  }
}

/** Facebook's proof that whoever uses an access token knows the secret. */
export const secretProof = (accessToken: string, secret: string): string =>
  createHmac('sha256', secret).update(accessToken).digest('hex')
