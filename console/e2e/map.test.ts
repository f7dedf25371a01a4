// Journeys over the service map, against the real program.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from './browser.ts';
import { startFluoro } from './fluoro.ts';
import type { Fluoro } from './fluoro.ts';

let browser: Browser;
let fluoro: Fluoro;

beforeAll(async () => {
  [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
  fluoro.send(60);
});
afterAll(async () => {
  await browser?.close();
  await fluoro?.stop();
});

const open = (path: string, stored?: object) =>
  openPage(browser, fluoro.origin + path, { theme: 'light', language: 'en', ...stored });

/** Returns where each card stands on the screen. */
function places(page: Page): Promise<Record<string, [number, number]>> {
  return page.evaluate(() =>
    Object.fromEntries(
      [...document.querySelectorAll<HTMLElement>('[data-key]')].map((node) => {
        const { x, y } = node.getBoundingClientRect();
        return [node.dataset['key'] ?? '', [Math.round(x), Math.round(y)]];
      }),
    ),
  );
}

/** Sends a trace in which a service that was never seen calls the cart. */
async function call(name: string): Promise<void> {
  const start = Date.now() / 1e3 - 3;
  const random = Array.from({ length: 24 }, () => Math.floor(Math.random() * 16).toString(16)).join(
    '',
  );
  const id = `1-${Math.floor(start).toString(16)}-${random}`;
  const hex = (part: string) => `${random.slice(0, 12)}${part}`;
  await fluoro.put([
    { trace_id: id, id: hex('0001'), name, start_time: start, end_time: start + 1,
      subsegments: [{ id: hex('0002'), name: 'cart', namespace: 'remote', start_time: start, end_time: start + 0.9 }] },
    { trace_id: id, id: hex('0003'), parent_id: hex('0002'), name: 'cart', origin: 'AWS::ECS::Container',
      start_time: start + 0.1, end_time: start + 0.8 },
  ]); // prettier-ignore
}

/** The card of a service, not that of its clients. */
const card = (page: Page, name: string) =>
  page.locator(`[data-key^="${name}~"]:not([data-client="true"])`);

/** Complaints but for the styles of the filter's editor, which other journeys look at. */
const ours = (complaints: readonly string[]) =>
  complaints.filter((one) => !one.startsWith('Applying inline style'));

describe('the service map', () => {
  test('from a service to its traces, with their number before', async () => {
    const { page, complaints, close } = await open('/console/map');
    await card(page, 'payment').click();
    await page.waitForURL(/sel=payment~AWS/);
    await page.getByRole('checkbox', { name: /Fault/ }).check();
    const count = page.getByTestId('map-count');
    await count.waitFor();
    const bars = page.getByRole('group', { name: /Drag to choose response/ });
    const box = await bars.boundingBox();
    if (!box) throw new Error('there are no bars');
    await page.mouse.move(box.x + 4, box.y + 40);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width - 2, box.y + 40, { steps: 4 });
    await page.mouse.up();
    await page.waitForURL(/rt=0\.\d+~\d/);
    await page.waitForFunction(() =>
      document.querySelector('[data-testid="map-count"][data-old="false"]'),
    );
    const told = await count.textContent();
    await page.getByRole('link', { name: 'View traces' }).click();
    await page.waitForURL(/console\/traces\?/);
    expect(new URL(page.url()).searchParams.get('q')).toMatch(
      /^service\(id\(name: "payment", type: "AWS::EC2::Instance"\)\) \{ responsetime >= 0\.\d+ AND responsetime <= [\d.]+ AND fault \}$/,
    );
    await page
      .getByText(new RegExp(`${told} trace`))
      .first()
      .waitFor();
    expect(ours(complaints)).toEqual([]);
    await close();
  });

  test('live: who was there does not move by a pixel, who is new fades in', async () => {
    const { page, close } = await open('/console/map');
    await card(page, 'payment').waitFor();
    const before = await places(page);
    await call('newcomer');
    await page.keyboard.press('.');
    await card(page, 'newcomer').waitFor();
    expect(await places(page)).toMatchObject(before);
    await close();
  });

  test('it is compared with any time that can be typed', async () => {
    const { page, complaints, close } = await open('/console/map');
    await card(page, 'payment').waitFor();
    await page.getByRole('combobox', { name: 'Compare' }).selectOption('another time…');
    const box = page.getByRole('textbox', { name: 'Time to compare with' });
    await box.fill('some day');
    expect(await box.getAttribute('aria-invalid')).toBe('true');
    await box.fill('3h');
    await box.press('Enter');
    await page.waitForURL(/vs=3h/);
    await page.getByText('Compared with: 3h ago').waitFor();
    await box.fill('2020-01-01T08:00Z~2020-01-01T09:00Z');
    await box.press('Enter');
    await page.waitForURL(/vs=2020-01-01T08:00Z~2020-01-01T09:00Z/);
    await page.getByText('Nothing was seen in the time compared with.').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.getByRole('combobox', { name: 'Compare' }).selectOption('nothing');
    await page.waitForURL((url) => !url.search.includes('vs='));
    expect(ours(complaints)).toEqual([]);
    await close();
  });

  test('services are put together by the group that most of their traces are of', async () => {
    const body = { GroupName: 'carts', FilterExpression: 'service("cart")' };
    await fluoro.call('/CreateGroup', body);
    const { page, complaints, close } = await open('/console/map');
    await card(page, 'payment').waitFor();
    await page.getByRole('button', { name: 'Display' }).click();
    await page.getByRole('combobox', { name: 'Group by' }).selectOption('group');
    await page.waitForURL(/by=group/);
    await page.locator('[data-key="carts~group"]').waitFor();
    await page.goto(`${fluoro.origin}/console/map?by=group:nothing-has-it`);
    await card(page, 'cart').waitFor();
    expect(ours(complaints)).toEqual([]);
    await close();
  });

  test('a card that was moved stays there, for everybody; Tidy and its undo', async () => {
    const { page, close } = await open('/console/map');
    const own = card(page, 'payment');
    await own.waitFor();
    const from = await own.boundingBox();
    if (!from) throw new Error('there is no card');
    const saved = page.waitForResponse(
      (answer) => answer.request().method() === 'PUT' && answer.ok(),
    );
    await page.mouse.move(from.x + 20, from.y + 10);
    await page.mouse.down();
    await page.mouse.move(from.x + 60, from.y + 150, { steps: 5 });
    await page.mouse.up();
    await saved;
    // A movement chooses nothing.
    expect(page.url()).not.toContain('sel=');
    const moved = await places(page);
    const other = await open(
      '/console/map?at=' + (new URL(page.url()).searchParams.get('at') ?? ''),
    );
    await card(other.page, 'payment').waitFor();
    const key = Object.keys(moved).find((one) => one.startsWith('payment~')) ?? '';
    const gap = (all: Record<string, [number, number]>) => {
      const cart = Object.entries(all).find(([one]) => one.startsWith('cart~AWS'))?.[1] ?? [0, 0];
      return [(all[key]?.[0] ?? 0) - cart[0], (all[key]?.[1] ?? 0) - cart[1]].map((at) =>
        Math.round(at / 4),
      );
    };
    const scale = (all: Record<string, [number, number]>) => gap(all)[1];
    expect(Math.sign(scale(await places(other.page)) ?? 0)).toBe(Math.sign(scale(moved) ?? 0));
    await other.close();
    await page.getByRole('button', { name: 'Tidy' }).click();
    await page.waitForFunction(
      ([name, y]) => {
        const at = document.querySelector(`[data-key="${name}"]`)?.getBoundingClientRect().y;
        return at !== undefined && Math.abs(at - Number(y)) > 20;
      },
      [key, String(moved[key]?.[1])],
    );
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
    await close();
  });

  test('by the keyboard alone: walk, light, focus, table', async () => {
    const { page, close } = await open('/console/map');
    await card(page, 'payment').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator('[data-key]:focus').waitFor();
    await page.keyboard.press('ArrowRight');
    await page.waitForURL(/sel=/);
    await page.keyboard.press('d');
    await page.waitForURL(/dir=down/);
    await page.keyboard.press('1');
    await page.waitForURL(/depth=1/);
    await page.keyboard.press('f');
    await page.getByRole('button', { name: /Only around/ }).waitFor();
    await page.goBack();
    await page.getByRole('button', { name: /Only around/ }).waitFor({ state: 'detached' });
    await page.keyboard.press('o');
    await page.getByRole('columnheader', { name: 'p95' }).getByRole('button').click();
    await page.waitForURL(/sort=-p95/);
    await page.keyboard.press('Escape');
    await close();
  });

  test('find and hide by expressions', async () => {
    const { page, close } = await open('/console/map');
    await card(page, 'payment').waitFor();
    await page.getByRole('searchbox', { name: 'Find service' }).fill('fault > 5%');
    await page.getByText(/\d found/).waitFor();
    expect(await card(page, 'payment').getAttribute('data-dimmed')).toBe('false');
    await page.goto(`${fluoro.origin}/console/map?hide=name+contains+pay`);
    await page.getByRole('button', { name: /^Hidden/ }).waitFor();
    expect(await card(page, 'payment').count()).toBe(0);
    await page.getByRole('button', { name: /^Hidden/ }).click();
    await card(page, 'payment').waitFor();
    await close();
  });

  test('a filter narrows the map to its traces', async () => {
    const { page, complaints, close } = await open('/console/map?q=service(%22newcomer%22)');
    await card(page, 'newcomer').waitFor();
    expect(await card(page, 'payment').count()).toBe(0);
    await page.getByRole('button', { name: /^Filter:/ }).click();
    await card(page, 'payment').waitFor();
    expect(ours(complaints)).toEqual([]);
    await close();
  });

  test('files of the map', async () => {
    const { page, close } = await open('/console/map');
    await card(page, 'payment').waitFor();
    for (const [name, begin] of [['SVG', '<svg xmlns'], ['JSON', '{\n  "nodes"'], ['CSV', 'service,type,'], ['PNG', '\x89PNG']] as const) {
      await page.getByRole('button', { name: 'Export' }).click();
      const [file] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: `As ${name}` }).click(),
      ]);
      const chunks: Buffer[] = [];
      for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
      expect(Buffer.concat(chunks).toString('latin1').startsWith(begin), name).toBe(true);
    }
    await close();
  }); // prettier-ignore

  test.each(
    ['light', 'dark'].flatMap((theme) =>
      ['en', 'ko', 'ja'].map((language) => ({ theme, language })),
    ),
  )('nothing is in the way of anyone: $theme, $language', async (stored) => {
    const { page, complaints, close } = await open('/console/map', stored);
    await page.locator('[data-key^="payment~"]').click();
    await page.getByTestId('map-count').waitFor();
    expect(await violations(page)).toEqual([]);
    for (const tab of await page.getByRole('tab').all()) {
      await tab.click();
      expect(await violations(page)).toEqual([]);
    }
    await page.keyboard.press('o');
    await page.getByRole('table').first().waitFor();
    expect(await violations(page)).toEqual([]);
    expect(ours(complaints)).toEqual([]);
    await close();
  });
});
