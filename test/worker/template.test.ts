// Go's template syntax, as GoTrue's users have it in their templates.

import t from 'tap'
import { renderMail } from '../../worker/template.ts'

const variables = {
  Email: 'ann@example.com',
  Token: '048213',
  ConfirmationURL: 'https://example.com/verify?token=abc&type=signup',
  SiteURL: '',
  Data: {
    name: '<b>"Ann\'s" & co</b>',
    language: 'de',
    'first-name': 'Ann',
    site: ' JavaScript:alert(1)',
    deep: { er: 'here' },
    count: 0,
    empty: {},
    tags: ['a', 'b'],
    letters: [...'abcdefghijkl'],
    items: [{ name: 'pen' }, { name: 'ink' }],
    size: 7,
  },
}

const html = (source: string) => renderMail({ subject: '', html: source, text: '' }, variables).html
const text = (source: string) => renderMail({ subject: '', html: '', text: source }, variables).text

t.test('renders what GoTrue renders', async (t) => {
  const cases: [string, string][] = [
    ['plain {% if %} { } text', 'plain {% if %} { } text'],
    ['{{ .Email }}|{{.Email}}|{{\n.Email\n}}', 'ann@example.com|ann@example.com|ann@example.com'],
    ['{{ .Data.deep.er }} {{ .Data.size }} {{ .Data.count }}', 'here 7 0'],
    ['[{{ .Missing }}{{ .Missing.deeper }}{{ .Data.missing }}]', '[]'],
    ['[{{ .constructor }}{{ .Data.__proto__ }}]', '[]'],
    ['a {{/* a comment }} */}} b', 'a  b'],
    ['a \n {{- /* trimmed */ -}} \n b', 'ab'],
    ['a {{- .Token -}} b, a {{- .Token }} b', 'a048213b, a048213 b'],
    ['{{ "}}" }} {{ `a"b` }} {{ 5 }} {{ true }}', '}} a"b 5 true'],
    ['{{ $x := .Data.language }}{{ $x }}', 'de'],

    ['{{ if .Token }}yes{{ end }}', 'yes'],
    ['{{ if .Missing }}a{{ else if .Token }}b{{ else }}c{{ end }}', 'b'],
    ['{{ if .Missing }}a{{ else if .SiteURL }}b{{ else }}c{{ end }}', 'c'],
    ['{{ if .Data.count }}a{{ else }}b{{ end }}{{ if .Data.empty }}a{{ else }}b{{ end }}', 'bb'],
    ['{{ if eq .Data.language "de" }}Hallo{{ else }}Hello{{ end }}', 'Hallo'],
    ['{{ if eq .Data.language "fr" "de" }}yes{{ end }}', 'yes'],
    ['{{ if and (ne .Data.language "fr") (not .Missing) .Token }}yes{{ end }}', 'yes'],
    ['{{ if or .Missing (gt (len .Data.tags) 2) }}yes{{ else }}no{{ end }}', 'no'],
    ['{{ or .Data.missing "friend" }} {{ .Missing | or .Data.language }}', 'friend de'],
    ['{{ len .Data.tags }} {{ len .Data.language }} {{ le 2 2 }} {{ lt 2 2 }}', '2 2 true false'],
    ['{{ index .Data "first-name" }} {{ index .Data.tags 1 }}{{ index .Missing 1 }}', 'Ann b'],
    [
      '{{ .ConfirmationURL | urlquery }}',
      'https%3A%2F%2Fexample.com%2Fverify%3Ftoken%3Dabc%26type%3Dsignup',
    ],

    ['{{ with .Data }}{{ .language }} {{ $.Token }}{{ end }}', 'de 048213'],
    ['{{ with .Missing }}a{{ else }}{{ .Token }}{{ end }}', '048213'],
    ['{{ with $d := .Data.deep }}{{ $d.er }}{{ .er }}{{ end }}', 'herehere'],
    ['{{ range .Data.tags }}[{{ . }}]{{ end }}', '[a][b]'],
    ['{{ range .Data.letters }}{{ . }}{{ end }}', 'abcdefghijkl'],
    [
      '{{ range $i, $it := .Data.items }}{{ $i }}{{ $it.name }}{{ .name }} {{ end }}',
      '0penpen 1inkink ',
    ],
    ['{{ range $key, $value := .Data.deep }}{{ $key }}={{ $value }}{{ end }}', 'er=here'],
    ['{{ range .Missing }}a{{ else }}none{{ end }}{{ range .Data.empty }}a{{ end }}', 'none'],
    [
      '{{ range .Data.items }}{{ range $.Data.tags }}{{ . }}{{ end }}{{ .name }}{{ end }}',
      'abpenabink',
    ],
    ['{{ range .Data.tags }}{{ if eq . "b" }}{{ break }}{{ end }}{{ . }}{{ end }}', 'a'],
  ]
  for (const [source, expected] of cases) t.equal(text(source), expected, source)
})

t.test('escapes values in html, and nowhere else', async (t) => {
  const link = 'https://example.com/verify?token=abc&amp;type=signup'
  const cases: [string, string][] = [
    ['<p>{{ .Data.name }}</p>', '<p>&lt;b&gt;&#34;Ann&#39;s&#34; &amp; co&lt;/b&gt;</p>'],
    ['<p>{{ .Data.name | html }}</p>', '<p>&lt;b&gt;&#34;Ann&#39;s&#34; &amp; co&lt;/b&gt;</p>'],
    ['{{ range .Data }}{{ . }}{{ break }}{{ end }}', '0'],
    ['<a href="{{ .ConfirmationURL }}">&nbsp;</a>', `<a href="${link}">&nbsp;</a>`],
    ['<a href="{{ .Data.site }}">', '<a href="#">'],
    [`<img src='{{ .Data.site }}'>`, `<img src='#'>`],
  ]
  for (const [source, expected] of cases) t.equal(html(source), expected, source)
  t.equal(
    text('{{ .Data.name }} {{ .ConfirmationURL }}'),
    `${variables.Data.name} ${variables.ConfirmationURL}`,
  )
})

t.test('says what is wrong with a template, without any value', async (t) => {
  const cases: [string, string | RegExp][] = [
    ['{{ if .Token }}', '{{ if }} without {{ end }}'],
    ['{{ end }}', 'an {{ end }} too many'],
    ['{{ else }}', 'an {{ else }} without {{ if }}'],
    ['{{ with .Data }}{{ else if .Token }}{{ end }}', '{{ else if .Token }}'],
    ['{{ .Token', '{{ without }}'],
    ['{{ .Token. }}', '{{ .Token . }}'],
    ['{{ .Token | }}', /Token/],
    ['{{ (.Token }}', '( without )'],
    ['{{ eq .Token }}', 'eq has 1 arguments'],
    ['{{ not .Token .Email }}', 'not has 2 arguments'],
    ['{{ token := .Token }}', 'token is no variable'],
    ['{{ printf "%s" .Token }}', 'printf is not supported'],
    ['{{ template "footer" }}', 'template is not supported'],
    ['{{ constructor .Token }}', 'constructor is not supported'],
    ['{{ .Token ; .Email }}', /near ; \.Email/],
  ]
  for (const [source, message] of cases) {
    t.throws(() => html(source), { message }, source)
    t.throws(() => html(source), { message: /^(?!.*(048213|ann@))/ }, source)
  }
})

t.test('a subject is one line', async (t) => {
  const template = { subject: ' {{ .Data.name }}\r\n\u2028 {{ .Token }}\n', html: '', text: '' }
  t.equal(renderMail(template, variables).subject, `${variables.Data.name} 048213`)
})

t.test('makes the text part from the html', async (t) => {
  const source = `
    <h1>Hello {{ .Data.name }}</h1><img src="logo.png" alt="">
    <table><tr><td><a href="{{ .ConfirmationURL }}">Confirm</a> soon.</td></tr></table>
    <p><a href="{{ .ConfirmationURL }}">{{ .ConfirmationURL }}</a></p>`
  const made = renderMail({ subject: '', html: source, text: null }, variables).text
  t.equal(
    made,
    `Hello ${variables.Data.name}\n\nConfirm ${variables.ConfirmationURL} soon.\n\n${variables.ConfirmationURL}`,
  )
})
