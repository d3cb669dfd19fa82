import { readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { parseSync, Visitor } from 'oxc-parser'
import { root } from './paths.mjs'

const chevrotain = 'chevrotain/lib/src'

/**
 * Functions that the bundle of the grammar holds only because others name them. `all`: whatever the module declares.
 * @type {Record<string, 'all' | readonly string[]>}
 */
const NEVER_CALLED = {
  // The grammar does not change: test/expression/grammar.test.ts checks it, and `skipValidations` is set.
  [`${chevrotain}/parse/grammar/checks.js`]: 'all',
  [`${chevrotain}/parse/grammar/llk_lookahead.js`]: [
    'validate',
    'validateNoLeftRecursion',
    'validateEmptyOrAlternatives',
    'validateAmbiguousAlternationAlternatives',
    'validateSomeNonEmptyLookaheadPath',
  ],
  [`${chevrotain}/parse/grammar/gast/gast_resolver_public.js`]: ['validateGrammar'],
  [`${chevrotain}/scan/lexer.js`]: [
    'validatePatterns',
    'performRuntimeChecks',
    'performWarningRuntimeChecks',
    'checkLineBreaksIssues',
    'buildLineBreakIssueMessage',
  ],
  // Messages are ours (src/expression/grammar/problems.ts).
  [`${chevrotain}/parse/errors_public.js`]: 'all',
  [`${chevrotain}/scan/lexer_errors_public.js`]: 'all',
  // The rules make our tree, not Chevrotain's.
  [`${chevrotain}/parse/cst/cst.js`]: 'all',
  [`${chevrotain}/parse/cst/cst_visitor.js`]: 'all',
  [`${chevrotain}/parse/parser/traits/tree_builder.js`]: [
    'setInitialNodeLocationOnlyOffsetRecovery',
    'setInitialNodeLocationOnlyOffsetRegular',
    'setInitialNodeLocationFullRecovery',
    'setInitialNodeLocationFullRegular',
    'cstInvocationStateUpdate',
    'cstPostRuleFull',
    'cstPostRuleOnlyOffset',
    'cstPostTerminal',
    'cstPostNonTerminal',
    'getBaseCstVisitorConstructor',
    'getBaseCstVisitorConstructorWithDefaults',
  ],
  // No diagrams, no backtracking, no rule in the place of another, no lines and columns.
  '@chevrotain/gast/lib/src/model.js': ['serializeProduction'],
  [`${chevrotain}/parse/parser/traits/recognizer_api.js`]: ['OVERRIDE_RULE', 'BACKTRACK', 'getSerializedGastProductions'],
  [`${chevrotain}/scan/lexer_public.js`]: ['updateTokenEndLineColumnLocation', 'createStartOnlyToken', 'createFullToken'],
  // No repetition with separators.
  [`${chevrotain}/parse/parser/traits/recognizer_engine.js`]: [
    'atLeastOneSepFirstInternalLogic',
    'manySepFirstInternalLogic',
    'repetitionSepSecondInternal',
  ],
  // Only `unescape`.
  'json-pointer/index.js': ['get', 'set', 'remove', 'dict', 'walk', 'has', 'parse', 'compile', 'api'],
}

const body = "{ throw Error('Not in the package') }"

/**
 * Takes out what these functions do, and with it whatever only they need. One that is gone fails the build; one that is called after all
 * fails the tests of the language in `npm run test:dist`.
 * @type {import('esbuild').Plugin}
 */
export const withoutNeverCalled = {
  name: 'never-called',
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]node_modules[\\/].*\.js$/ }, ({ path }) => {
      const names = NEVER_CALLED[relative(join(root, 'node_modules'), path).replaceAll(sep, '/')]
      return names === undefined ? undefined : { contents: hollowed(path, names) }
    })
  },
}

/**
 * @param {string} path
 * @param {'all' | readonly string[]} names
 */
function hollowed(path, names) {
  let text = readFileSync(path, 'utf8')
  const found = functionsOf(path, text)
  const missing = names === 'all' ? [] : names.filter((name) => !found.some((one) => one.name === name))
  if (missing.length > 0 || found.length === 0)
    throw new Error(`Expected the functions ${missing.join(', ')} in ${path}, found none`)
  let start = Number.POSITIVE_INFINITY
  // From the last to the first, so that places hold; one inside of another goes with it.
  const chosen = found.filter(({ name }) => names === 'all' || names.includes(name))
  for (const one of outermost(chosen).sort((a, b) => b.start - a.start)) {
    if (one.end > start) continue
    text = text.slice(0, one.start) + body + text.slice(one.end)
    start = one.start
  }
  return text
}

/** @typedef {{ name: string, start: number, end: number }} Place of the body of a function */

/** @param {readonly Place[]} places */
function outermost(places) {
  return places.filter((one) => !places.some((other) => other.start < one.start && one.end < other.end))
}

/** @param {string} path @param {string} text */
function functionsOf(path, text) {
  /** @type {Place[]} */
  const found = []
  /** @param {any} named @param {any} made */
  const note = (named, made) => {
    if (!/Function/.test(made?.type) || made.body?.type !== 'BlockStatement') return
    found.push({ name: named?.name ?? named?.property?.name ?? '', start: made.body.start, end: made.body.end })
  }
  new Visitor({
    FunctionDeclaration: (node) => note(node.id, node),
    VariableDeclarator: (node) => note(node.id, node.init),
    Property: (node) => note(node.key, node.value),
    MethodDefinition: (node) => note(node.key, node.value),
    AssignmentExpression: (node) => note(node.left, node.right),
  }).visit(parseSync(path, text).program)
  return found
}
