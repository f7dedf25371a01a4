// The list of traces, its filter editor, and what the bar on top does on every page.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from './browser.ts';
import { startFluoro } from './fluoro.ts';
import type { Fluoro } from './fluoro.ts';

const COUNT = 240;

let browser: Browser;
let fluoro: Fluoro;

beforeAll(async () => {
  [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
  fluoro.send(COUNT);
});
afterAll(async () => {
  await browser?.close();
  await fluoro?.stop();
});

const open = (path: string, stored?: object) =>
  openPage(browser, `${fluoro.origin}/console/${path}`, stored);

/** Returns the answer to a question of the last hour. */
async function ask<T>(path: string, body: object): Promise<T> {
  const to = Date.now() * 1e3;
  const response = await fetch(`${fluoro.origin}/console/api/${path}`, {
    method: 'POST',
    headers: { 'x-console': '1' },
    body: JSON.stringify({ from: to - 36e8, to, ...body }),
  });
  return (await response.json()) as T;
}

const counted = async (filter: string) =>
  (await ask<{ total: number }>('traces/count', { filter })).total;
const q = (page: Page) => new URL(page.url()).searchParams.get('q') ?? '';
/** The id of the first trace of the list. */
async function firstId(page: Page): Promise<string> {
  const href = await page.locator('a[data-index="0"]').getAttribute('href');
  return /1-[0-9a-f]{8}-[0-9a-f]{24}/.exec(href ?? '')?.[0] ?? '';
}
/** The editor, once it is there. */
async function editor(page: Page) {
  const box = page.locator('.cm-content');
  await box.waitFor();
  return box;
}

describe('the list', () => {
  test('shows all of them, a page at a time, in the order of the server', async () => {
    const { page, complaints, close } = await open('traces?sort=slowest');
    await page.getByText(`${COUNT} traces`, { exact: true }).waitFor();
    await page.getByText(`100 of ${COUNT} loaded`).waitFor();
    const list = page.getByRole('table').last();
    await list.evaluate((element) => element.scrollTo(0, 1e6));
    await page.getByText(`200 of ${COUNT} loaded`).waitFor();
    await list.evaluate((element) => element.scrollTo(0, 1e6));
    await page.getByText(`${COUNT} of ${COUNT} loaded`).waitFor();
    await list.evaluate((element) => element.scrollTo(0, 1e6));
    await page.locator(`a[data-index="${COUNT - 1}"]`).waitFor();
    await page.getByRole('button', { name: 'Response' }).click();
    await page.waitForURL(/sort=fastest/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('comes back as it was left', async () => {
    const { page, close } = await open('traces');
    const list = page.getByRole('table').last();
    await page.locator('a[data-index="0"]').waitFor();
    await list.evaluate((element) => element.scrollTo(0, 1200));
    await page.locator('a[data-index="45"]').click();
    await page.getByRole('treegrid').waitFor();
    await page.goBack();
    await page.locator('a[data-index="45"]').waitFor();
    expect(await list.evaluate((element) => element.scrollTop)).toBe(1200);
    await close();
  });

  test('groups narrow it, go into the filter, or are left out', async () => {
    const { page, complaints, close } = await open('traces?by=user');
    const group = page.getByRole('row', { name: /^ana/ });
    await group.getByRole('button', { name: 'ana', exact: true }).click();
    await page.waitForURL(/pick=/);
    const ana = await counted('user = "ana"');
    await page.getByText(`${ana} of ${COUNT} traces`).waitFor();
    await group.hover();
    await group.getByRole('button', { name: 'Add to the filter: ana' }).click();
    await page.waitForURL(/q=/);
    await page.getByText(`${ana} traces`, { exact: true }).waitFor();
    await page.goBack();
    await page.getByText(`${ana} of ${COUNT} traces`).waitFor();
    await group.getByRole('button', { name: 'ana', exact: true }).click({ modifiers: ['Alt'] });
    await page.getByText(`${COUNT - ana} traces`, { exact: true }).waitFor();
    expect(q(page)).toMatch(/^!\(user = "ana"\)$/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('annotations become columns, and the file has what is shown', async () => {
    const { page, close } = await open('traces?st=fault');
    await page.locator('a[data-index="0"]').waitFor();
    await page.getByRole('button', { name: 'Columns' }).click();
    await page.getByRole('checkbox', { name: 'customer' }).check();
    await page.waitForURL(/annotation\.customer/);
    await page.keyboard.press('Escape');
    await page.getByRole('columnheader', { name: 'customer' }).waitFor();
    await page.getByRole('button', { name: 'Actions' }).click();
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: /Download CSV/ }).click(),
    ]);
    expect(file.suggestedFilename()).toMatch(/^traces-.*\.csv$/);
    const chunks: Buffer[] = [];
    for await (const chunk of await file.createReadStream()) chunks.push(chunk as Buffer);
    const rows = Buffer.concat(chunks).toString('utf8').split('\r\n');
    expect(rows[0]).toMatch(/^\ufeffid,start,.*,annotation\.customer$/);
    // The head, the traces, and what stands behind the last end of a line.
    expect(rows).toHaveLength((await counted('fault')) + 2);
    await close();
  });

  test('a row under the pointer shows its trace', async () => {
    const { page, close } = await open('traces?st=fault');
    await page.locator('[data-index="0"]').hover();
    await page.getByText(/segments?, \d+ rows/).waitFor();
    await page.mouse.move(5, 5);
    await page.getByText(/segments?, \d+ rows/).waitFor({ state: 'detached' });
    await close();
  });
});

describe('the filter', () => {
  test('is completed, run, shown as chips, and put right', async () => {
    const { page, complaints, close } = await open('traces');
    const box = await editor(page);
    await page.keyboard.press('/');
    await page.keyboard.type('annotation.custo');
    await page.getByRole('option', { name: /^annotation.customer/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type(' = ');
    await page.getByRole('option', { name: /^"ana"/ }).waitFor();
    await page.keyboard.type('"an');
    await page.getByRole('option', { name: /^"ana"/ }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type(' AND fault');
    await page.keyboard.press('Enter');
    await page.waitForURL(/q=/);
    expect(q(page)).toBe('annotation.customer = "ana" AND fault');
    const both = await counted(q(page));
    await page.getByText(new RegExp(`^${both} traces?$`)).waitFor();
    await page.getByRole('button', { name: 'Show the filter as chips' }).click();
    await page.getByRole('button', { name: 'Remove fault' }).click();
    await page.waitForURL((url) => url.searchParams.get('q') === 'annotation.customer = "ana"');
    await box.focus();
    await page.keyboard.press('End');
    await page.keyboard.type(' && ok');
    await page.getByRole('button', { name: 'Replace by AND' }).click();
    await page.keyboard.press('Enter');
    await page.waitForURL(
      (url) => url.searchParams.get('q') === 'annotation.customer = "ana" AND ok',
    );
    expect(complaints).toEqual([]);
    await close();
  });

  test('Esc puts back what was run; Shift and Enter begin a line', async () => {
    const { page, close } = await open('traces?q=fault');
    const box = await editor(page);
    await box.focus();
    await page.keyboard.press('End');
    await page.keyboard.type(' OR nothing');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Escape');
    await page.waitForFunction(
      () => document.querySelector('.cm-content')?.textContent === 'fault',
    );
    await box.focus();
    await page.keyboard.press('End');
    await page.keyboard.type(' OR');
    await page.keyboard.press('Shift+Enter');
    await page.keyboard.type('error');
    expect(await page.locator('.cm-line').count()).toBe(2);
    await close();
  });

  test('Enter that ends a composition runs nothing', async () => {
    const { page, close } = await open('traces');
    const box = await editor(page);
    await box.focus();
    const client = await page.context().newCDPSession(page);
    await client.send('Input.imeSetComposition', {
      text: '결함',
      selectionStart: 2,
      selectionEnd: 2,
    });
    await client.send('Input.dispatchKeyEvent', {
      type: 'rawKeyDown', key: 'Process', code: 'Enter', windowsVirtualKeyCode: 229,
    }); // prettier-ignore
    expect(page.url()).not.toContain('q=');
    await client.send('Input.insertText', { text: '결함' });
    expect(await box.textContent()).toBe('결함');
    expect(page.url()).not.toContain('q=');
    await close();
  });
});

describe('the bar on top', () => {
  test('a range is typed, moved and picked on the calendar', async () => {
    const { page, complaints, close } = await open('traces', { theme: 'light', language: 'en', zone: 'Asia/Seoul' }); // prettier-ignore
    await page.locator('a[data-index="0"]').waitFor();
    await page.keyboard.press('t');
    const box = page.getByLabel('Custom range');
    await box.fill('2026-02-03 10:00 .. 2026-02-03 12:00');
    await page.keyboard.press('Enter');
    await page.waitForURL(/t=2026-02-03T01:00Z~2026-02-03T03:00Z/);
    await page.getByRole('heading', { name: 'No trace in Feb 3, 10:00 – 12:00' }).waitFor();
    await page.keyboard.press('[');
    await page.waitForURL(/t=2026-02-02T23:00Z~2026-02-03T01:00Z/);
    await page.keyboard.press('t');
    await page.getByRole('button', { name: 'February 2, 2026' }).click();
    await page.getByRole('button', { name: 'February 4, 2026' }).click();
    await page.waitForURL(/t=2026-02-01T15:00Z~2026-02-04T15:00Z/);
    expect(complaints).toEqual([]);
    await close();
  });

  test('the palette leads to pages and traces', async () => {
    const { page, close } = await open('traces');
    await page.locator('a[data-index="0"]').waitFor();
    const id = await firstId(page);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to anything' }).fill('service map');
    await page.keyboard.press('Enter');
    await page.waitForURL(/\/console\/map/);
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to anything' }).fill(`Root=${id};Sampled=1`);
    await page.getByRole('option', { name: /Open the trace/ }).waitFor();
    await page.keyboard.press('Enter');
    await page.getByRole('treegrid').waitFor();
    expect(page.url()).toContain(id);
    await close();
  });

  test('a view that was saved is found again', async () => {
    const { page, close } = await open('traces?st=fault');
    await page.locator('a[data-index="0"]').waitFor();
    await page.getByRole('button', { name: 'Actions' }).click();
    await page.getByLabel('Save this view as').fill('All that failed');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await page.getByText('Saved as All that failed').waitFor();
    await page.goto(`${fluoro.origin}/console/traces`);
    await page.locator('a[data-index="0"]').waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('combobox', { name: 'Go to anything' }).fill('failed');
    await page.getByRole('option', { name: /All that failed/ }).click();
    await page.waitForURL(/st=fault/);
    await close();
  });

  test('a group scopes what is shown', async () => {
    const body = { GroupName: 'failures', FilterExpression: 'fault' };
    await fetch(`${fluoro.origin}/CreateGroup`, { method: 'POST', body: JSON.stringify(body) });
    const { page, close } = await open('traces');
    await page.getByRole('button', { name: /All traces/ }).click();
    await page.getByRole('button', { name: /^failures/ }).click();
    await page.waitForURL(/g=failures/);
    await page.getByText(`${await counted('fault')} traces`, { exact: true }).waitFor();
    await close();
  });

  test('links keep their range; addresses of the X-Ray console lead here', async () => {
    const { page, close } = await open('traces?q=fault');
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.locator('a[data-index="0"]').waitFor();
    await page.keyboard.press('c');
    await page.getByText('Link copied, with a range that stays').waitFor();
    const link = await page.evaluate(() => navigator.clipboard.readText());
    expect(link).toMatch(/\/console\/traces\?q=fault&t=\d{4}-[^&]*~\d{4}-/);
    await page.goto(`${fluoro.origin}/console/#/traces?filter=error&timeRange=PT3H`);
    await page.waitForURL(/\/console\/traces\?.*q=error/);
    // When nothing matches, the page says the range, too.
    await page.getByRole('button', { name: /^Last 3h/ }).waitFor();
    await page.goto(`${fluoro.origin}/console/traces?hl=ja&sort=nope`);
    await page.getByRole('heading', { name: 'トレース' }).waitFor();
    await page.getByText('アドレス内の無視された値: sort=nope').waitFor();
    expect(page.url()).not.toContain('hl=');
    await close();
  });

  test('a range that goes back further than what is kept says so', async () => {
    const { page, complaints, close } = await open('traces?t=60d');
    const strip = page.getByRole('region', { name: 'Traces over time' });
    await strip.getByRole('img', { name: 'Not kept: traces older than 30 days' }).waitFor();
    await page.goto(`${fluoro.origin}/console/analytics?t=60d`);
    await page.getByText('Not kept: traces older than 30 days').first().waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  test('a server that has too much to do is asked again by itself', async () => {
    const { page, close } = await open('traces');
    await page.locator('a[data-index="0"]').waitFor();
    let isBusy = true;
    await page.route('**/console/api/traces/aggregate', async (route) => {
      if (!isBusy) return route.continue();
      const body = { code: 'ThrottledException', message: 'later', requestId: 'r' };
      return route.fulfill({ status: 429, json: body });
    });
    await page.locator('#by').selectOption('user');
    await page
      .getByRole('heading', { name: 'The server has too much to do' })
      .waitFor({ timeout: 20_000 });
    await page.getByText(/^Asked again in [1-5] s$/).waitFor();
    isBusy = false;
    await page.getByRole('heading', { name: 'too much' }).waitFor({ state: 'detached' });
    await close();
  });

  test('live: what comes is told, and shown when it is asked for', async () => {
    const { page, complaints, close } = await open('traces');
    await page.locator('a[data-index="0"]').waitFor();
    const first = await firstId(page);
    await page.locator('a[data-index="3"]').hover();
    await page.keyboard.press('Shift+KeyL');
    await page.waitForURL(/live=5s/);
    await page.mouse.move(640, 640);
    await page.getByTitle('Live, paused').waitFor();
    fluoro.send(3);
    await page.getByRole('button', { name: '3 new' }).waitFor();
    expect(await firstId(page)).toBe(first);
    await page.keyboard.press('.');
    await page.getByText(`${COUNT + 3} traces`, { exact: true }).waitFor();
    expect(await firstId(page)).not.toBe(first);
    expect(complaints).toEqual([]);
    await close();
  });
});

describe('nothing is in the way of anyone', () => {
  test.each(['light', 'dark'])('%s', async (theme) => {
    const { page, close } = await open('traces', { theme, language: 'en' });
    await page.locator('a[data-index="0"]').waitFor();
    await editor(page);
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('t');
    await page.getByLabel('Custom range').waitFor();
    expect(await violations(page)).toEqual([]);
    await page.keyboard.press('Escape');
    for (const [press, role] of [
      ['Control+k', 'listbox'],
      ['Shift+Slash', 'searchbox'],
    ] as const) {
      await page.keyboard.press(press);
      await page.getByRole(role).waitFor();
      expect(await violations(page)).toEqual([]);
      await page.keyboard.press('Escape');
    }
    await close();
  });
});
