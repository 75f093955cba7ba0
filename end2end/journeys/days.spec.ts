// What takes days: deadlines that pass, prizes that go on, events that settle.
import { expect, type Page } from '@playwright/test';
import { beCreator, fillClaim, makeEvent, person, signUp, test } from './people';
import { Site } from './site';

const DAY = 24 * 3600;

let site: Site;
test.beforeAll(async () => { site = await Site.start(); });
test.afterAll(async () => { await site.stop(); });

async function enter(page: Page, address: string) {
  await expect.poll(async () => (await page.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status()).toBe(201);
}

test('a deadline passes, who stood by wins, and the event settles when everything is sent', async ({ browser, viewport }) => {
  const options = { viewport, baseURL: site.url, acceptDownloads: true };
  const [host] = await person(browser, options);
  const [first] = await person(browser, options);
  const [second] = await person(browser, options);
  await beCreator(host);
  const address = await makeEvent(host, 3, 1);
  for (const one of [first, second]) {
    await signUp(one);
    await enter(one, address);
  }
  await first.goto(`${address}/result`);
  await expect(first.getByRole('heading', { name: '겨울 머그 받을 곳을 알려 주세요' })).toBeVisible();
  await second.goto(`${address}/result`);
  await expect(second.getByText('대기 1번이에요.')).toBeVisible();
  // Three days later nothing was written; the prize goes on, and both are told.
  await site.later(3 * DAY + 60);
  await expect(async () => {
    await second.goto('/notices');
    await expect(second.getByText('당첨됐어요!')).toBeVisible({ timeout: 1000 });
  }).toPass();
  await first.goto('/notices');
  await expect(first.getByText('기한이 지나 다음 분께 넘어갔어요.')).toBeVisible();
  await first.goto(`${address}/result`);
  await expect(first.getByText('기한이 지나 다음 분께 넘어갔어요.')).toBeVisible();
  await expect(first.getByLabel('받는 분')).toHaveCount(0);
  // Nowhere do they read that they won.
  await first.goto(address);
  await expect(first.locator('.result')).toContainText('기한이 지났어요');
  await expect(first.locator('.result')).not.toContainText('당첨이에요');
  await first.goto(`${address}/board`);
  await expect(first.locator('tbody tr').first()).toContainText('기한이 지났어요');
  await first.goto('/my');
  await expect(first.locator('.my-entries li')).toContainText('기한이 지났어요');
  await second.getByText('당첨됐어요!').click();
  await fillClaim(second);
  await second.getByRole('button', { name: '보내기' }).click();
  await expect(second.getByText('크리에이터에게 전해졌어요.')).toBeVisible();
  // The creator finds the event among those with results to deal with, and sends the prize.
  await host.goto('/creator?stage=closed');
  await host.getByRole('link', { name: '현황' }).click();
  await expect(host.getByText('서울 중구 세종대로 110')).toBeVisible();
  await host.getByRole('button', { name: '발송 완료로' }).click();
  await expect(host.getByText('발송 완료 1')).toBeVisible();
  await expect(async () => {
    await host.goto('/creator?stage=over');
    await expect(host.locator('.cards .chip')).toHaveText('정산 완료', { timeout: 1000 });
  }).toPass({ timeout: 30_000 });
  // A month on, what the winner wrote is gone. (Sessions last thirty days from the last visit: one on the way keeps them.)
  await site.later(20 * DAY);
  await host.goto('/creator');
  await host.getByRole('link', { name: '현황' }).click();
  await expect(host.getByText('서울 중구 세종대로 110')).toBeVisible();
  await site.later(35 * DAY);
  await expect(async () => {
    await host.goto(address.replace('/events/', '/creator/events/'));
    await expect(host.getByText('발송 완료 1')).toBeVisible({ timeout: 1000 });
    await expect(host.getByText('서울 중구 세종대로 110')).toHaveCount(0);
  }).toPass({ timeout: 30_000 });
});
