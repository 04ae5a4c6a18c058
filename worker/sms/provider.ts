// What there is to know of a company that sends SMS: a form that it is posted, and what its
// answer means.
//
// Exports the types, and mayPass().

export type Sms = {
  /** The number in digits, without a plus sign. */
  phone: string
  text: string
  code: string
  channel: string
}

/** Keys of an account, named as the variables end that they come from: AUTH_TOKEN. */
export type Keys = Record<string, string>

/** Why an SMS was not taken. */
export type Refusal = {
  reason: string
  /** Whether the same request may be taken later. */
  passes: boolean
}

/** What an API answered, read as JSON; empty where it was none. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what another company sends
export type Answer = Record<string, any>

export type Provider = {
  url: string
  required: string[]
  optional?: string[]
  channels: string[]
  request: (keys: Keys, sms: Sms) => Request
  /** Nothing if the SMS was taken. */
  refusal: (status: number, answer: Answer) => Refusal | undefined
}

type Request = {
  path: string
  headers?: Record<string, string>
  form: Record<string, string>
}

/**
 * Whether a status is no word on this SMS: the service is ill or busy, or it is our account that is
 * refused, which a person can put right while the SMS waits.
 */
export const mayPass = (status: number): boolean =>
  status < 400 || status >= 500 || [401, 402, 403, 408, 425, 429].includes(status)
