// Whoever sells books the hours of their deals: a site of its own, where an hour costs something.
import { expect } from '@playwright/test';
import { SANDBOX, beCreator, beSeller, businessNumber, buy, fillBusiness, noComplaints, person, signUp, test as base } from './people';
import { Site } from './site';

const test = base.extend<{ site: Site }>({
  site: async ({}, use) => {
    const site = await Site.start('--payments', 'sandbox', '--slot-price', '20000', '--deals-per-hour', '3');
    await use(site);
    await site.stop();
  },
});

/** Midnight in Korea so many days ahead, as the calendar's addresses say it. */
function day(ahead: number): string {
  return new Date(Date.now() + 9 * 3600_000 + ahead * 24 * 3600_000).toISOString().slice(0, 10);
}

test('a seller books hours, pays, opens a deal within them, and gives another hour back', async ({ browser, viewport, site }) => {
  const context = await browser.newContext({ baseURL: site.url, viewport, locale: 'ko-KR' });
  const page = await context.newPage();
  const calm = noComplaints(page);
  // It never ends, so that nothing would ever be idle.
  await page.route('**/notices/stream*', route => route.abort());
  await beSeller(page);
  await page.goto('/creator');
  await page.getByRole('link', { name: '시간 빌리기' }).click();
  await expect(page.getByText('한 시간에 20,000원 · 시간마다 딜 3개까지')).toBeVisible();
  await expect(page.getByText('아직 빌린 시간이 없어요.')).toBeVisible();

  // Three hours in three days: two that follow each other for a deal, and one more.
  await page.goto(`/creator/slots?day=${day(3)}`);
  const hour = (at: string) => page.locator(`input[name=hour][value="${day(3)}T${at}"]`);
  await page.waitForLoadState('networkidle');
  for (const at of ['20:00', '21:00', '09:00']) await hour(at).check();
  await expect(page.getByText('고른 시간 3 · 60,000원')).toBeVisible();
  await page.screenshot({ path: `test-results/slots-${viewport!.width}.png`, fullPage: true });
  await page.getByRole('button', { name: '고른 시간 빌리기' }).click();
  await expect(page.getByText('시간을 잡았어요.').first()).toBeVisible();
  await expect(page.getByText('잡아 둔 시간', { exact: true })).toBeVisible();
  await page.screenshot({ path: `test-results/slots-unpaid-${viewport!.width}.png`, fullPage: true });
  await page.getByRole('button', { name: '60,000원 결제하기', exact: true }).click();
  await expect(page).toHaveURL(SANDBOX);
  await page.getByRole('button', { name: '결제 승인하기' }).click();
  await expect(page).toHaveURL(/\/creator\/slots$/);
  await expect(page.locator('.own-hours li')).toHaveCount(3);

  // The form begins with what there is; outside of it the deal is refused, by name of the hours.
  await page.getByRole('link', { name: '딜 만들기' }).click();
  await expect(page.getByText('딜을 열 수 있는 내 시간')).toBeVisible();
  await expect(page.getByLabel('열리는 시각')).toHaveValue(new RegExp(`^${day(3)}T09:00`));
  const title = `손뜨개 컵받침 ${Date.now() % 1e6}`;
  await page.getByLabel('제목').fill(title);
  await page.getByLabel('정가').fill('20,000');
  await page.getByLabel('할인율').fill('25');
  await page.getByLabel('재고').fill('30');
  await page.getByLabel('배송 안내').fill('이틀 안에 보내요.');
  await page.getByLabel('열리는 시각').fill(`${day(3)}T20:00:01`);
  await page.getByLabel('닫히는 시각').fill(`${day(3)}T22:59:59`);
  await page.getByRole('button', { name: '이벤트 열기' }).click();
  await expect(page.getByText(/먼저 이 시간을 빌려 주세요: .* 22:00–23:00/)).toBeVisible();
  await page.getByLabel('닫히는 시각').fill(`${day(3)}T21:59:59`);
  await page.getByRole('button', { name: '이벤트 열기' }).click();
  await expect(page).toHaveURL(/\/events\/[^/]+$/);

  // The other hour goes back, for its money.
  await page.goto(`/creator/slots?day=${day(3)}`);
  await expect(page.locator('.own-hours li', { hasText: title })).toHaveCount(2);
  const other = page.locator('.own-hours li', { hasText: '09:00–10:00' });
  await other.locator('summary').click();
  await other.getByRole('button', { name: /^환불/ }).click();
  await expect(page.getByText('시간을 돌려줬어요.').first()).toBeVisible();
  await expect(other.locator('.chip')).toHaveText('환불');
  await expect(hour('09:00')).toBeEnabled();
  await page.screenshot({ path: `test-results/slots-own-${viewport!.width}.png`, fullPage: true });
  calm();
  await context.close();
});

test('a first deal: from the business and its hours through the sale and the parcel to the settlement', { tag: ['@core', '@once'] }, async ({ browser, viewport, site }) => {
  const options = { viewport, baseURL: site.url };
  const [page] = await person(browser, options);
  await beCreator(page);
  // Nothing is sold without a business, and no hour is booked.
  await page.goto(`/creator/slots?day=${day(2)}`);
  await expect(page.locator('input[name=hour]')).toHaveCount(0);
  await page.getByRole('link', { name: '사업자 정보 적기' }).click();
  await fillBusiness(page, businessNumber());
  await page.getByRole('button', { name: '확인하고 저장하기' }).click();
  await expect(page.getByText('사업자 정보를 확인했어요.').first()).toBeVisible();

  // Its hours, by the day.
  await page.goto('/creator/slots');
  await page.getByLabel('볼 날짜').fill(day(2));
  await page.getByRole('button', { name: '이 날짜로 가기' }).click();
  await expect(page).toHaveURL(new RegExp(`day=${day(2)}`));
  for (const at of ['20:00', '21:00']) await page.locator(`input[name=hour][value="${day(2)}T${at}"]`).check();
  await page.getByRole('button', { name: '고른 시간 빌리기' }).click();
  await page.getByRole('button', { name: '40,000원 결제하기', exact: true }).click();
  await expect(page).toHaveURL(SANDBOX);
  await page.getByRole('button', { name: '결제 승인하기' }).click();
  await expect(page.locator('.own-hours li')).toHaveCount(2);

  // The deal, which lies within them.
  await page.getByRole('link', { name: '딜 만들기' }).click();
  const title = `손뜨개 컵받침 ${Date.now() % 1e6}`;
  await page.getByLabel('제목').fill(title);
  await page.getByLabel('정가').fill('20,000');
  await page.getByLabel('할인율').fill('25');
  await page.getByLabel('재고').fill('30');
  await page.getByLabel('한 사람이 살 수 있는 수').fill('3');
  await page.getByLabel('배송 안내').fill('이틀 안에 보내요.');
  await page.getByLabel('열리는 시각').fill(`${day(2)}T20:00:01`);
  await page.getByLabel('닫히는 시각').fill(`${day(2)}T21:59:59`);
  await page.getByRole('button', { name: '이벤트 열기' }).click();
  await expect(page).toHaveURL(/\/events\/[^/]+$/);
  const address = new URL(page.url()).pathname;

  // That evening somebody buys two, and gets a parcel. Nothing is open that would miss the program while it starts again.
  await page.goto('about:blank');
  await site.later(Math.ceil((Date.parse(`${day(2)}T20:01:00+09:00`) - Date.now()) / 1000));
  const [buyer] = await person(browser, options);
  await signUp(buyer);
  await buy(buyer, address, 2);
  const number = new URL(buyer.url()).pathname.split('/').pop()!;
  await page.goto('/creator/sales');
  await page.getByRole('link', { name: new RegExp(`^${title}`) }).click();
  const order = page.locator('tr', { hasText: number });
  await order.getByLabel('택배사').selectOption({ index: 1 });
  await order.getByLabel('송장번호').fill('650100000001');
  await order.getByRole('button', { name: '보냈어요' }).click();
  await expect(page.getByText('주문에 적었어요.').first()).toBeVisible();
  await buyer.reload();
  await expect(buyer.locator('main')).toContainText('650100000001');
  await buyer.getByRole('button', { name: '받았어요' }).click();
  await expect(buyer.getByText('잘 받았다고 알렸어요.').first()).toBeVisible();

  // What they paid is the seller's to the won: no fee, and no hour is in it.
  await page.goto('/creator/sales');
  const month = page.locator('.ledger tbody tr');
  await expect(month).toHaveCount(1);
  await expect(month.locator('td').nth(1)).toHaveText('30,000원');
  await expect(month.locator('td').nth(3)).toHaveText('0원');
  await expect(month.locator('td').nth(4)).toContainText('30,000원');
  await page.screenshot({ path: `test-results/settlement-${viewport!.width}.png`, fullPage: true });
});

test('hours are booked and given up without scripts', async ({ browser, viewport, site }) => {
  const context = await browser.newContext({ baseURL: site.url, viewport, locale: 'ko-KR', javaScriptEnabled: false });
  const page = await context.newPage();
  await beSeller(page);
  await page.goto(`/creator/slots?day=${day(4)}`);
  await page.getByRole('button', { name: '고른 시간 빌리기' }).click();
  await expect(page.getByText('빌릴 시간을 먼저 골라 주세요.')).toBeVisible();
  await page.locator(`input[name=hour][value="${day(4)}T20:00"]`).check();
  await page.getByRole('button', { name: '고른 시간 빌리기' }).click();
  await expect(page.getByText('잡아 둔 시간', { exact: true })).toBeVisible();
  await page.locator('summary', { hasText: '빌리지 않기' }).click();
  await page.getByRole('button', { name: '빌리지 않기' }).click();
  await expect(page.getByText('잡아 둔 시간을 풀었어요.').first()).toBeVisible();
  await expect(page.locator(`input[name=hour][value="${day(4)}T20:00"]`)).toHaveCount(1);
  await context.close();
});
