// Writes the types of the console's endpoints, src/api/schema.ts, out of the server's description of
// them. With --check it only compares.
import { readFileSync, writeFileSync } from 'node:fs';
import { register } from 'node:module';
import { format, resolveConfig } from 'prettier';

const DESCRIPTION = new URL('../../docs/console-api.json', import.meta.url);
const TARGET = new URL('../src/api/schema.ts', import.meta.url);
const HEAD =
  "// The console's endpoints, out of docs/console-api.json: `npm run types` writes it.\n";

// The generator builds TypeScript's tree, which version 7 does not offer to programs any more.
const hook = `export async function resolve(name, context, next) {
  return next(name === 'typescript' ? 'typescript5' : name, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);

const { default: generate, astToString } = await import('openapi-typescript');
const tree = await generate(JSON.parse(readFileSync(DESCRIPTION, 'utf8')), { alphabetize: true });
const style = await resolveConfig(TARGET);
const text = await format(HEAD + astToString(tree), { ...style, parser: 'typescript' });
if (!process.argv.includes('--check')) {
  writeFileSync(TARGET, text);
} else if (readFileSync(TARGET, 'utf8') !== text) {
  console.error('src/api/schema.ts is out of date: npm run types');
  process.exit(1);
}
