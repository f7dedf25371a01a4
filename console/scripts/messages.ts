// Compiles the messages when the console is built, so that the browser needs no parser for them.
import { readFileSync } from 'node:fs';
import { resolve, dirname } from 'node:path';
import compile from 'icu-minify/compile';
import type { Plugin } from 'vite';

const PREFIX = '\0messages:';

type Messages = { [key: string]: string | Messages };

function compiled(value: string | Messages): unknown {
  if (typeof value === 'string') return compile(value);
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, compiled(one)]));
}

/** Returns the plugin; the tests read messages as they are written and go without it. */
export function messages(): Plugin {
  return {
    name: 'messages',
    enforce: 'pre',
    config: () => ({
      resolve: { alias: { 'use-intl/format-message': 'use-intl/format-message/format-only' } },
    }),
    resolveId(source, importer) {
      if (!source.endsWith('.json') || !importer?.includes('/src/messages/')) return undefined;
      return `${PREFIX}${resolve(dirname(importer), source)}.js`;
    },
    load(id) {
      if (!id.startsWith(PREFIX)) return undefined;
      const path = id.slice(PREFIX.length, -'.js'.length);
      this.addWatchFile(path);
      return `export default ${JSON.stringify(compiled(JSON.parse(readFileSync(path, 'utf8')) as Messages))}`;
    },
  };
}
