// How the console is built and tested. `FLUORO_API` names a running server for `npm run dev`.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { messages } from './scripts/messages.ts';

const api = process.env['FLUORO_API'] ?? 'http://127.0.0.1:2080';

export default defineConfig({
  base: '/console/',
  plugins: [react(), ...(process.env['VITEST'] ? [] : [messages()])],
  build: {
    manifest: true,
    // The folder itself is tracked, so that the server compiles without a build; see scripts/clean.mjs.
    emptyOutDir: false,
    target: 'es2022',
    rolldownOptions: {
      output: {
        // What every page needs is one file: in many small ones it is larger, and asked for one by one.
        codeSplitting: {
          groups: [
            {
              name: 'ground',
              test: /node_modules\/(react|react-dom|scheduler|use-intl|@tanstack\/(?!.*virtual)[\w-]+)\//,
            },
          ],
        },
      },
    },
  },
  server: {
    // The console's own API lies below its pages; all else but the pages is the public API.
    proxy: { '^/(?!console(?!/(api|l)/)).*': { target: api } },
  },
  test: { testTimeout: 60_000, hookTimeout: 60_000 },
});
