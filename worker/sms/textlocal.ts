// Textlocal's SMS, for India. https://api.textlocal.in/docs/sendsms
//
// It answers 200 whatever happens; the body says what did.

import { type Answer, mayPass, type Provider } from './provider.ts'

// Bad credentials, no credit left.
const passing = [3, 7]

export const textlocal: Provider = {
  url: 'https://api.textlocal.in',
  required: ['API_KEY', 'SENDER'],
  channels: ['sms'],

  request: ({ API_KEY = '', SENDER = '' }, { phone, text }) => ({
    path: '/send',
    form: { sender: SENDER, apikey: API_KEY, message: text, numbers: phone },
  }),

  refusal: (http, { status, errors }) => {
    const said: Answer = errors?.[0] ?? {}
    if (http >= 300) return { reason: `${http}`, passes: mayPass(http) }
    if (status === 'success') return undefined
    if (said.code === undefined) return { reason: 'an answer without a status', passes: true }
    return { reason: `${said.code}: ${said.message}`, passes: passing.includes(Number(said.code)) }
  },
}
