// What buyers say of what they got, what the seller answers, and what becomes of a review that somebody reports.
import { type Browser, type Page, expect } from '@playwright/test';
import { beAdmin, beSeller, buy, makeDeal, noComplaints, person, signUp, staysInItsRow, test } from './people';
import { Site } from './site';

let site: Site;
test.beforeAll(async () => { site = await Site.start('--payments', 'sandbox'); });
test.afterAll(async () => { await site.stop(); });

type Options = Parameters<Browser['newContext']>[0];

/** A seller, a deal of theirs, and somebody who received it and stands at their order. */
async function received(browser: Browser, options: Options): Promise<[Page, string, Page]> {
  const [seller] = await person(browser, options);
  await beSeller(seller);
  const address = await makeDeal(seller, 2, { title: `손뜨개 컵받침 ${Date.now() % 1e6}` });
  const [buyer] = await person(browser, options);
  await signUp(buyer);
  await buy(buyer, address, 1);
  const event = address.split('/').pop()!;
  await seller.goto(`/creator/events/${event}/orders`);
  const order = seller.locator('tr', { hasText: new URL(buyer.url()).pathname.split('/').pop()! });
  await order.getByLabel('송장번호').fill('650100000001');
  await order.getByRole('button', { name: '보냈어요' }).click();
  await expect(seller.getByText('주문에 적었어요.').first()).toBeVisible();
  await buyer.reload();
  await buyer.getByRole('button', { name: '받았어요' }).click();
  await expect(buyer.getByText('잘 받았다고 알렸어요.').first()).toBeVisible();
  return [seller, address, buyer];
}

test('who received it says so, the seller answers, and everybody reads both', { tag: ['@core', '@once'] }, async ({ browser, viewport }) => {
  const options = { viewport, baseURL: site.url };
  const [seller, address, buyer] = await received(browser, options);
  const calm = noComplaints(buyer);
  await buyer.getByRole('link', { name: '후기 쓰기' }).click();
  await expect(buyer).toHaveURL(/\/reviews/);
  await buyer.getByLabel('후기 내용').fill('빛깔이 곱고 미끄러지지 않아요.');
  await buyer.getByText('★★★★', { exact: true }).click();
  await buyer.getByRole('button', { name: '후기 쓰기' }).click();
  await expect(buyer.getByText('후기를 올렸어요.').first()).toBeVisible();
  await buyer.screenshot({ path: `test-results/review-written-${viewport!.width}.png`, fullPage: true });

  // The seller is told, and answers once.
  await expect.poll(async () => { await seller.goto('/notices'); return seller.locator('main').textContent(); }).toContain('별 4개 후기가 올라왔어요');
  await expect(seller.locator('main')).toContainText('주문 1건이 들어왔어요');
  await seller.getByRole('button', { name: /별 4개 후기가/ }).click();
  const review = seller.locator('.review', { hasText: '빛깔이 곱고' });
  await staysInItsRow(review, review.locator('b').first());
  await review.locator('summary', { hasText: '답글 쓰기' }).click();
  await review.getByLabel('판매자 답글').fill('고맙습니다. 오래 쓰세요!');
  await review.getByRole('button', { name: '답글 쓰기' }).click();
  await expect(seller.getByText('답글을 올렸어요.').first()).toBeVisible();
  await expect(seller.locator('.review summary', { hasText: '답글 고치기' })).toBeVisible();

  // Its writer is told; whoever looks at the event reads both, also without scripts.
  await expect.poll(async () => { await buyer.goto('/notices'); return buyer.locator('main').textContent(); }).toContain('후기에 판매자가 답했어요');
  const [visitor] = await person(browser, { ...options, javaScriptEnabled: false });
  await visitor.goto(address);
  for (const words of ['4.0', '빛깔이 곱고', '오래 쓰세요']) await expect(visitor.locator('.reviews')).toContainText(words);
  await visitor.screenshot({ path: `test-results/reviews-of-event-${viewport!.width}.png`, fullPage: true });
  await visitor.getByRole('link', { name: '후기 모두 보기 · 쓰기' }).click();
  await visitor.getByRole('link', { name: '별점순' }).click();
  await expect(visitor.locator('.review')).toHaveCount(1);

  // Changed, it says so; deleted, it is gone.
  await buyer.goto(`${address}/reviews`);
  await buyer.locator('.own-review summary').click();
  await buyer.getByLabel('후기 내용').fill('빨아 보니 조금 줄었어요.');
  await buyer.getByText('★★★', { exact: true }).click();
  await buyer.locator('.own-review').getByRole('button', { name: '후기 고치기' }).click();
  await expect(buyer.getByText('후기를 고쳤어요.').first()).toBeVisible();
  await visitor.reload();
  await expect(visitor.locator('.review')).toContainText('고침');
  await buyer.getByRole('button', { name: '후기 지우기' }).click();
  await expect(buyer.getByText('아직 후기가 없어요.')).toBeVisible();
  calm();
});

test('a review is reported, the admin hides it, and nobody but its writer reads it', async ({ browser, viewport }) => {
  const options = { viewport, baseURL: site.url };
  const [, address, buyer] = await received(browser, options);
  await buyer.goto(`${address}/reviews`);
  await buyer.getByText('★', { exact: true }).click();
  await buyer.getByLabel('후기 내용').fill('입에 담지 못할 말');
  await buyer.getByRole('button', { name: '후기 쓰기' }).click();
  await expect(buyer.getByText('후기를 올렸어요.').first()).toBeVisible();
  const [reader] = await person(browser, options);
  await signUp(reader);
  await reader.goto(`${address}/reviews`);
  await reader.locator('.review', { hasText: '입에 담지' }).getByRole('button', { name: '신고' }).click();
  await expect(reader.getByText('신고했어요. 관리자가 살펴볼게요.').first()).toBeVisible();
  const [admin] = await person(browser, options);
  await beAdmin(admin, site);
  await admin.goto('/admin/reports');
  await admin.getByRole('link', { name: '후기 신고' }).click();
  const reported = admin.locator('.review', { hasText: '입에 담지' });
  await expect(reported).toContainText('신고 1건');
  await reported.getByLabel('이유').fill('욕설');
  await admin.screenshot({ path: `test-results/reported-reviews-${viewport!.width}.png`, fullPage: true });
  await reported.getByRole('button', { name: '가리기' }).click();
  await expect(admin.getByText('후기를 가렸어요.').first()).toBeVisible();
  await reader.goto(`${address}/reviews`);
  await expect(reader.getByText('입에 담지')).toHaveCount(0);
  await buyer.reload();
  await expect(buyer.getByText('관리자가 가린 후기예요. 나에게만 보여요.')).toBeVisible();
  await admin.getByRole('link', { name: '가린 후기' }).click();
  const hidden = admin.locator('.review', { hasText: '입에 담지' });
  await hidden.getByLabel('이유').fill('다시 보니 괜찮아요');
  await hidden.getByRole('button', { name: '다시 보이기' }).click();
  await expect(admin.getByText('후기를 다시 보여요.').first()).toBeVisible();
  await reader.reload();
  await expect(reader.getByText('입에 담지')).toBeVisible();
});

test('the demonstration has a seller with a past', async ({ browser, viewport }) => {
  const [seller] = await person(browser, { viewport });
  await seller.goto('/');
  await seller.getByRole('button', { name: '판매자로' }).click();
  await seller.goto('/creator/sales');
  await expect(seller.locator('.ledger tbody tr').first()).toBeVisible();
  await expect(seller.getByText(/보낼 주문 \d+건/).first()).toBeVisible();
  await seller.screenshot({ path: `test-results/demo-seller-${viewport!.width}.png`, fullPage: true });
  await seller.getByRole('link', { name: /침실 무드등/ }).first().click();
  await seller.getByRole('link', { name: '현황' }).click();
  await expect(seller.locator('.plot svg').first()).toBeVisible();
  await seller.locator('.as-table summary').first().click();
  await expect(seller.locator('.as-table table').first()).toBeVisible();
  await seller.screenshot({ path: `test-results/sale-curves-${viewport!.width}.png`, fullPage: true });
});
