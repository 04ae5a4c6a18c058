// What the environment says of accounts with those who send SMS.

import t from 'tap'
import { missingKeys, smsFromEnvironment } from '../../worker/sms/accounts.ts'

t.test('reads GoTrue’s variables, with and without their prefix', async (t) => {
  const accounts = smsFromEnvironment({
    GOTRUE_SMS_TWILIO_ACCOUNT_SID: 'AC1',
    GOTRUE_SMS_TWILIO_AUTH_TOKEN: 'token',
    SMS_TWILIO_MESSAGE_SERVICE_SID: 'MG1',
    GOTRUE_SMS_TWILIO_CONTENT_SID: 'HX1',
    GOTRUE_SMS_VONAGE_API_KEY: 'key',
    GOTRUE_SMS_VONAGE_FROM: '',
    GOTRUE_SMS_PROVIDER: 'twilio',
  })
  t.same(accounts, {
    twilio: {
      ACCOUNT_SID: 'AC1',
      AUTH_TOKEN: 'token',
      MESSAGE_SERVICE_SID: 'MG1',
      CONTENT_SID: 'HX1',
    },
    vonage: { API_KEY: 'key' },
  })
  t.same(missingKeys(accounts, 'twilio'), [])
  t.same(missingKeys(accounts, 'vonage'), [
    'GOTRUE_SMS_VONAGE_API_SECRET',
    'GOTRUE_SMS_VONAGE_FROM',
  ])
})

t.test('without variables there is no account', async (t) => {
  t.same(smsFromEnvironment({}), {})
  t.same(missingKeys({}, 'textlocal'), [
    'GOTRUE_SMS_TEXTLOCAL_API_KEY',
    'GOTRUE_SMS_TEXTLOCAL_SENDER',
  ])
})

t.test('the keys of the chosen provider have to be there, and no others', async (t) => {
  const faults = () =>
    smsFromEnvironment({
      GOTRUE_SMS_PROVIDER: 'vonage',
      GOTRUE_SMS_VONAGE_API_KEY: 'key',
      GOTRUE_SMS_TWILIO_AUTH_TOKN: 'canary',
      GOTRUE_SMS_TWILIO_VERIFY_AUTH_TOKEN: 'of what is not offered',
    })
  t.throws(faults, {
    message: [
      'GOTRUE_SMS_TWILIO_AUTH_TOKN: the keys of twilio are ACCOUNT_SID, AUTH_TOKEN, ' +
        'MESSAGE_SERVICE_SID, CONTENT_SID',
      'GOTRUE_SMS_PROVIDER=vonage needs GOTRUE_SMS_VONAGE_API_SECRET, GOTRUE_SMS_VONAGE_FROM',
    ].join('\n'),
  })
  t.same(smsFromEnvironment({ GOTRUE_SMS_PROVIDER: '' }), {})
})
