// The built-in providers whose profile is asked for with an access token. Their endpoints and answers
// are those that each site documents; what becomes of them is GoTrue's.
//
// Exports: oauth2.

import { textAt, valueAt } from './claims.ts'
import { all, type Definition, many, one, rest } from './definition.ts'
import { discord, joined, largestImage, linkedin, secretProof } from './quirks.ts'

export const oauth2: Record<string, Definition> = {
  bitbucket: {
    authorize: ['bitbucket.org', '/site/oauth2/authorize'],
    token: ['bitbucket.org', '/site/oauth2/access_token'],
    secretIn: 'header',
    scopes: 'account email',
    moreScopes: false,
    profile: ['api.bitbucket.org', '/2.0/user'],
    emails: ['api.bitbucket.org', '/2.0/user/emails'],
    iss: ['api.bitbucket.org', '/2.0'],
    reading: {
      claims: {
        uuid: 'sub',
        display_name: 'name full_name',
        'avatar.href': 'picture avatar_url',
      },
      email: many({ list: 'values', verified: 'is_confirmed', primary: 'is_primary' }),
    },
  },

  discord: {
    authorize: ['discord.com', '/api/oauth2/authorize'],
    token: ['discord.com', '/api/oauth2/token'],
    secretIn: 'form',
    scopes: 'email identify',
    moreScopes: true,
    profile: ['discord.com', '/api/users/@me'],
    iss: ['discord.com', '/api'],
    reading: {
      read: discord,
      claims: { id: 'sub', tag: 'name', username: 'full_name', avatar_url: 'picture avatar_url' },
      custom: all({ global_name: '' }),
      email: one('email', 'verified'),
    },
  },

  facebook: {
    authorize: ['www.facebook.com', '/dialog/oauth'],
    token: ['graph.facebook.com', '/oauth/access_token'],
    secretIn: 'form',
    scopes: 'email',
    moreScopes: true,
    issuers: ['https://www.facebook.com'],
    noNonce: true,
    profile: ['graph.facebook.com', '/me?fields=email,first_name,last_name,name,picture'],
    query: ({ accessToken, secret }) => ({ appsecret_proof: secretProof(accessToken, secret) }),
    iss: ['graph.facebook.com', '/me?fields=email,first_name,last_name,name,picture'],
    reading: {
      read: joined('first_name', 'last_name'),
      claims: {
        id: 'sub',
        joined: 'name full_name',
        name: 'nickname slug',
        'picture.data.url': 'picture avatar_url',
      },
      email: one('email', true),
    },
  },

  figma: {
    authorize: ['www.figma.com', '/oauth'],
    token: ['api.figma.com', '/v1/oauth/token'],
    secretIn: 'header',
    scopes: 'current_user:read',
    moreScopes: true,
    profile: ['api.figma.com', '/v1/me'],
    iss: ['api.figma.com', ''],
    reading: {
      claims: { id: 'sub', handle: 'name full_name', img_url: 'avatar_url' },
      email: one('email', true),
    },
  },

  fly: {
    authorize: ['api.fly.io', '/oauth/authorize'],
    token: ['api.fly.io', '/oauth/token'],
    secretIn: 'form',
    scopes: 'read',
    moreScopes: true,
    profile: ['api.fly.io', '/oauth/token/info'],
    iss: ['api.fly.io', ''],
    reading: {
      claims: { user_id: 'sub', user_name: 'full_name' },
      custom: all({
        resource_owner_id: '',
        organizations: null,
        application: null,
        scope: null,
        created_at: 0,
      }),
      email: one('email', true),
    },
  },

  github: {
    authorize: ['github.com', '/login/oauth/authorize'],
    token: ['github.com', '/login/oauth/access_token'],
    secretIn: 'form',
    scopes: 'user:email',
    moreScopes: true,
    profile: ['api.github.com', '/user'],
    emails: ['api.github.com', '/user/emails'],
    iss: ['api.github.com', ''],
    ownHostPath: '/api/v3',
    reading: {
      claims: {
        id: 'sub',
        name: 'name full_name',
        login: 'preferred_username user_name',
        avatar_url: 'avatar_url',
      },
      email: many({ verified: 'verified', primary: 'primary' }),
    },
  },

  gitlab: {
    authorize: ['gitlab.com', '/oauth/authorize'],
    token: ['gitlab.com', '/oauth/token'],
    secretIn: 'form',
    scopes: 'read_user',
    moreScopes: true,
    profile: ['gitlab.com', '/api/v4/user'],
    emails: ['gitlab.com', '/api/v4/user/emails'],
    iss: ['gitlab.com', ''],
    reading: {
      claims: { id: 'sub', name: 'name full_name', avatar_url: 'picture avatar_url' },
      // GitLab says of the other addresses nothing that could be relied on.
      email: (user, others) => [
        ...many({ verified: '', primary: '' })(user, others),
        ...one('email', ({ confirmed_at }) => Boolean(confirmed_at))(user),
      ],
    },
  },

  kakao: {
    authorize: ['kauth.kakao.com', '/oauth/authorize'],
    token: ['kauth.kakao.com', '/oauth/token'],
    secretIn: 'form',
    scopes: 'account_email profile_image profile_nickname',
    moreScopes: true,
    issuers: ['https://kauth.kakao.com'],
    profile: ['kapi.kakao.com', '/v2/user/me'],
    iss: ['kapi.kakao.com', ''],
    reading: {
      claims: {
        id: 'sub',
        'kakao_account.profile.nickname': 'name full_name preferred_username user_name',
        'kakao_account.profile.profile_image_url': 'avatar_url',
      },
      email: one(
        'kakao_account.email',
        (user) =>
          valueAt(user, 'kakao_account.is_email_verified') === true &&
          valueAt(user, 'kakao_account.is_email_valid') === true,
      ),
    },
  },

  keycloak: {
    authorize: ['', '/protocol/openid-connect/auth'],
    token: ['', '/protocol/openid-connect/token'],
    secretIn: 'form',
    scopes: 'profile email',
    moreScopes: true,
    needsUrl: true,
    profile: ['', '/protocol/openid-connect/userinfo'],
    iss: ['', ''],
    reading: {
      claims: { sub: 'sub', name: 'name full_name' },
      custom: rest('name', 'sub', 'email', 'email_verified'),
      email: one('email', 'email_verified'),
    },
  },

  linkedin: {
    authorize: ['api.linkedin.com', '/oauth/v2/authorization'],
    token: ['api.linkedin.com', '/oauth/v2/accessToken'],
    secretIn: 'form',
    scopes: 'r_emailaddress r_liteprofile',
    moreScopes: true,
    profile: [
      'api.linkedin.com',
      '/v2/me?projection=(id,firstName,lastName,profilePicture(displayImage~:playableStreams))',
    ],
    emails: ['api.linkedin.com', '/v2/emailAddress?q=members&projection=(elements*(handle~))'],
    iss: ['api.linkedin.com', ''],
    reading: {
      read: linkedin,
      claims: { id: 'sub', joined: 'name full_name', avatar_url: 'picture avatar_url' },
      email: (_, emails) => [
        { email: textAt(emails, 'elements.0.handle~.emailAddress'), verified: true, primary: true },
      ],
    },
  },

  notion: {
    authorize: ['api.notion.com', '/v1/oauth/authorize'],
    token: ['api.notion.com', '/v1/oauth/token'],
    secretIn: 'header',
    scopes: '',
    moreScopes: false,
    profile: ['api.notion.com', '/v1/users/me'],
    headers: () => ({ 'notion-version': '2021-08-16' }),
    iss: ['api.notion.com', ''],
    reading: {
      claims: {
        'bot.owner.user.id': 'sub',
        'bot.owner.user.name': 'name full_name',
        'bot.owner.user.avatar_url': 'picture avatar_url',
      },
      email: one('bot.owner.user.person.email', true),
    },
  },

  slack: {
    authorize: ['slack.com', '/oauth/authorize'],
    token: ['slack.com', '/api/oauth.access'],
    secretIn: 'form',
    scopes: 'profile email openid',
    moreScopes: true,
    profile: ['slack.com', '/api/openid.connect.userInfo'],
    iss: ['slack.com', '/api'],
    reading: {
      claims: {
        'https://slack.com/user_id': 'sub',
        name: 'name full_name',
        picture: 'picture avatar_url',
      },
      custom: all({ 'https://slack.com/team_id': '' }),
      email: one('email', true),
    },
  },

  slack_oidc: {
    authorize: ['slack.com', '/openid/connect/authorize'],
    token: ['slack.com', '/api/openid.connect.token'],
    secretIn: 'form',
    scopes: 'profile email openid',
    moreScopes: true,
    profile: ['slack.com', '/api/openid.connect.userInfo'],
    iss: ['slack.com', '/api'],
    reading: {
      claims: {
        'https://slack.com/user_id': 'sub',
        name: 'name full_name',
        picture: 'picture avatar_url',
      },
      custom: all({ 'https://slack.com/team_id': '' }),
      email: one('email', 'email_verified'),
    },
  },

  snapchat: {
    authorize: ['accounts.snapchat.com', '/accounts/oauth2/auth'],
    token: ['accounts.snapchat.com', '/accounts/oauth2/token'],
    secretIn: 'form',
    scopes: ['external_id', 'display_name', 'bitmoji.avatar']
      .map((scope) => `https://auth.snapchat.com/oauth2/api/user.${scope}`)
      .join(' '),
    moreScopes: true,
    issuers: ['https://accounts.snapchat.com/accounts/oauth2/token'],
    profile: ['kit.snapchat.com', '/v1/me'],
    query: () => ({ query: '{me { externalId displayName bitmoji { avatar id } email } }' }),
    iss: 'https://accounts.snapchat.com/accounts/oauth2/token',
    reading: {
      claims: {
        'data.me.externalId': 'sub',
        'data.me.displayName': 'name full_name slug',
        'data.me.bitmoji.avatar': 'picture avatar_url',
      },
      email: one('data.me.email', true),
    },
  },

  spotify: {
    authorize: ['accounts.spotify.com', '/authorize'],
    token: ['accounts.spotify.com', '/api/token'],
    secretIn: 'header',
    scopes: 'user-read-email',
    moreScopes: true,
    profile: ['api.spotify.com/v1', '/me'],
    iss: ['api.spotify.com/v1', ''],
    reading: {
      read: largestImage,
      claims: { id: 'sub', display_name: 'name full_name', largest: 'picture avatar_url' },
      // Spotify does not check addresses.
      email: one('email', false),
    },
  },

  twitch: {
    authorize: ['id.twitch.tv', '/oauth2/authorize'],
    token: ['id.twitch.tv', '/oauth2/token'],
    secretIn: 'form',
    scopes: 'user:read:email',
    moreScopes: true,
    profile: ['api.twitch.tv', '/helix/users'],
    headers: (clientId) => ({ 'client-id': clientId }),
    iss: ['api.twitch.tv', ''],
    reading: {
      read: (answer) => ({ ...(valueAt(answer, 'data.0') as object) }),
      claims: {
        id: 'sub',
        login: 'name full_name',
        display_name: 'nickname slug',
        profile_image_url: 'picture avatar_url',
      },
      custom: all({
        broadcaster_type: '',
        description: '',
        type: '',
        offline_image_url: '',
        view_count: 0,
      }),
      email: one('email', true),
    },
  },

  twitter: {
    oauth1: { requestToken: ['api.twitter.com', '/oauth/request_token'] },
    authorize: ['api.twitter.com', '/oauth/authenticate'],
    token: ['api.twitter.com', '/oauth/access_token'],
    secretIn: 'header',
    scopes: '',
    moreScopes: false,
    forwardsNothing: true,
    profile: ['api.twitter.com', '/1.1/account/verify_credentials.json'],
    query: () => ({ include_entities: 'false', skip_status: 'true', include_email: 'true' }),
    iss: ['api.twitter.com', '/1.1/account/verify_credentials.json'],
    reading: {
      claims: {
        id_str: 'sub',
        name: 'name full_name',
        screen_name: 'preferred_username user_name',
        profile_image_url_https: 'picture avatar_url',
      },
      email: one('email', true),
    },
  },

  workos: {
    authorize: ['api.workos.com', '/sso/authorize'],
    token: ['api.workos.com', '/sso/token'],
    secretIn: 'form',
    scopes: '',
    moreScopes: false,
    profile: 'profile',
    iss: ['api.workos.com', ''],
    reading: {
      read: joined('first_name', 'last_name'),
      claims: { id: 'sub', joined: 'name full_name' },
      custom: all({ connection_id: '', organization_id: '' }),
      email: one('email', true),
    },
  },

  x: {
    authorize: ['x.com', '/i/oauth2/authorize'],
    token: ['api.x.com', '/2/oauth2/token'],
    secretIn: 'header',
    scopes: 'users.email tweet.read users.read offline.access',
    moreScopes: true,
    pkce: true,
    profile: [
      'api.x.com',
      '/2/users/me?user.fields=id,name,username,confirmed_email,profile_image_url,url,created_at',
    ],
    iss: ['api.x.com', ''],
    reading: {
      read: (answer) => {
        const user = { ...(answer.data as object) }
        return { ...user, page: `https://x.com/${textAt(user, 'username')}` }
      },
      claims: {
        id: 'sub',
        name: 'name full_name',
        username: 'preferred_username user_name',
        profile_image_url: 'picture avatar_url',
        page: 'profile',
        url: 'website',
      },
      custom: all({ created_at: '' }),
      email: one('confirmed_email', true),
    },
  },

  zoom: {
    authorize: ['zoom.us', '/oauth/authorize'],
    token: ['zoom.us', '/oauth/token'],
    secretIn: 'header',
    scopes: '',
    moreScopes: false,
    profile: ['api.zoom.us', '/v2/users/me'],
    iss: ['api.zoom.us', '/v2'],
    reading: {
      read: joined('first_name', 'last_name'),
      claims: { id: 'sub', joined: 'name full_name', pic_url: 'picture avatar_url' },
      // Login type 100 is Zoom's own password, whose address may be unproven.
      email: one('email', (user) => String(user.login_type) !== '100' || Boolean(user.verified)),
    },
  },
}
