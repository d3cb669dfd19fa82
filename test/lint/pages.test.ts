import { lintText, ruleInfos } from 'ringback/lint'
import { describe, expect, test } from 'vitest'
import { codeBlocks, headings } from '../support/markdown.ts'
import { documentAround, repositoryFile } from './support.ts'

describe.each(ruleInfos.map((info) => [info.name, info] as const))('the page of %s', (name, info) => {
  const page = repositoryFile(`docs/rules/${name}.md`)
  const [bad, good] = codeBlocks(page)
    // What strict parsers refuse is shown as text.
    .filter(({ language }) => language === 'yaml' || language === 'text')
    .map(({ text }) => lintText(documentAround(text)).problems)

  test('says what the rule is', () => {
    expect(headings(page)).toEqual([name, 'Problem', 'Bad', 'Good', 'Why'])
    const { severity, strict, group, fixable, summary } = info
    const inStrict = strict === undefined ? '' : `, \`${strict}\` in \`strict\``
    const fix = fixable ? 'has a fix where it is certain' : 'has no fix'
    expect(page.replaceAll('\n', ' ')).toContain(`${summary}  \`${severity}\` in \`recommended\`${inStrict} · ${group} · ${fix}`)
  })

  test('has a bad example that the rule speaks of, and no other error', () => {
    expect(bad?.map(({ rule }) => rule)).toContain(name)
    expect(bad?.filter(({ rule, severity }) => rule !== name && severity === 'error').map(({ rule }) => rule)).toEqual(
      { 'percent-in-pointer': ['pointer-not-in-schema'], 'hash-in-name': ['undeclared-query-parameter'] }[name] ?? [],
    )
  })

  test('has a good example with nothing to find', () => {
    const infos = ['expression-in-host', 'constant-key', 'missing-link-parameter', 'optional-url']
    expect(good?.filter(({ rule, severity }) => severity !== 'info' || !infos.includes(rule) || rule === name)).toEqual([])
  })
})

test('the list of the rules is complete', async () => {
  const groups = { syntax: 'Syntax', semantics: 'Semantics', structure: 'Structure', links: 'Links' }
  const sections = Object.entries(groups).map(([group, title]) => {
    const rows = ruleInfos
      .filter((info) => info.group === group)
      .map(
        (info) =>
          `| [${info.name}](${info.name}.md) | ${info.summary} | ${info.severity} | ${info.strict ?? info.severity} | ${info.fixable ? 'yes' : ''} |`,
      )
    return `## ${title}\n\n| rule | when it speaks | recommended | strict | fix |\n|---|---|---|---|---|\n${rows.join('\n')}\n`
  })
  const text = `# Rules

What \`ringback lint\` looks for; how to use it is in [linting.md](../linting.md). The preset \`3gpp\` is \`recommended\`, but that
[pointer-into-json-part](pointer-into-json-part.md) is an info, and [nested-callback](nested-callback.md) and
[optional-url](optional-url.md) are off. Some findings of a rule weigh less, or more, than the rule; its page says which.

${sections.join('\n')}`
  // Written by \`npx vitest run test/lint/pages.test.ts -u\`.
  await expect(text).toMatchFileSnapshot('../../docs/rules/README.md')
})
