// Makes a mail's subject and its two parts from Go templates and GoTrue's variables.
//
// Exports renderMail(), renderSms() and checkTemplate(). Values are escaped in html and bare elsewhere; what is missing is empty.

import { convert } from 'html-to-text'
import { Liquid, type Template } from 'liquidjs'
import { operators } from './expression.ts'
import { delimiters, translate } from './translate.ts'

export type MailTemplate = { subject: string; html: string; text: string | null }
export type MailContent = { subject: string; html: string; text: string }

/**
 * A mail's content. Where the template has no text, it is made from the html.
 *
 * @throws Error if a template is broken, saying where, without any variable's value
 */
export const renderMail = (template: MailTemplate, variables: object): MailContent => {
  const scope = { root: withoutEmpty(variables) }
  const subject = renderText(template.subject, scope)
  const html = renderHtml(template.html, scope)
  const text =
    template.text === null ? convert(html, textOptions) : renderText(template.text, scope)
  // A line break in a subject would begin another header.
  return { subject: subject.replace(/[\s\p{Cc}]+/gu, ' ').trim(), html, text }
}

/** @throws Error if this can not be the html of a mail */
export const checkTemplate = (html: string): void => {
  renderHtml(html, { root: {} })
}

/** An SMS's text. A broken template never holds one back: the built-in takes its place. */
export const renderSms = (
  template: string,
  variables: object,
  broken: (error: unknown) => void,
): string => {
  const scope = { root: variables }
  try {
    return renderText(template, scope)
  } catch (error) {
    broken(error)
    return renderText('Your code is {{ .Code }}', scope)
  }
}

const print = (value: unknown): string => {
  if (value == null) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

const escape = (value: unknown): string => print(value).replace(/[&<>"']/g, (it) => entities[it]!)

const engine = (html: boolean) => {
  const parsed = new Map<string, Template[]>()
  const liquid = new Liquid({
    ...delimiters,
    operators,
    outputEscape: html ? escape : print,
    groupedExpressions: true,
    jsTruthy: true,
    ownPropertyOnly: true,
    // A second: one slow template may not hold up everybody's mail.
    renderLimit: 1000,
  })

  return (source: string, scope: object): string => {
    const template = parsed.get(source) ?? liquid.parse(translate(source, html))
    if (parsed.size >= 100) parsed.clear()
    parsed.set(source, template)
    return liquid.renderSync(template, scope)
  }
}

const renderText = engine(false)
const renderHtml = engine(true)

/** Empty objects and lists are false to Go and true to Liquid; nothing is false to both. */
const withoutEmpty = (variables: object): object =>
  JSON.parse(JSON.stringify(variables), (key, value) =>
    key !== '' && value && typeof value === 'object' && Object.keys(value).length === 0
      ? null
      : value,
  )

const textOptions = {
  wordwrap: 78,
  selectors: [
    { selector: 'a', options: { hideLinkHrefIfSameAsText: true, linkBrackets: false as const } },
    { selector: 'img', format: 'skip' },
    ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
      selector,
      options: { uppercase: false },
    })),
  ],
}
