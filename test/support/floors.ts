/**
 * Which folder of `src` may import which, from the lowest to the highest. The same table, with what lives where, is in
 * docs/architecture.md. The key '' is for the files directly in `src`: the front doors of the package.
 */
export const FLOORS: Readonly<Record<string, readonly string[]>> = {
  util: [],
  errors: ['util'],
  http: ['util', 'errors'],
  expression: ['util', 'errors', 'http'],
  outbound: ['util', 'errors', 'http'],
  openapi: ['util', 'errors', 'http'],
  loading: ['util', 'errors', 'http', 'openapi', 'outbound'],
  signature: ['util', 'errors', 'http'],
  schema: ['util', 'errors', 'openapi'],
  callback: ['util', 'errors', 'http', 'expression', 'openapi', 'schema'],
  lint: ['util', 'errors', 'expression', 'openapi'],
  storage: ['util', 'errors'],
  dispatcher: ['util', 'errors', 'http', 'outbound', 'signature', 'storage'],
  receiver: ['util', 'errors', 'http', 'openapi', 'expression', 'callback', 'schema', 'signature', 'storage'],
  middleware: ['util', 'errors', 'http', 'openapi', 'callback', 'lint', 'dispatcher'],
  testing: [
    ...['util', 'errors', 'http', 'expression', 'outbound', 'openapi', 'loading', 'signature', 'schema', 'callback', 'lint'],
    ...['storage', 'dispatcher', 'receiver'],
  ],
  plugins: ['util', 'errors', 'expression', 'openapi', 'lint', 'testing'],
  cli: [
    ...['util', 'errors', 'http', 'expression', 'outbound', 'openapi', 'loading', 'signature', 'schema', 'callback', 'lint'],
    ...['storage', 'dispatcher', 'receiver', 'middleware', 'testing', 'plugins'],
  ],
  '': [
    ...['util', 'errors', 'http', 'expression', 'outbound', 'openapi', 'loading', 'signature', 'schema', 'callback', 'lint'],
    ...['storage', 'dispatcher', 'receiver'],
  ],
}

/** Floors that also run in a browser: no `node:` module may be listed for them, but in the files named here. */
export const BROWSER_FLOORS: readonly string[] = ['util', 'errors', 'http', 'expression', 'openapi', 'lint']
export const NODE_ONLY_FILES: readonly string[] = ['src/expression/grammar-lazy.ts']

export interface Allowance {
  /** A file, or a folder with its slash: `src/outbound/`. */
  readonly files: string
  /** Package names and `node:` modules. */
  readonly externals: readonly string[]
  /** Erased by the compiler: for frameworks, which are optional peers. */
  readonly typesOnly?: true
}

/** Which files may import which packages and built-in modules. What is not here is refused; what is here and unused is refused too. */
export const ALLOWANCES: readonly Allowance[] = [
  { files: 'src/expression/grammar-lazy.ts', externals: ['node:module'] },
  { files: 'src/expression/grammar/', externals: ['chevrotain'] },
  { files: 'src/expression/grammar/parser.ts', externals: ['json-pointer'] },
  { files: 'src/expression/print.ts', externals: ['json-pointer'] },
  { files: 'src/openapi/pointer.ts', externals: ['json-pointer'] },
  { files: 'src/openapi/types.ts', externals: ['openapi-types'], typesOnly: true },
  { files: 'src/openapi/source/', externals: ['js-yaml'] },
  { files: 'src/loading/crawl.ts', externals: ['@apidevtools/json-schema-ref-parser'] },
  { files: 'src/loading/structure.ts', externals: ['@apidevtools/swagger-parser'] },
  { files: 'src/loading/', externals: ['node:fs', 'node:fs/promises', 'node:path', 'node:url'] },
  { files: 'src/outbound/', externals: ['node:net', 'undici'] },
  { files: 'src/outbound/client-identity.ts', externals: ['node:tls'] },
  { files: 'src/outbound/resolver.ts', externals: ['node:dns/promises'] },
  { files: 'src/signature/content-digest.ts', externals: ['node:crypto'] },
  { files: 'src/signature/message-key.ts', externals: ['node:crypto'] },
  { files: 'src/signature/standard-webhooks.ts', externals: ['node:crypto'] },
  { files: 'src/signature/webhook-key.ts', externals: ['node:crypto'] },
  { files: 'src/signature/x-hub-signature.ts', externals: ['node:crypto'] },
  { files: 'src/schema/compile-schema.ts', externals: ['ajv', 'ajv-formats', 'node:module'] },
  { files: 'src/schema/pattern.ts', externals: ['node:vm'] },
  { files: 'src/callback/description-id.ts', externals: ['node:crypto'] },
  { files: 'src/callback/request-id.ts', externals: ['node:crypto'] },
  { files: 'src/callback/encode-multipart.ts', externals: ['node:crypto'] },
  { files: 'src/storage/seal.ts', externals: ['node:crypto'] },
  { files: 'src/storage/sqlite-driver.ts', externals: ['node:module'] },
  { files: 'src/dispatcher/dispatcher.ts', externals: ['node:events'] },
  { files: 'src/dispatcher/events.ts', externals: ['node:diagnostics_channel'] },
  { files: 'src/receiver/auth/', externals: ['node:crypto'] },
  { files: 'src/receiver/content-coding.ts', externals: ['node:util', 'node:zlib'] },
  { files: 'src/receiver/digest.ts', externals: ['node:crypto'] },
  { files: 'src/receiver/fastify.ts', externals: ['node:events', 'node:http'], typesOnly: true },
  { files: 'src/receiver/listen.ts', externals: ['node:http', 'node:net'] },
  { files: 'src/receiver/node-adapter.ts', externals: ['node:http'], typesOnly: true },
  { files: 'src/receiver/callback-receiver.ts', externals: ['node:http'], typesOnly: true },
  { files: 'src/receiver/tokens.ts', externals: ['node:crypto'] },
  { files: 'src/cli/command.ts', externals: ['commander'], typesOnly: true },
  { files: 'src/cli/arguments.ts', externals: ['commander', 'node:fs'] },
  { files: 'src/cli/plan.ts', externals: ['node:crypto'] },
  { files: 'src/cli/commands/explain.ts', externals: ['commander', 'picocolors'] },
  { files: 'src/cli/commands/plan.ts', externals: ['commander', 'node:fs', 'picocolors'] },
  { files: 'src/cli/commands/listen.ts', externals: ['commander'] },
  { files: 'src/cli/listen/flags.ts', externals: ['commander', 'node:fs'] },
  { files: 'src/cli/listen/output.ts', externals: ['node:fs'] },
  { files: 'src/cli/listen/run-listen.ts', externals: ['picocolors'] },
  { files: 'src/cli/program.ts', externals: ['commander'] },
  { files: 'src/cli/package.ts', externals: ['node:fs'] },
  { files: 'src/cli/commands/lint.ts', externals: ['commander'] },
  { files: 'src/cli/lint/config-file.ts', externals: ['js-yaml', 'node:fs', 'node:path'] },
  { files: 'src/cli/lint/fix-files.ts', externals: ['node:fs', 'node:url'] },
  { files: 'src/cli/lint/inputs.ts', externals: ['node:fs', 'node:path'] },
  { files: 'src/cli/lint/outputs.ts', externals: ['commander'] },
  { files: 'src/cli/lint/run-lint.ts', externals: ['node:fs', 'picocolors'] },
]

/** What `#…` in the `imports` of package.json means in the sources. Only the floor that the file is in may use it. */
export const SUBPATH_IMPORTS: Readonly<Record<string, string>> = {
  '#grammar': 'src/expression/grammar-eager.ts',
}

/** Files that the build makes, by the source that they are made of. */
export const GENERATED: Readonly<Record<string, string>> = {
  'src/expression/grammar/bundle.cjs': 'src/expression/grammar/index.ts',
}
