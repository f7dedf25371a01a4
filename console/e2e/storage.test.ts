// What is set for storage and access: shown, changed, said to be without effect, taken back.
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
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

test('a key is asked for and taken back; that nothing is encrypted is said', async () => {
  const { page, complaints, close } = await openPage(
    browser,
    `${fluoro.origin}/console/config/encryption`,
  );
  await page.getByText('Kept and shown, without effect yet.').waitFor();
  await page.getByLabel('With a key (KMS)').check();
  await page.getByText('A key has to stand here').waitFor();
  await page.getByLabel('Key', { exact: true }).fill('alias/traces');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('The encryption setting was saved.').waitFor();
  const asked = await fluoro.call('/EncryptionConfig', {});
  expect(asked).toMatchObject({ EncryptionConfig: { Type: 'KMS', KeyId: 'alias/traces' } });
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('no key', { exact: true }).waitFor();
  expect(complaints).toEqual([]);
  await close();
});

test('the share to be indexed is kept, and what is indexed is said', async () => {
  const { page, close } = await openPage(browser, `${fluoro.origin}/console/config/indexing`, {
    theme: 'dark',
    language: 'en',
  });
  await page.getByLabel('Share asked for (%)').fill('101');
  await page.getByText('From 0 to 100').waitFor();
  await page.getByLabel('Share asked for (%)').fill('12.5');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Default was saved.').waitFor();
  await page.getByText('100 %', { exact: true }).waitFor();
  const answer = await fluoro.call('/GetIndexingRules', {});
  expect(JSON.stringify(answer)).toContain('"DesiredSamplingPercentage":12.5');
  expect(await violations(page)).toEqual([]);
  await close();
});

test('a policy is made, changed, deleted and brought back', async () => {
  const { page, complaints, close } = await openPage(
    browser,
    `${fluoro.origin}/console/config/access`,
  );
  await page.getByRole('heading', { name: 'No resource policy' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'New policy' }).click();
  await page.getByLabel('Name').fill('sns');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('sns was created.').waitFor();
  await page.getByRole('button', { name: 'sns', exact: true }).click();
  await page.waitForURL(/policy=sns/);
  const document = page.getByLabel('Document');
  await document.fill('{"Statement": [');
  await page.getByText(/JSON/).first().waitFor();
  await document.fill(
    '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"xray:*","Resource":"*"}]}',
  );
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('sns was saved.').waitFor();
  await page.getByRole('button', { name: 'sns', exact: true }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  await page.getByText('sns was deleted.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByRole('button', { name: 'sns', exact: true }).waitFor();
  expect(complaints).toEqual([]);
  await close();
});
