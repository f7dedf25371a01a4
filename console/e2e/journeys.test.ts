// Journeys through the console, in a real browser against the real program.
//
// `npm run e2e`; FLUORO names the program, CHROMIUM the browser.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from './browser.ts';
import { startFluoro } from './fluoro.ts';
import type { Fluoro } from './fluoro.ts';

let browser: Browser;
let fluoro: Fluoro;

beforeAll(async () => {
  [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
});
afterAll(async () => {
  await browser?.close();
  await fluoro?.stop();
});

/** Opens a page of this server. */
const open = (path: string, stored?: object) => openPage(browser, fluoro.origin + path, stored);

/** Returns how many traces of the last hour the API finds. */
async function count(filter: string): Promise<number> {
  const now = Date.now() / 1e3;
  const body = JSON.stringify({ StartTime: now - 3600, EndTime: now, FilterExpression: filter });
  const response = await fetch(`${fluoro.origin}/TraceSummaries`, { method: 'POST', body });
  const { TraceSummaries } = (await response.json()) as { TraceSummaries: unknown[] };
  return TraceSummaries.length;
}

/** The last word of an address. */
const last = (page: Page) => new URL(page.url()).pathname.split('/').at(-1);

describe('an empty server', () => {
  test('waits for the first segment, which appears by itself', async () => {
    const { page, complaints, close } = await open('/');
    await page.waitForURL(/\/console\/map/);
    await page.getByRole('heading', { name: 'Waiting for a segment' }).waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('link', { name: 'Traces' }).click();
    await page.getByRole('heading', { name: 'Waiting for a segment' }).waitFor();
    await page.waitForURL(/\/console\/traces/);
    await page.getByText('fluoro send').waitFor();
    expect(await violations(page)).toEqual([]);
    fluoro.send(40);
    await page.getByTestId('count').waitFor();
    expect(await page.getByTestId('count').textContent()).toBe('40 traces');
    expect(complaints).toEqual([]);
    await close();
  });
});

describe('a server with traffic', () => {
  test('from the map to the exception, by the service where faults begin', async () => {
    const { page, complaints, close } = await open('/console/map');
    await page.getByRole('button', { name: /^payment.*faults begin here/ }).click();
    await page.waitForURL(/sel=payment~AWS/);
    await page.getByRole('checkbox', { name: /Fault/ }).check();
    const bars = page.getByRole('group', { name: /Drag to choose response/ });
    const box = await bars.boundingBox();
    if (!box) throw new Error('there are no bars');
    const y = box.y + box.height / 2;
    await page.mouse.move(box.x + box.width * 0.1, y);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 2, y, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/rt=0\.\d+~0\.\d+/);
    await page.getByRole('link', { name: 'View traces' }).click();
    await page.waitForURL(/console\/traces\?/);
    const filter = new URL(page.url()).searchParams.get('q') ?? '';
    expect(filter).toMatch(
      /^service\(id\(name: "payment", type: "AWS::EC2::Instance"\)\) \{ responsetime >= 0\.\d+ AND responsetime <= 0\.\d+ AND fault \}$/,
    );
    await page.getByTestId('count').waitFor();
    expect(await page.getByTestId('count').textContent()).toMatch(`${await count(filter)} trace`);
    await page.locator('[data-outcome="fault"] a').first().click();
    await page.getByRole('button', { name: 'Show', exact: true }).click();
    await page.getByRole('tab', { name: /Exceptions/ }).click();
    await page.getByText(/the bank refused order/).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test('the map stays put when services come, and can be walked and read as a table', async () => {
    const { page, close } = await open('/console/map');
    await page.getByRole('button', { name: /^payment/ }).waitFor();
    const places = () =>
      page.evaluate(() =>
        Object.fromEntries(
          [...document.querySelectorAll<HTMLElement>('[data-key]')].map((node) => {
            const { x, y } = node.getBoundingClientRect();
            return [node.dataset['key'], [x, y]];
          }),
        ),
      );
    const before = await places();
    const start = Date.now() / 1e3 - 3;
    const id = `1-${Math.floor(start).toString(16)}-00000000000000000000bbbb`;
    await fluoro.put([
      { trace_id: id, id: 'b000000000000001', name: 'newcomer', start_time: start, end_time: start + 1,
        subsegments: [{ id: 'b000000000000002', name: 'cart', namespace: 'remote', start_time: start, end_time: start + 0.9 }] },
      { trace_id: id, id: 'b000000000000003', parent_id: 'b000000000000002', name: 'cart', origin: 'AWS::ECS::Container',
        start_time: start + 0.1, end_time: start + 0.8 },
    ]); // prettier-ignore
    await page.keyboard.press('.');
    await page.getByText('8 services').waitFor();
    expect(await places()).toMatchObject(before);
    for (const key of ['ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    await page.locator('[data-key]:focus').waitFor();
    await page.getByRole('button', { name: 'Table', exact: true }).click();
    await page
      .getByRole('row', { name: /newcomer/ })
      .first()
      .waitFor();
    expect(await violations(page)).toEqual([]);
    await close();
  });

  test('from the list to the exception', async () => {
    const { page, complaints, close } = await open('/console/traces');
    await page.getByRole('button', { name: 'Fault (5xx)' }).click();
    await page.waitForURL(/st=fault/);
    await page.locator('[data-outcome="fault"] a').first().click();
    await page.getByText(/The fault began in payment: CardDeclined/).waitFor();
    await page.getByRole('button', { name: 'Show' }).click();
    await page.getByRole('tab', { name: /Exceptions/ }).click();
    await page.getByText(/the bank refused order/).waitFor();
    await page.getByText('payment/charge.py:42').waitFor();
    await page.waitForURL(/seg=[0-9a-f]{16}/);
    expect(complaints).toEqual([]);
    // The same address shows the same thing in a fresh browser.
    const fresh = await open(page.url().slice(fluoro.origin.length));
    await fresh.page.getByText(/the bank refused order/).waitFor();
    await fresh.close();
    // Back leads to the list as it was.
    await page.goBack();
    await page.waitForURL(/traces\?.*st=fault/);
    await close();
  });

  test('the filter finds what the API finds', async () => {
    const { page, close } = await open('/console/traces');
    await page.keyboard.press('/');
    await page.keyboard.type('annotation.customer = "ana"');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=/);
    const found = await count('annotation.customer = "ana"');
    await page.getByText(new RegExp(`^${found} traces?$`)).waitFor();
    await close();
  });

  test('a filter that cannot be read says where, and one that matches nothing what to do', async () => {
    const bad = await open('/console/traces?q=fualt+%3D');
    await bad.page.getByRole('alert').getByText('At character 1.').waitFor();
    await bad.close();
    const { page, close } = await open('/console/traces?q=user+%3D+%22nobody%22');
    await page.getByText('No trace matches in Last 1h').waitFor();
    await page.getByText('Without the filter: 41 traces.').waitFor();
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await page.getByText(/^41 traces$/).waitFor();
    await page.goBack();
    await page.getByText('No trace matches in Last 1h').waitFor();
    await close();
  });

  test('a pasted header opens its trace', async () => {
    const { page, close } = await open('/console/traces');
    const link = page.locator('a[data-index="0"]');
    const id = (await link.getAttribute('href'))?.split('/').at(-1)?.split('?')[0] ?? '';
    await page.getByLabel('Filter expression').fill(`Root=${id};Sampled=1`);
    await page.keyboard.press('Enter');
    await page.getByRole('treegrid').waitFor();
    expect(last(page)).toBe(id);
    await close();
  });

  test('keys alone walk from the list to the exception', async () => {
    const { page, close } = await open('/console/traces?st=fault');
    await page.locator('a[data-index="0"]').waitFor();
    await page.keyboard.press('j');
    await page.locator('a[data-index="0"]:focus').waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('treegrid').waitFor();
    for (let step = 0; step < 3; step += 1) await page.keyboard.press('x');
    await page.getByRole('row', { selected: true, name: /payment.*began here/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.keyboard.press('Tab');
    for (let step = 0; step < 4; step += 1) await page.keyboard.press('ArrowRight');
    await page.getByText(/the bank refused order/).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('t');
    await page.waitForURL(/\/console\/traces(\?|$)/);
    await close();
  });

  test('language and theme change at once and stay', async () => {
    const { page, close } = await open('/console/traces');
    await page.getByRole('button', { name: 'Settings' }).click();
    await page.getByRole('button', { name: '한국어' }).click();
    await page.getByRole('heading', { name: '트레이스' }).waitFor();
    await page.getByRole('button', { name: '어둡게' }).click();
    await page.reload();
    await page.getByRole('heading', { name: '트레이스' }).waitFor();
    expect(
      await page.evaluate(() => [
        document.documentElement.lang,
        document.documentElement.dataset['theme'],
      ]),
    ).toEqual(['ko', 'dark']);
    await close();
  });

  test.each(
    ['light', 'dark'].flatMap((theme) =>
      ['en', 'ko', 'ja'].map((language) => ({ theme, language })),
    ),
  )('nothing is in the way of anyone: $theme, $language', async (stored) => {
    const { page, complaints, close } = await open('/console/traces?st=fault', stored);
    await page.locator('a[data-index="0"]').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.locator('a[data-index="0"]').click();
    await page.getByRole('treegrid').waitFor();
    await page.locator('[role="treegrid"] [role="row"]').nth(5).click();
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      expect(await violations(page)).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await close();
  });
});

test('a trace that is not there says why', async () => {
  const { page, close } = await open('/console/traces/1-5f84c7a1-0123456789abcdef01234567');
  await page.getByText('This trace is not here').waitFor();
  await page.getByText(/Its id says that it began Oct 12, 2020/).waitFor();
  await close();
});

test('ten thousand rows: few elements, and the last row is reached', async () => {
  const now = Date.now() / 1e3 - 20;
  const id = `1-${Math.floor(now).toString(16)}-00000000000000000000aaaa`;
  const hex = (number: number) => number.toString(16).padStart(16, '0');
  const segments = Array.from({ length: 100 }, (_, outer) => ({
    trace_id: id,
    id: hex(outer + 1),
    name: `service-${outer % 12}`,
    ...(outer > 0 && { parent_id: hex(1) }),
    start_time: now + outer * 0.1,
    end_time: outer === 0 ? now + 11 : now + outer * 0.1 + 0.9,
    subsegments: Array.from({ length: 100 }, (_unused, inner) => ({
      id: hex(0x10000 + outer * 100 + inner),
      name: `call-${inner}`,
      start_time: now + outer * 0.1 + inner * 0.008,
      end_time: now + outer * 0.1 + inner * 0.008 + 0.006,
    })),
  }));
  for (let at = 0; at < segments.length; at += 5) await fluoro.put(segments.slice(at, at + 5));
  const { page, complaints, close } = await open(`/console/traces/${id}`);
  const grid = page.getByRole('treegrid');
  await grid.waitFor();
  expect(await grid.getAttribute('aria-rowcount')).toBe('10100');
  await grid.evaluate((element) => (element.parentElement as HTMLElement).scrollTo(0, 1e9));
  await page.locator('[aria-rowindex="10100"]').waitFor();
  expect(await page.evaluate(() => document.querySelectorAll('*').length)).toBeLessThan(3000);
  expect(complaints).toEqual([]);
  await close();
});
