// One trace in all its views: clocks that disagree, what is found in it, a typical one beside it.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from './browser.ts';
import { startFluoro } from './fluoro.ts';
import type { Fluoro } from './fluoro.ts';

let browser: Browser;
let fluoro: Fluoro;

const now = Date.now() / 1e3 - 60;
const hex = (number: number, length: number) => number.toString(16).padStart(length, '0');
const traceId = (serial: number, at = now) => `1-${hex(Math.floor(at), 8)}-${hex(serial, 24)}`;
const ODD = traceId(1);
const request = { method: 'GET', url: 'http://gate.example/report/42' };

/** A report that fails: its accounting has a clock behind, it asks a database again and again. */
function odd(): object[] {
  const queries = Array.from({ length: 8 }, (_, index) => ({
    id: hex(0x100 + index, 16),
    name: 'orders-db',
    namespace: 'remote',
    start_time: now + 0.9 + index * 0.02,
    end_time: now + 0.918 + index * 0.02,
    sql: { sanitized_query: 'SELECT total FROM orders WHERE id = ?', database_type: 'PostgreSQL' },
  }));
  const call = {
    id: hex(2, 16),
    name: 'accounting',
    namespace: 'remote',
    start_time: now + 0.1,
    end_time: now + 0.9,
    http: { response: { status: 200 } },
  };
  const exception = {
    id: hex(0x200, 16),
    type: 'ReportFailed',
    message: 'the report could not be made',
    stack: [
      { path: '/srv/report.js', line: 42, label: 'makeReport' },
      { path: '/srv/node_modules/express/router.js', line: 281, label: 'next' },
    ],
  };
  return [
    {
      trace_id: ODD,
      id: hex(1, 16),
      name: 'gate',
      start_time: now,
      end_time: now + 1.2,
      fault: true,
      http: { request, response: { status: 500 } },
      annotations: { team: 'billing' },
      metadata: { default: { nested: { needle: 'haystack' } } },
      links: [{ trace_id: traceId(9), id: hex(9, 16) }],
      cause: { working_directory: '/srv', exceptions: [exception] },
      subsegments: [call, ...queries],
    },
    {
      trace_id: ODD,
      id: hex(3, 16),
      parent_id: hex(2, 16),
      name: 'accounting',
      start_time: now - 0.35,
      end_time: now + 0.35,
    },
  ];
}

/** The same report, as it goes when all is well. */
function good(serial: number): object {
  const at = now - serial;
  return {
    trace_id: traceId(serial, at),
    id: hex(serial * 16, 16),
    name: 'gate',
    start_time: at,
    end_time: at + 0.2 + serial / 1e3,
    http: { request, response: { status: 200 } },
    subsegments: [
      {
        id: hex(serial * 16 + 1, 16),
        name: 'accounting',
        namespace: 'remote',
        start_time: at + 0.05,
        end_time: at + 0.15,
      },
    ],
  };
}

beforeAll(async () => {
  [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
  await fluoro.put([...odd(), ...[20, 21, 22].map(good)]);
});
afterAll(async () => {
  await browser?.close();
  await fluoro?.stop();
});

const open = (path: string, stored?: object) =>
  openPage(browser, `${fluoro.origin}/console/traces/${path}`, stored);
const rowOf = (page: Page, name: RegExp) =>
  page.getByRole('treegrid').getByRole('row', { name }).first();

test('a clock that is behind is named, and set right when asked', async () => {
  const { page, complaints, close } = await open(ODD);
  const chip = page.getByRole('button', { name: /clock of accounting −500 ms/ });
  await rowOf(page, /^accounting , OK, starts at 0 ms/).waitFor();
  await chip.click();
  await page.waitForURL(/skew=fix/);
  await rowOf(page, /^gate .*starts at 0 ms/).waitFor();
  await rowOf(page, /^accounting , OK, starts at 150 ms/).waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('text is found in queries and metadata; repeated calls are one row', async () => {
  const { page, complaints, close } = await open(ODD);
  const find = page.getByRole('searchbox', { name: 'Find in trace' });
  await find.fill('sanitized');
  await page.getByText('8 matches').waitFor();
  await rowOf(page, /^orders-db/)
    .getByText('in SQL')
    .waitFor();
  await find.press('Enter');
  await page.waitForURL(/seg=/);
  await page.getByRole('tab', { name: /SQL/ }).click();
  await page.getByText('8 times in this trace, 144 ms in all').waitFor();
  await page.getByRole('button', { name: '× 8' }).click();
  expect(await page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('11');
  await find.fill('haystack');
  await rowOf(page, /^gate/).getByText('in metadata').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('the details lead on: to filters, sets, linked traces, the same exception', async () => {
  const { page, complaints, close } = await open(`${ODD}?tab=exceptions`);
  await page.getByText('1 library frame').waitFor();
  await page.getByText('1 trace within 12 h').waitFor();
  await page.getByRole('tab', { name: 'Overview' }).click();
  await page.getByRole('link', { name: traceId(9) }).waitFor();
  await page.getByRole('tab', { name: /Annotations/ }).click();
  const hrefs = await page
    .getByRole('tabpanel')
    .getByRole('link')
    .evaluateAll((links) =>
      links.map((link) => decodeURIComponent(link.getAttribute('href') ?? '')),
    );
  const term = 'annotation.team+=+"billing"';
  expect(hrefs).toEqual([
    `/console/traces?q=${term}`,
    `/console/traces?q=!(${term})`,
    '/console/traces?by=annotation:team',
    `/console/analytics?A=${term}`,
    `/console/analytics?B=${term}&set=B`,
  ]);
  expect(complaints).toEqual([]);
  await close();
});

test('flame, map and documents show the same trace', async () => {
  const { page, complaints, close } = await open(ODD);
  await page.getByRole('treegrid').waitFor();
  await page.getByRole('button', { name: 'Flame' }).click();
  const flame = page.getByRole('group', { name: /^Work of the trace as boxes/ });
  await flame.press('ArrowDown');
  await page.waitForURL(/seg=/);
  await page.getByRole('complementary').getByRole('heading', { name: 'accounting' }).waitFor();
  await page.getByRole('button', { name: 'By name' }).click();
  await page.waitForURL(/fl=name/);
  await page.getByRole('button', { name: 'Map', exact: true }).click();
  await page.getByRole('button', { name: /^accounting,/ }).click();
  await page.getByRole('button', { name: 'Show its rows' }).click();
  await page.waitForURL(/svc=accounting/);
  expect(await page.getByRole('treegrid').getAttribute('aria-rowcount')).toBe('3');
  await page.getByRole('treegrid').press('r');
  await page.getByRole('button', { name: 'As received' }).click();
  await page.getByText('"team": ').waitFor();
  await page.getByRole('searchbox', { name: 'Find in trace' }).fill('ReportFailed');
  await page.getByText('1 match').waitFor();
  // What is asked again and is the same stays, and the page answers.
  await page.getByRole('button', { name: 'Refresh' }).click();
  await page.getByRole('button', { name: 'Timeline' }).click();
  await page.getByRole('treegrid').waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('beside a typical trace, the difference has a name', async () => {
  const { page, complaints, close } = await open(ODD);
  await page.getByRole('treegrid').press('m');
  await page.waitForURL(/compare\?a=/);
  await page.getByText(/nearest to the median of 3 ok traces of the same URL/).waitFor();
  await page
    .getByTestId('headline')
    .getByText(/A took 1\.\d+ s longer than B\./)
    .waitFor();
  await page
    .getByTestId('headline')
    .getByText(/gate → accounting \+\d+ ms/)
    .waitFor();
  await page.getByRole('row', { name: /^orders-db .*B –/ }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Swap A and B' }).click();
  await page
    .getByTestId('headline')
    .getByText(/less than B\./)
    .waitFor();
  await page.goBack();
  await page.getByRole('textbox', { name: 'Id of another trace' }).fill(traceId(22, now - 22));
  await page.getByRole('button', { name: 'Compare' }).click();
  await page.waitForURL(/b=1-/);
  expect(complaints).toEqual([]);
  await close();
});

test('what is not there says why', async () => {
  const { page, close } = await open('1-5f84c7a1-0123456789abcdef01234567');
  await page.getByText('This trace is not here').waitFor();
  await page.getByRole('link', { name: 'Traces of that time' }).click();
  await page.waitForURL(/traces\?t=2020-10-12T/);
  await close();
});

test.each(
  ['light', 'dark'].flatMap((theme) => ['en', 'ko', 'ja'].map((language) => ({ theme, language }))),
)('nothing is in the way of anyone: $theme, $language', async (stored) => {
  const { page, complaints, close } = await open(`${ODD}?find=sanitized`, stored);
  await page.getByRole('treegrid').waitFor();
  expect(await violations(page)).toEqual([]);
  for (const view of ['flame', 'map', 'raw']) {
    await page.goto(`${fluoro.origin}/console/traces/${ODD}?view=${view}`);
    await page.locator('main canvas, [data-kind="open"]').first().waitFor();
    // The cards of services are the service map's.
    expect(await violations(page, '[data-key]')).toEqual([]);
  }
  expect(complaints).toEqual([]);
  await close();
});
