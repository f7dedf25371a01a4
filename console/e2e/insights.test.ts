// Insights: from the count in the rail to the root cause and its traces.
//
// An insight needs minutes of real time to open; here the server's answers about insights are
// recorded ones, everything else is real.
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, startBrowser, violations } from './browser.ts';
import { startFluoro } from './fluoro.ts';
import type { Fluoro } from './fluoro.ts';

let browser: Browser;
let fluoro: Fluoro;

beforeAll(async () => {
  [browser, fluoro] = await Promise.all([startBrowser(), startFluoro()]);
  fluoro.send(40);
  await fluoro.call('/UpdateGroup', {
    GroupName: 'Default',
    InsightsConfiguration: { InsightsEnabled: true },
  });
});
afterAll(async () => {
  await browser?.close();
  await fluoro?.stop();
});

const ID = 'e13d1f0c-f603-4075-8cd3-30436248c1b4';
const minute = Math.floor(Date.now() / 6e4) * 60;
const service = (Name: string) => ({ Name, Names: [Name], Type: 'AWS::EC2::Instance' });
const impact = (FaultCount: number, TotalCount: number) => ({
  FaultCount,
  OkCount: TotalCount - FaultCount - 9,
  TotalCount,
});
const INSIGHT = {
  InsightId: ID,
  GroupName: 'Default',
  GroupARN: 'arn:aws:xray:us-east-1:000000000000:group/Default',
  State: 'ACTIVE',
  Categories: ['FAULT'],
  RootCauseServiceId: service('payment'),
  TopAnomalousServices: [{ ServiceId: service('payment') }, { ServiceId: service('checkout') }],
  StartTime: minute - 600,
  EndTime: null,
  ClientRequestImpactStatistics: impact(111, 1539),
  RootCauseServiceRequestImpactStatistics: impact(111, 414),
  Summary: 'payment (AWS::EC2::Instance) has faulted more often than expected for 10 minutes.',
};
const event = (at: number, faults: number, Summary: string) => ({
  EventTime: minute + at,
  Summary,
  TopAnomalousServices: INSIGHT.TopAnomalousServices,
  ClientRequestImpactStatistics: impact(faults, 900),
  RootCauseServiceRequestImpactStatistics: impact(faults, 300),
});
const MINUTES = Array.from({ length: 12 }, (_, index) => ({
  Timestamp: minute - index * 60,
  ServiceSummaryStatistics: { TotalCount: 40, FaultStatistics: { TotalCount: index < 9 ? 12 : 0 } },
  ServiceForecastStatistics: { FaultCountLow: 0, FaultCountHigh: 4 },
}));
const ANSWERS: Record<string, object> = {
  GetInsightSummaries: { InsightSummaries: [INSIGHT], NextToken: null },
  GetInsight: { Insight: INSIGHT },
  GetInsightEvents: {
    InsightEvents: [event(-120, 80, 'The incident has grown.'), event(-480, 30, 'payment faults.')],
    NextToken: null,
  },
  GetInsightImpactGraph: {
    Services: [service('payment'), service('checkout')].map((one, ReferenceId) => ({
      ...one,
      ReferenceId,
    })),
    NextToken: null,
  },
  GetTimeSeriesServiceStatistics: { TimeSeriesServiceStatistics: MINUTES, NextToken: null },
};

async function record(page: Page): Promise<void> {
  for (const [operation, answer] of Object.entries(ANSWERS)) {
    await page.route(`**/console/api/xray/${operation}`, (route) =>
      route.fulfill({ json: answer }),
    );
  }
}

describe('an active insight', () => {
  test('is counted in the rail, listed, told, and leads to its traces', async () => {
    const { page, complaints, close } = await openPage(
      browser,
      `${fluoro.origin}/console/map`,
      {},
      record,
    );
    await page.getByLabel('1 active').waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('i');
    await page.waitForURL(/\/console\/insights/);
    await page.getByText('1 active · 0 closed').waitFor();
    await page.getByText(/111 of 1.54k client requests failed; 1 more service affected/).waitFor();
    await page.getByRole('button', { name: 'Closed' }).click();
    await page.getByText('No insight in Last 1h').waitFor();
    await page.goBack();
    await page.getByRole('link', { name: /^payment, 7.2 % of client/ }).click();
    await page.getByRole('heading', { name: 'payment faults more often than expected' }).waitFor();
    await page
      .getByText('In 9 of 12 minutes payment had more faults')
      .waitFor({ state: 'attached' });
    await page.getByText(/It grew/).click();
    await page.waitForURL(/at=\d+/);
    await page.getByRole('link', { name: 'Failed traces' }).click();
    await page.waitForURL(/console\/traces\?/);
    expect(new URL(page.url()).searchParams.get('q')).toBe(
      'service(id(name: "payment", type: "AWS::EC2::Instance")) { fault }',
    );
    expect(complaints).toEqual([]);
    await close();
  });

  test.each(['light', 'dark'])('nothing is in the way of anyone: %s', async (theme) => {
    for (const path of ['/console/insights', `/console/insights/${ID}`]) {
      const { page, close } = await openPage(browser, fluoro.origin + path, { theme }, record);
      await page
        .getByText(/111 of 1.54k/)
        .first()
        .waitFor();
      if (path.endsWith(ID))
        await page
          .getByRole('button', { name: /^payment/ })
          .first()
          .waitFor();
      expect(await violations(page, '[data-key]')).toEqual([]);
      await close();
    }
  });
});

test('without insights the page says where they are turned on', async () => {
  await fluoro.call('/UpdateGroup', {
    GroupName: 'Default',
    InsightsConfiguration: { InsightsEnabled: false },
  });
  const { page, close } = await openPage(browser, `${fluoro.origin}/console/insights`);
  await page.getByRole('heading', { name: 'Nobody looks for insights yet' }).waitFor();
  expect(await violations(page)).toEqual([]);
  await close();
});

test('an insight that is not there says why', async () => {
  const { page, close } = await openPage(
    browser,
    `${fluoro.origin}/console/insights/00000000-0000-4000-8000-000000000000`,
  );
  await page.getByRole('heading', { name: 'This insight is not here' }).waitFor();
  await page.getByRole('main').getByRole('link', { name: 'Insights' }).click();
  await page.waitForURL(/\/console\/insights$/);
  await close();
});
