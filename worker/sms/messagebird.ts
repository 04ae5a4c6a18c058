// MessageBird's SMS. https://developers.messagebird.com/api/sms-messaging/

import { type Answer, mayPass, type Provider } from './provider.ts'

export const messagebird: Provider = {
  url: 'https://rest.messagebird.com',
  required: ['ACCESS_KEY', 'ORIGINATOR'],
  channels: ['sms'],

  request: ({ ACCESS_KEY, ORIGINATOR = '' }, { phone, text }) => ({
    path: '/messages',
    headers: { authorization: `AccessKey ${ACCESS_KEY}` },
    form: {
      originator: ORIGINATOR,
      body: text,
      recipients: phone,
      type: 'sms',
      datacoding: 'unicode',
    },
  }),

  refusal: (http, { errors, recipients }) => {
    const said: Answer = errors?.[0] ?? {}
    if (http >= 300) {
      return { reason: `${http}, ${said.code}: ${said.description}`, passes: mayPass(http) }
    }
    if (recipients?.totalSentCount > 0) return undefined
    return { reason: 'sent to nobody', passes: false }
  },
}
