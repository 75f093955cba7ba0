// What is sold: a creator makes a deal, a visitor finds it, a member wishes for it.
import { expect } from '@playwright/test';
import { be, beSeller, inSeconds, noComplaints, person, signUp, test } from './people';

test('a creator makes a deal, a visitor finds it and wishes for it', async ({ browser, page, viewport }) => {
  const calm = noComplaints(page);
  await beSeller(page);
  await page.goto('/creator/new');
  await page.getByRole('link', { name: '타임딜', exact: true }).last().click();
  await expect(page.getByRole('heading', { name: '타임딜 만들기' })).toBeVisible();
  const title = `손뜨개 컵받침 ${Date.now() % 1e6}`;
  await page.getByLabel('제목').fill(title);
  await page.getByLabel('정가').fill('20,000');
  await page.getByLabel('할인율').fill('95');
  await page.getByLabel('재고').fill('30');
  await page.getByLabel('배송 안내').fill('이틀 안에 보내요.');
  await page.getByLabel('열리는 시각').fill(inSeconds(1800));
  await page.getByLabel('닫히는 시각').fill(inSeconds(3600));
  await expect(page.locator('.preview .price')).toHaveText(/95%\s*1,000원/);
  // A deal takes pictures in detail: shown before they are sent.
  await page.locator('#details').setInputFiles(['../public/favicon.svg', '../public/favicon.svg']);
  await expect(page.locator('.thumbs img')).toHaveCount(2);
  await page.locator('#details').setInputFiles([]);
  await page.getByRole('button', { name: '이벤트 열기' }).click();
  // So much off is read back first.
  const confirm = page.getByRole('checkbox', { name: '한 개에 1,000원, 30개, 모두 30,000원. 이 값이 맞아요.' });
  await expect(confirm).toBeFocused();
  await page.getByLabel('할인율').fill('45');
  await page.getByRole('button', { name: '이벤트 열기' }).click();
  await expect(page).toHaveURL(/\/events\/[^/]+$/);
  await expect(page.locator('.offered .price')).toHaveText(/45%\s*11,000원/);
  await expect(page.locator('.terms')).toContainText('이틀 안에 보내요.');
  calm();

  const [guest] = await person(browser, { viewport });
  const quiet = noComplaints(guest);
  await signUp(guest);
  await guest.goto('/');
  await guest.getByRole('navigation', { name: '주 메뉴' }).getByRole('link', { name: '타임딜' }).click();
  await expect(guest.getByRole('heading', { name: '타임딜', level: 1 })).toBeVisible();
  await expect(guest.getByRole('navigation', { name: '주 메뉴' }).getByRole('link', { name: '타임딜' })).toHaveAttribute('aria-current', 'page');
  // Announced for today, unless that is over in a few minutes.
  const card = guest.locator('.sale', { hasText: title });
  if (await card.count() === 0) await guest.locator('.days a').nth(1).click();
  await expect(card).toContainText('11,000원');
  await expect(card.locator('.chip')).toHaveText(/^\d\d:\d\d$/);
  // Once the browser has taken the page over, the countdown runs.
  const left = await card.locator('.chip').textContent();
  await expect(card.locator('.chip')).not.toHaveText(left ?? '');
  const heart = card.getByRole('button', { name: `찜하기: ${title}` });
  await heart.click();
  await expect(heart).toHaveAttribute('aria-pressed', 'true');
  await expect(card).toContainText('관심 1');
  await expect(guest.getByRole('status').filter({ hasText: '찜 목록을 바꿨어요.' })).toBeVisible();
  // The page stays as it is: whoever goes on by keyboard is where they were.
  await expect(heart).toBeFocused();
  await guest.goto('/my');
  await guest.getByRole('link', { name: '찜한 것' }).click();
  await expect(guest.locator('.sale')).toHaveCount(1);
  await guest.getByRole('link', { name: new RegExp(title) }).click();
  await guest.getByRole('button', { name: /찜했어요/ }).click();
  await expect(guest.getByRole('button', { name: /찜하기/ })).toBeVisible();
  await guest.goto('/my/wishes');
  await expect(guest.getByText('아직 찜한 것이 없어요.')).toBeVisible();
  quiet();
});

test('a wish that cannot be noted is not shown as one', async ({ page }) => {
  await be(page, 'shopper');
  // It never ends, so that nothing would ever be idle.
  await page.route('**/notices/stream*', route => route.abort());
  await page.goto('/deals');
  const heart = page.locator('.like button').first();
  await page.waitForLoadState('networkidle');
  await page.route('**/api/set-wish', route => route.abort());
  const before = await heart.getAttribute('aria-pressed');
  await heart.click();
  await expect(page.locator('.like .banner')).toBeVisible();
  await expect(heart).toHaveAttribute('aria-pressed', before ?? '');
});

test.describe('without scripts', () => {
  test.use({ javaScriptEnabled: false });

  test('shelves are read and hearts work', async ({ page }) => {
    await be(page, 'shopper');
    await page.goto('/tickets');
    await expect(page.locator('.sale', { hasText: '만권책방' }).first()).toContainText('무료');
    await page.goto('/deals');
    await page.locator('.menu summary').click();
    await page.getByRole('link', { name: '생활', exact: true }).click();
    await expect(page).toHaveURL(/category=living/);
    await page.goto('/tickets');
    const heart = page.locator('.like button').first();
    const before = await heart.getAttribute('aria-pressed');
    await heart.click();
    await expect(page).toHaveURL(/\/tickets$/);
    await expect(heart).not.toHaveAttribute('aria-pressed', before ?? '');
  });
});
