// A page of the console in a browser of its own, with what the browser complains of.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import type { Fluoro } from './fluoro.ts';

/** Opens a page; `prepare` is called before anything is loaded. */
export async function openPage(
  browser: Browser,
  fluoro: Fluoro,
  path: string,
  stored: object = {},
  prepare: (page: Page) => Promise<void> = async () => {},
) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    locale: 'en-GB',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.addInitScript(
    (value) => {
      if (localStorage.getItem('fluoro') === null) localStorage.setItem('fluoro', value);
    },
    JSON.stringify({ theme: 'light', language: 'en', ...stored }),
  );
  await prepare(page);
  await page.goto(fluoro.origin + path);
  await page.locator('main').waitFor();
  return { page, complaints, close: () => context.close() };
}

interface Violation {
  id: string;
  nodes: { html: string }[];
}

/** Returns what axe finds wrong with a page, but for the parts that another journey looks at. */
export async function violations(page: Page, ...exclude: string[]): Promise<string[]> {
  const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await page.evaluate(axe);
  const found = await page.evaluate(
    async (parts) => {
      const { axe: runner } = window as unknown as {
        axe: { run: (context: object) => Promise<{ violations: Violation[] }> };
      };
      return (await runner.run({ include: [['html']], exclude: parts })).violations;
    },
    exclude.map((one) => [one]),
  );
  return found.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map((node) => node.html)
        .slice(0, 3)
        .join(' | ')}`,
  );
}
