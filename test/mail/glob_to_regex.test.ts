// The list of allowed targets: globs in which . and / separate.

import t, { type Test } from 'tap'
import { openDatabase } from '../support/database.ts'

const { settings, sql } = await openDatabase(t)

async function expect(t: Pick<Test, 'equal'>, allowed: boolean, targets: (string | null)[]) {
  for (const target of targets) {
    const [row] = await sql`select auth_private.redirect_allowed(${target}) as allowed`
    t.equal(row?.allowed, allowed, JSON.stringify(target))
  }
}

t.test('the list allows by globs in which . and / separate', async (t) => {
  const cases: [string, string[], string[]][] = [
    [
      'https://*.example.com',
      ['https://a.example.com', 'https://a-b.example.com', 'https://a.example.com#x'],
      [
        'https://example.com',
        'https://a.b.example.com',
        'https://a.example.com/',
        'https://a.example.com.evil.example',
        'https://aexample.com',
        'http://a.example.com',
        'https://evil.example/.example.com',
      ],
    ],
    [
      'https://*.example.com/**',
      ['https://a.example.com/', 'https://a.example.com/b/c?d=e', 'https://a.example.com?d=e'],
      [
        'https://evil?.example.com/',
        'https://evil#.example.com/',
        'https://evil/.example.com/',
        'https://evil\\.example.com/',
        'https://evil@.example.com/',
        'https://0x08080808?.example.com/',
        'https://evil.example?.example.com/',
        'https://evil.example/x.example.com/',
      ],
    ],
    [
      'http://preview-*.example.com/**',
      ['http://preview-7.example.com/x'],
      ['http://preview-7.evil.example/x', 'http://preview-@evil/x.example.com/'],
    ],
    [
      'https://example.com/*',
      ['https://example.com/a', 'https://example.com/', 'https://example.com/a?b=c'],
      ['https://example.com/a/b', 'https://example.com', 'https://example.com/a.html'],
    ],
    [
      'https://example.com*',
      ['https://example.com'],
      [
        'https://example.com.evil.example',
        'https://example.com@evil',
        'https://example.com:pw@evil',
      ],
    ],
    ['http://example.com:*', ['http://example.com:80'], ['http://example.com:x@evil']],
    [
      'https://example.com/item?',
      ['https://example.com/item1', 'https://example.com/item?'],
      ['https://example.com/item', 'https://example.com/item/', 'https://example.com/item12'],
    ],
    [
      'https://{a,b}.example.com/{x,y/z}',
      ['https://a.example.com/x', 'https://b.example.com/y/z'],
      ['https://c.example.com/x', 'https://a.example.com/{x', 'https://a,b.example.com/x'],
    ],
    [
      'https://app[0-9].example.com',
      ['https://app7.example.com'],
      ['https://appx.example.com', 'https://app77.example.com'],
    ],
    ['https://app[!0-9].example.com', ['https://appx.example.com'], ['https://app7.example.com']],
    ['https://example.com/a\\*b', ['https://example.com/a*b'], ['https://example.com/aXb']],
    [
      'https://example.com/(a|b)+$^.txt',
      ['https://example.com/(a|b)+$^.txt'],
      ['https://example.com/a', 'https://example.com/(a|b)+$^xtxt'],
    ],
    [
      'myapp://**',
      ['myapp://', 'myapp://a/b?c=d', 'myapp://callback'],
      ['myapps://x', 'xmyapp://x'],
    ],
    [
      'com.example.app://in',
      ['com.example.app://in'],
      ['com.example.app://other', 'comXexample.app://in'],
    ],
    ['https://example.com/UPPER', ['https://example.com/UPPER'], ['https://example.com/upper']],
  ]
  for (const [pattern, allowed, refused] of cases) {
    await settings({ uri_allow_list: [pattern] })
    t.comment(pattern)
    await expect(t, true, allowed)
    await expect(t, false, refused)
  }
})

t.test('any pattern of the list will do', async (t) => {
  await settings({ uri_allow_list: 'https://a.example/**, https://b.example/**' })
  await expect(t, true, ['https://a.example/x', 'https://b.example/x'])
  await expect(t, false, ['https://c.example/x'])
})
