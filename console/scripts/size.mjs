// Fails when the console grows past its budget. Sizes are gzip level 9, in bytes.
//
// The initial JavaScript of a route is the static import closure of the entry and of the route's
// chunk, read from Vite's manifest.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const KB = 1000;
const LIMITS = { shell: 130 * KB, route: 200 * KB, chunk: 50 * KB, css: 25 * KB, locale: 25 * KB };
/** What is loaded when it is asked for, and may be larger than a page. */
const LAZY = [
  [/views\/editor\//, 120 * KB],
  [/views\/range\//, 65 * KB],
  [/views\/palette\//, 60 * KB],
  [/views\/chart|uplot/i, 26 * KB],
];
/** Where the route's budget is nearly used up. */
const ROUTE_WARN = 185 * KB;

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
const manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'));
const gz = (file) => gzipSync(readFileSync(dist + file), { level: 9 }).length;

/** Returns the keys of a chunk and of everything it imports statically. */
function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}

/** Returns what is there already when a chunk is asked for: what everyone who asks for it has. */
function loadedBefore(key) {
  const askers = Object.keys(manifest).filter((one) => manifest[one].dynamicImports?.includes(key));
  const sets = askers.map((one) => new Set([...closure('index.html'), ...closure(one)]));
  const [first = closure('index.html'), ...more] = sets;
  return new Set([...first].filter((one) => more.every((set) => set.has(one))));
}

const js = (keys) => [...keys].reduce((sum, key) => sum + gz(manifest[key].file), 0);
const problems = [];

function hold(what, bytes, limit) {
  console.log(`${what.padEnd(34)} ${(bytes / KB).toFixed(1).padStart(7)} KB of ${limit / KB}`);
  if (bytes > limit) problems.push(`${what} is ${bytes} bytes, ${bytes - limit} too many`);
}

const shell = closure('index.html');
hold('shell', js(shell), LIMITS.shell);
// Pages load their own styles; weighed as one they do not pay for being apart.
const css = new Set(Object.values(manifest).flatMap((chunk) => chunk.css ?? []));
const styles = Buffer.concat([...css].sort().map((file) => readFileSync(dist + file)));
hold('css', gzipSync(styles, { level: 9 }).length, LIMITS.css);
for (const [key, chunk] of Object.entries(manifest)) {
  if (!chunk.isDynamicEntry) continue;
  if (key.includes('messages/')) {
    hold(key, gz(chunk.file), LIMITS.locale);
    continue;
  }
  const lazy = LAZY.find(([pattern]) => pattern.test(key));
  const there = loadedBefore(key);
  const own = [...closure(key)].filter((one) => !there.has(one));
  hold(key, js(own), lazy?.[1] ?? LIMITS.chunk);
  if (lazy) continue;
  const route = js(new Set([...there, ...own]));
  hold(`  ${key} with shell`, route, LIMITS.route);
  if (route > ROUTE_WARN) console.log(`  warning: ${key} is near the budget`);
}
const lazyOnly = 'react-aria-components';
if ([...shell].some((key) => readFileSync(dist + manifest[key].file, 'utf8').includes(lazyOnly))) {
  problems.push(`${lazyOnly} is in the shell`);
}
for (const problem of problems) console.error(problem);
process.exit(problems.length > 0 ? 1 : 0);
