// Whoever sells: from the business to what was sent, sent back and is to be paid out.
import { expect } from '@playwright/test';
import { beCreator, beSeller, buy, fillBusiness, inSeconds, makeDeal, noComplaints, person, signUp, test } from './people';

test('what was bought is sent, arrives, is sent back, and the books say so', async ({ browser, page, viewport }) => {
  const calm = noComplaints(page);
  await beSeller(page);
  const title = `손뜨개 컵받침 ${Date.now() % 1e6}`;
  const address = await makeDeal(page, 2, { title });
  const [buyer] = await person(browser, { viewport });
  await signUp(buyer);
  await buy(buyer, address, 2);
  const number = new URL(buyer.url()).pathname.split('/').pop()!;

  // The seller finds what is to be sent, and sends it.
  await page.goto('/creator/sales');
  await page.screenshot({ path: `test-results/sales-${viewport!.width}.png`, fullPage: true });
  await page.getByRole('link', { name: new RegExp(title) }).click();
  const order = page.locator('tr', { hasText: number });
  await expect(order).toContainText('김수달');
  await order.getByRole('button', { name: '상품 준비 중' }).or(order.getByRole('button', { name: /준비/ })).first().click();
  await expect(page.getByText('주문에 적었어요.').first()).toBeVisible();
  await order.getByLabel('택배사').selectOption({ index: 1 });
  await order.getByLabel('송장번호').fill('650100000001');
  await order.getByRole('button', { name: '보냈어요' }).click();
  await page.screenshot({ path: `test-results/sold-orders-${viewport!.width}.png`, fullPage: true });

  // The buyer sees how, has it, and wishes to send one back.
  await expect.poll(async () => { await buyer.reload(); return buyer.locator('main').textContent(); }).toContain('650100000001');
  await buyer.getByRole('button', { name: '받았어요' }).click();
  await expect(buyer.getByText('잘 받았다고 알렸어요.').first()).toBeVisible();
  const back = buyer.locator('details', { has: buyer.locator('#return-units') });
  await back.locator('summary').click();
  await back.locator('#return-units').selectOption('1');
  await back.getByLabel('반품 사유').fill('하나는 색이 달라요');
  await back.getByRole('button').click();
  await expect(buyer.getByText('판매자의 답을 기다려 주세요.')).toBeVisible();
  await buyer.screenshot({ path: `test-results/order-returning-${viewport!.width}.png`, fullPage: true });

  await page.goto('/creator/sales');
  await page.getByRole('link', { name: '반품 1건' }).click();
  const wish = page.locator('tr', { hasText: number });
  await wish.getByLabel('답').fill('성동구 성수이로 59로 보내 주세요');
  await wish.getByRole('button', { name: '받아 주기' }).click();
  await wish.getByRole('button', { name: '반품이 도착했어요' }).click();
  await expect(page.getByText('환불을 시작했어요.').first()).toBeVisible();
  await expect.poll(async () => { await buyer.reload(); return buyer.locator('main').textContent(); }).toContain('반품이 도착했어요.');
  await buyer.screenshot({ path: `test-results/order-returned-${viewport!.width}.png`, fullPage: true });
  await page.goto('/creator/sales');
  await expect(page.locator('.ledger tbody tr')).toHaveCount(1);
  await page.screenshot({ path: `test-results/sales-after-${viewport!.width}.png`, fullPage: true });
  calm();
});

test('what a seller cannot send is called off at once, and every buyer has their money and a word', async ({ browser, page, viewport }) => {
  const calm = noComplaints(page);
  await beSeller(page);
  const title = `손뜨개 컵받침 ${Date.now() % 1e6}`;
  const address = await makeDeal(page, 2, { title });
  const buyers = [];
  for (const units of [1, 2]) {
    const [buyer] = await person(browser, { viewport });
    await signUp(buyer);
    await buy(buyer, address, units);
    buyers.push(buyer);
  }
  await page.goto(`/creator${address}/orders`);
  await page.locator('summary', { hasText: '보낼 주문 2건 모두 취소' }).click();
  const all = page.locator('form', { has: page.getByRole('button', { name: '보낼 주문 2건 모두 취소' }) });
  await all.getByRole('button').click();
  await expect(all.getByLabel('취소 사유')).toBeFocused();
  await all.getByLabel('취소 사유').fill('창고에 물이 샜어요');
  await page.screenshot({ path: `test-results/calling-off-${viewport!.width}.png`, fullPage: true });
  await all.getByRole('button').click();
  await expect(page.getByText('주문을 차례로 취소하고 있어요.').first()).toBeVisible();
  for (const [i, buyer] of buyers.entries()) {
    await expect.poll(async () => { await buyer.reload(); return buyer.locator('.order .chip').first().textContent(); }).toBe('환불');
    await expect(buyer.locator('main')).toContainText('판매자가 취소: 창고에 물이 샜어요');
    await buyer.goto('/notices');
    const word = buyer.locator('li', { hasText: '창고에 물이 샜어요' });
    await expect(word).toHaveCount(1);
    await expect(word).toContainText(`${i === 0 ? '15,000' : '30,000'}원을 돌려 드려요`);
  }
  await page.reload();
  await expect(page.locator('summary', { hasText: '모두 취소' })).toHaveCount(0);
  calm();
});

test('nobody sells for money without a business that was checked', async ({ page, viewport }) => {
  await beCreator(page);
  await page.goto('/creator/business');
  await fillBusiness(page, '123-45-67890');
  await page.getByRole('button', { name: '확인하고 저장하기' }).click();
  await expect(page.getByLabel('사업자등록번호')).toBeFocused();
  await page.screenshot({ path: `test-results/business-wrong-${viewport!.width}.png`, fullPage: true });
  await page.goto('/creator/new?kind=deal');
  await page.getByLabel('제목').fill('손뜨개 컵받침');
  await page.getByLabel('정가').fill('20,000');
  await page.getByLabel('할인율').fill('45');
  await page.getByLabel('재고').fill('30');
  await page.getByLabel('배송 안내').fill('이틀 안에 보내요.');
  await page.getByLabel('열리는 시각').fill(inSeconds(1800));
  await page.getByLabel('닫히는 시각').fill(inSeconds(3600));
  await page.getByRole('button', { name: '이벤트 열기' }).click();
  await expect(page.getByText('값을 받고 팔려면 사업자 정보가 필요해요.').first()).toBeVisible();
});
