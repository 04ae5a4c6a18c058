// Twilio's Programmable Messaging: SMS and WhatsApp.
// https://www.twilio.com/docs/messaging/api/message-resource

import { mayPass, type Provider } from './provider.ts'

export const twilio: Provider = {
  url: 'https://api.twilio.com',
  required: ['ACCOUNT_SID', 'AUTH_TOKEN', 'MESSAGE_SERVICE_SID'],
  optional: ['CONTENT_SID'],
  channels: ['sms', 'whatsapp'],

  request: ({ ACCOUNT_SID, AUTH_TOKEN, MESSAGE_SERVICE_SID = '', CONTENT_SID }, sms) => {
    const { phone, text, code, channel } = sms
    const whatsapp = channel === 'whatsapp'
    // A sender is a number or the id of a messaging service.
    const number = /^\+?[1-9][0-9 ]{1,14}$/.test(MESSAGE_SERVICE_SID)
    const login = Buffer.from(`${ACCOUNT_SID}:${AUTH_TOKEN}`).toString('base64')
    return {
      path: `/2010-04-01/Accounts/${ACCOUNT_SID}/Messages.json`,
      headers: { authorization: `Basic ${login}` },
      form: {
        To: whatsapp ? `whatsapp:+${phone}` : `+${phone}`,
        Channel: channel,
        From: whatsapp && number ? `whatsapp:${MESSAGE_SERVICE_SID}` : MESSAGE_SERVICE_SID,
        ...(whatsapp && CONTENT_SID
          ? { ContentSid: CONTENT_SID, ContentVariables: JSON.stringify({ 1: code }) }
          : { Body: text }),
      },
    }
  },

  refusal: (http, { code, message, status, error_code, error_message }) => {
    if (http >= 300) return { reason: `${http}, ${code}: ${message}`, passes: mayPass(http) }
    if (status !== 'failed' && status !== 'undelivered') return undefined
    return { reason: `${status}, ${error_code}: ${error_message}`, passes: false }
  },
}
