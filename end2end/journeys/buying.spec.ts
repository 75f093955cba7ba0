// Buying: from the shelf to the receipt, in the line, out of it again, and what happens when time runs out.
import { expect, type Page } from '@playwright/test';
import { PASSWORD, SANDBOX, beSeller, buy, fillAddress, fits, live, makeDeal, makeTicket, newEmail, noComplaints, pay, person, press, signUp, test as base } from './people';
import { Site } from './site';

const test = base.extend<{ site: Site }>({
  // A site of its own, on which things are sold, for what takes minutes.
  site: async ({}, use) => {
    const site = await Site.start('--payments', 'sandbox');
    await use(site);
    await site.stop();
  },
});

/** Whether a picture came and shows something. */
async function isShown(page: Page, name: string) {
  const picture = page.getByRole('img', { name }).first();
  await picture.scrollIntoViewIfNeeded();
  await expect(picture).toBeVisible();
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(100);
}

/** Waits until the browser has taken checkout over: then its clock runs. */
async function runs(page: Page) {
  const clock = page.locator('.deadline .clock');
  const left = await clock.textContent();
  await expect(clock).not.toHaveText(left!);
}

test('a deal is bought: paid where one is, or from a desktop by a phone that reads its code', { tag: '@core' }, async ({ browser, page, viewport }) => {
  const [host] = await person(browser);
  await beSeller(host);
  const title = `손뜨개 컵받침 ${Date.now() % 1e6}`;
  const calm = noComplaints(page);
  await signUp(page);
  // Time enough for what is said beforehand, on a machine that is busy as well.
  const address = await makeDeal(host, 20, { title });
  await page.goto('/deals');
  await page.locator('.sale', { hasText: title }).getByRole('link').click();
  await expect(page).toHaveURL(new RegExp(`${address}$`));
  // How many and where to is said beforehand: at the opening there is one button and nothing else to do.
  await page.getByRole('link', { name: '몇 개 살지 미리 정하기' }).click();
  await page.getByLabel('몇 개').fill('2');
  await expect(page.locator('.stepper output')).toHaveText('2개 · 30,000원');
  await page.getByRole('button', { name: '이대로 정하기' }).click();
  await expect(page.getByRole('status').filter({ hasText: '정했어요.' })).toBeVisible();
  await fillAddress(page);
  await page.getByRole('button', { name: '받는 곳 저장하기' }).click();
  await expect(page.getByRole('status').filter({ hasText: '저장했어요.' })).toBeVisible();
  await page.getByRole('link', { name: '대기실로' }).click();
  await live(page);
  await page.getByRole('button', { name: '지금 참여하기' }).click({ timeout: 30_000 });
  await expect(page.locator('.result .rank')).toHaveText('1위');
  await expect(page.locator('.ready')).toBeHidden();
  await page.getByRole('link', { name: '줄과 결제' }).click();
  await expect(page.getByText('내 차례예요', { exact: true })).toBeVisible();
  await expect(page.locator('.deadline .clock')).toHaveText(/^(10:00|0\d:\d\d)$/);
  await expect(page.locator('.sum')).toContainText('30,000원');
  await expect(page.locator('.known-addresses')).toContainText('세종대로 110');
  await expect(page.locator('.known-addresses').getByRole('radio')).toHaveCount(0);
  await expect(page.getByLabel('도로명 주소')).toBeHidden();
  if (viewport!.width < 900) {
    await pay(page);
  } else {
    await page.getByRole('button', { name: '휴대폰으로 결제하기 (QR)' }).click();
    await isShown(page, '결제 QR 코드');
    const link = await page.getByRole('link', { name: '이 화면에서 30,000원 결제하기' }).getAttribute('href');
    // The phone is not signed in: who reads the code may approve.
    const [phone] = await person(browser, { viewport: { width: 360, height: 780 } });
    await phone.goto(`${link}?elsewhere=yes`);
    await expect(phone.locator('.amount')).toHaveText('30,000원');
    await phone.getByRole('button', { name: '결제 승인하기' }).click();
    await expect(phone.getByText('결제하던 화면에서 이어서 볼 수 있어요.')).toBeVisible();
  }
  // On a desktop the page went on by itself.
  await expect(page.getByText('구매했어요!')).toBeVisible();
  await page.getByRole('link', { name: '주문 보기' }).click();
  await expect(page.locator('.order .chip')).toHaveText('결제 완료');
  await expect(page.locator('.order .sum')).toContainText('서울 중구 세종대로 110');
  const number = await page.locator('.order .eyebrow').textContent();
  await page.getByRole('link', { name: '영수증' }).click();
  await expect(page.locator('.receipt')).toContainText(number!);
  await expect(page.locator('.receipt')).toContainText('30,000원');
  calm();
});

test('a hold runs out: the next in line gets it, and whoever had it is told in every tab', { tag: ['@core', '@once'] }, async ({ browser, viewport, site }) => {
  test.skip(viewport!.width > 900, 'the same on every screen');
  const options = { viewport, baseURL: site.url };
  const [host] = await person(browser, options);
  const [late, tabs] = await person(browser, options);
  const [next] = await person(browser, options);
  await beSeller(host);
  const address = await makeDeal(host, 2, { stock: 1, limit: 1, minutes: '3' });
  for (const one of [late, next]) {
    await signUp(one);
    await press(one, address);
    await one.goto(`${address}/checkout`);
  }
  await fillAddress(late);
  await expect(next.locator('.line .rank')).toHaveText(/^1번째/);
  const approving = await tabs.newPage();
  await approving.goto(`${address}/checkout`);
  await fillAddress(approving);
  await approving.getByRole('button', { name: /원 결제하기$/ }).click();
  await expect(approving).toHaveURL(SANDBOX);
  await site.later(200);
  // The line's page goes on by itself.
  await expect(next.getByText('내 차례예요', { exact: true })).toBeVisible();
  await late.getByRole('button', { name: /원 결제하기$/ }).click();
  await expect(late.getByText('결제할 수 있는 시간이 지났어요. 다음 분께 넘어갔어요.')).toBeVisible();
  await approving.getByRole('button', { name: '결제 승인하기' }).click();
  await expect(approving.getByText('결제 시간이 지나 다음 분께 넘어갔어요.')).toBeVisible();
  await expect(approving.getByRole('alert')).toHaveText('그 사이 다른 분께 넘어가 결제하지 않았어요.');
  await fillAddress(next);
  await pay(next);
  await expect(next.getByText('구매했어요!')).toBeVisible();
});

test('who comes back on another device finds what was held, and there it is paid', async ({ browser, viewport, site }) => {
  const options = { viewport, baseURL: site.url };
  const [host] = await person(browser, options);
  const [here] = await person(browser, options);
  await beSeller(host);
  const address = await makeDeal(host, 2);
  const email = newEmail();
  await signUp(here, '', email);
  await press(here, address, 2);
  await here.goto(`${address}/checkout`);
  await expect(here.locator('.deadline .clock')).toHaveText(/^09:\d\d$/);
  const until = await here.locator('.deadline .note').first().textContent();
  // Six minutes later, on another device; meanwhile the server was started again.
  await site.later(360);
  const [there] = await person(browser, options);
  await there.goto('/sign-in?next=/my/orders');
  await there.getByLabel('이메일').fill(email);
  await there.getByLabel('비밀번호').fill(PASSWORD);
  await there.getByRole('button', { name: '로그인' }).click();
  await there.locator('.orders li a').click();
  await expect(there).toHaveURL(new RegExp(`${address}/checkout$`));
  // The same deadline, and less time.
  await expect(there.locator('.deadline .note').first()).toHaveText(until!);
  await expect(there.locator('.deadline .clock')).toHaveText(/^03:\d\d$/);
  await expect(there.locator('.sum')).toContainText('30,000원');
  await fillAddress(there);
  await pay(there);
  await expect(there.getByText('구매했어요!')).toBeVisible();
  await here.reload();
  await expect(here.getByText('구매했어요!')).toBeVisible();
});

test('an order is given back, one piece and then the rest', async ({ browser, page }) => {
  const [host] = await person(browser);
  await beSeller(host);
  const address = await makeDeal(host, 2);
  await signUp(page);
  await buy(page, address, 3);
  const giveBack = async (units: string) => {
    await page.locator('summary', { hasText: '주문 취소하기' }).click();
    await page.getByLabel('몇 개').selectOption(units);
    await page.getByRole('button', { name: '주문 취소하기' }).click();
    await expect(page.getByRole('status').filter({ hasText: '결제한 금액은 곧 환불돼요.' })).toBeVisible();
  };
  await giveBack('1개 · 15,000원 환불');
  await expect(page.locator('.history')).toContainText('1개 반환, 15,000원 환불 예정');
  await expect(page.locator('.order .chip')).toHaveText('결제 완료');
  await page.reload();
  await giveBack('2개 · 30,000원 환불');
  await expect(page.locator('.order .chip')).toHaveText('환불');
  await expect(page.locator('summary', { hasText: '주문 취소하기' })).toHaveCount(0);
  // The provider gives it back, in both parts.
  await expect(async () => {
    await page.reload();
    const history = page.locator('.history');
    await expect(history.getByText('15,000원 환불', { exact: true })).toBeVisible({ timeout: 1000 });
    await expect(history.getByText('30,000원 환불', { exact: true })).toBeVisible({ timeout: 1000 });
  }).toPass();
  await page.getByRole('link', { name: '영수증' }).click();
  await expect(page.locator('.receipt')).toContainText('−45,000원');
  await page.goto(`${address}/checkout`);
  await expect(page.getByText('모두 환불했어요.')).toBeVisible();
});

test('who leaves the line lets the next one up, and who leaves checkout the first one in', async ({ browser, page, viewport }) => {
  const [host] = await person(browser);
  const [first] = await person(browser, { viewport });
  const [second] = await person(browser, { viewport });
  await beSeller(host);
  const address = await makeDeal(host, 2, { stock: 1, limit: 1 });
  for (const one of [page, first, second]) {
    await signUp(one);
    await press(one, address);
    await one.goto(`${address}/checkout`);
  }
  await expect(first.locator('.line .words')).toContainText('앞에 0명');
  await expect(second.locator('.line .rank')).toHaveText(/^2번째/);
  await expect(second.locator('.line .words')).toContainText('앞에 1명');
  // Seen as it changes, and heard no more often than one can listen.
  await expect(second.locator('.line [aria-live=off]')).toHaveCount(2);
  await expect(second.locator('.line .visually-hidden')).toHaveText('2번째, 앞에 1명');
  const leave = async (one: Page, words: string) => {
    await one.locator('summary', { hasText: words }).click();
    // A page that reads itself again meanwhile, as when its reader is told something, leaves it open.
    if (words === '줄에서 나가기') {
      await expect(async () => {
        const read = one.waitForResponse(response => response.url().endsWith('/checkout'), { timeout: 1000 });
        await one.evaluate(() => dispatchEvent(new Event('notices')));
        await read;
      }).toPass();
    }
    await one.getByRole('button', { name: words }).click();
    await expect(one.locator('.result')).toContainText('나갔어요.');
    await expect(one.getByText('판매 중이니 한 번 더, 맨 뒤에 설 수 있어요.')).toBeVisible();
  };
  await leave(first, '줄에서 나가기');
  await expect(second.locator('.line .rank')).toHaveText(/^1번째/);
  // What it is told leads to two readings, neither of which comes back: it asks on all the same.
  await second.route('**/checkout', route => route.fulfill({ status: 503 }), { times: 2 });
  await leave(page, '구매하지 않기');
  await expect(second.getByText('내 차례예요', { exact: true })).toBeVisible();
  // Whoever left may join once more, at the end.
  await first.getByRole('button', { name: '다시 줄 서기' }).click();
  await first.getByRole('link', { name: '줄과 결제' }).click();
  await expect(first.locator('.line .rank')).toHaveText(/^1번째/);
});

test('a ticket is booked, shown, put into a calendar and given back for a fee that is shown before', async ({ browser, page }) => {
  const [host] = await person(browser);
  await beSeller(host);
  const address = await makeTicket(host, 2, 8, 20_000);
  await signUp(page);
  await page.goto(address);
  await expect(page.locator('.refunds')).toContainText('10%');
  await press(page, address, 2);
  await page.goto(`${address}/checkout`);
  await page.getByLabel('받는 분').fill('김수달');
  await page.getByLabel('휴대폰', { exact: true }).fill('01012345678');
  await pay(page);
  await expect(page.getByText('구매했어요!')).toBeVisible();
  await page.goto('/my');
  await page.getByRole('link', { name: '내 티켓' }).click();
  await expect(page.locator('li.ticket')).toHaveCount(2);
  await isShown(page, '입장 코드');
  const entry = await page.request.get((await page.getByRole('link', { name: '캘린더에 넣기' }).first().getAttribute('href'))!);
  expect(entry.headers()['content-type']).toContain('text/calendar');
  expect(await entry.text()).toMatch(/BEGIN:VEVENT[^]*DTSTART:\d{8}T\d{6}Z[^]*SUMMARY:작은 서점 재즈의 밤/);
  await page.locator('li.ticket a', { hasText: /^D\d{12}$/ }).first().click();
  await page.locator('summary', { hasText: '티켓 돌려주기' }).click();
  await expect(page.getByRole('option', { name: '2장 · 36,000원 환불 (수수료 4,000원)' })).toBeAttached();
  await page.getByLabel('몇 개').selectOption('1장 · 18,000원 환불 (수수료 2,000원)');
  await page.getByRole('button', { name: '티켓 돌려주기' }).click();
  await expect(page.locator('.history')).toContainText('1개 반환, 수수료 2,000원을 뺀 18,000원 환불 예정');
  await expect(page.locator('li.ticket', { hasText: '돌려준 티켓' })).toHaveCount(1);
  await expect(page.getByRole('img', { name: '입장 코드' })).toHaveCount(1);
});

test('what a person can get wrong is said, and changes nothing', async ({ browser, page }) => {
  const [host] = await person(browser);
  await beSeller(host);
  const address = await makeDeal(host, 2, { limit: 2 });
  await signUp(page);
  await page.goto(`${address}/checkout`);
  // How many is typed, or by the keyboard one more and one fewer, as far as it goes: there one stays.
  const [many, cost] = [page.getByLabel('몇 개'), page.locator('.stepper output')];
  const [fewer, more] = ['하나 줄이기', '하나 늘리기'].map(name => page.getByRole('button', { name }));
  await expect(many).toHaveAccessibleDescription('하나에 15,000원 · 한 사람이 2개까지');
  await many.fill('2');
  await expect(cost).toHaveText('2개 · 30,000원');
  for (const key of ['Enter', ' ']) {
    await more.press(key);
    await expect(more).toHaveAttribute('aria-disabled', 'true');
    await expect(more).toBeFocused();
    await expect(many).toHaveValue('2');
  }
  for (const key of ['Enter', ' ']) {
    await fewer.press(key);
    await expect(cost).toHaveText('1개 · 15,000원');
    await expect(fewer).toHaveAttribute('aria-disabled', 'true');
    await expect(many).toHaveValue('1');
  }
  await expect(more).not.toHaveAttribute('aria-disabled');
  for (const button of [fewer, more]) {
    const { width, height } = (await button.boundingBox())!;
    expect(Math.min(width, height)).toBeGreaterThanOrEqual(44);
  }
  await fits(page);
  // As keyboards write it.
  await many.fill(' ２');
  await expect(cost).toHaveText('2개 · 30,000원');
  await expect(more).toHaveAttribute('aria-disabled', 'true');
  await expect(many).not.toHaveAttribute('aria-invalid');
  // More than one person may take.
  for (const typed of ['1,000', '99999999999']) {
    await many.fill(typed);
    await expect(cost).toHaveText('2개까지');
    await expect(many).toHaveAttribute('aria-invalid', 'true');
    await fewer.press('Enter');
    await expect(many).toHaveValue('2');
  }
  await many.fill('9');
  await page.getByRole('button', { name: '이대로 정하기' }).click();
  await expect(page.getByText('한 사람이 살 수 있는 수량이 아니에요.')).toBeVisible();
  const pressed = await page.request.post(`${address}/enter`, { form: { quantity: '9' }, headers: { accept: 'application/json' } });
  expect(pressed.status()).toBe(422);
  await press(page, address);
  // No address: the browser asks for it, and blanks are none.
  await page.goto(`${address}/checkout`);
  await runs(page);
  const button = page.getByRole('button', { name: /원 결제하기$/ });
  await button.click();
  await expect(page.getByLabel('받는 분')).toBeFocused();
  await fillAddress(page, '02-123');
  await page.getByLabel('도로명 주소').fill('   ');
  await button.click();
  await expect(page.getByLabel('휴대폰', { exact: true })).toBeFocused();
  await expect(page.locator('[aria-invalid=true]')).toHaveCount(2);
  await fillAddress(page);
  await pay(page);
  await page.getByRole('link', { name: '주문 보기' }).click();
  await expect(page).toHaveURL(/\/orders\/D[\d-]+$/);
  // Another person's order is nobody's.
  const [other] = await person(browser);
  await signUp(other);
  for (const path of ['', '/receipt']) {
    const answer = await other.goto(`${new URL(page.url()).pathname}${path}`);
    expect(answer!.status()).toBe(404);
    await expect(other.getByRole('heading', { name: '찾는 페이지가 없어요' })).toBeVisible();
  }
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('a deal is bought from the shelf to the receipt', async ({ browser, page }) => {
    const [host] = await person(browser);
    await beSeller(host);
    const title = `손뜨개 컵받침 ${Date.now() % 1e6}`;
    const address = await makeDeal(host, 8, { title });
    await signUp(page);
    await page.goto('/deals');
    await page.locator('.sale', { hasText: title }).getByRole('link').click();
    await page.getByRole('link', { name: '몇 개 살지 미리 정하기' }).click();
    await expect(page.getByRole('button', { name: '하나 늘리기' })).toBeHidden();
    await page.getByLabel('몇 개').fill('3');
    await page.getByRole('button', { name: '이대로 정하기' }).click();
    await expect(page.getByText('정했어요.')).toBeVisible();
    await page.getByRole('link', { name: '대기실로' }).click();
    // The page renews itself at the opening.
    await page.getByRole('button', { name: '지금 참여하기' }).click({ timeout: 30_000 });
    await page.getByRole('link', { name: '줄과 결제' }).click();
    // A form that is refused keeps what was typed.
    await fillAddress(page, '02-123');
    await page.getByRole('button', { name: /원 결제하기$/ }).click();
    await expect(page.getByLabel('받는 분')).toHaveValue('김수달');
    await expect(page.locator('[aria-invalid=true]')).toHaveCount(1);
    await fillAddress(page);
    await pay(page);
    await expect(page.getByText('구매했어요!')).toBeVisible();
    await page.getByRole('link', { name: '주문 보기' }).click({ timeout: 20_000 });
    await expect(page.locator('.order .chip')).toHaveText('결제 완료');
    await page.getByRole('link', { name: '영수증' }).click();
    await expect(page.locator('.receipt')).toContainText('45,000원');
    // What left the shelf is counted there.
    await page.goto(address);
    await expect(page.locator('.result .rank')).toHaveText('1위');
  });
});
