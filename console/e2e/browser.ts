// A page in a real browser, and what it is asked by every journey.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium } from 'playwright-core';
import type { Browser, Page } from 'playwright-core';

const PROGRAM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
]; // prettier-ignore

export function startBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath: PROGRAM, args: FLAGS });
}

/** A page of the console, and what the browser complained of since. */
export interface Opened {
  page: Page;
  complaints: string[];
  close: () => Promise<void>;
}

/** Opens an address as someone with these preferences; `prepare` is called before anything is loaded. */
export async function openPage(
  browser: Browser,
  url: string,
  stored: object = {},
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<Opened> {
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
  await page.goto(url);
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
