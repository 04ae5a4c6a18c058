// Vonage's SMS. https://developer.vonage.com/en/api/sms
//
// It answers 200 whatever happens; a status in the body says what did.

import { type Answer, mayPass, type Provider } from './provider.ts'

// Throttled, bad credentials, internal error, quota, too many connections.
const passing = ['1', '4', '5', '9', '10']

export const vonage: Provider = {
  url: 'https://rest.nexmo.com',
  required: ['API_KEY', 'API_SECRET', 'FROM'],
  channels: ['sms'],

  request: ({ API_KEY = '', API_SECRET = '', FROM = '' }, { phone, text }) => ({
    path: '/sms/json',
    form: {
      from: FROM,
      to: phone,
      text,
      api_key: API_KEY,
      api_secret: API_SECRET,
      ...(/^\p{ASCII}*$/u.test(text) ? {} : { type: 'unicode' }),
    },
  }),

  refusal: (http, { messages }) => {
    const said: Answer = messages?.[0] ?? {}
    if (http >= 300) return { reason: `${http}`, passes: mayPass(http) }
    if (said.status === '0') return undefined
    if (said.status === undefined) return { reason: 'an answer without a status', passes: true }
    return {
      reason: `status ${said.status}: ${said['error-text']}`,
      passes: passing.includes(said.status),
    }
  },
}
