// The home page: what everybody finds there, and what it has for one member alone.
import { expect } from '@playwright/test';
import { be, noComplaints, test } from './people';

test('a neighbour finds on the home page where they meet next and who shares nearby; a visitor how to', { tag: ['@core', '@once'] }, async ({ page, viewport }) => {
  const calm = noComplaints(page);
  await page.goto('/');
  // Phones have five tabs; in the header of a desktop stand creators' events and tickets too, and one's own page beside them.
  await expect(page.locator('.tabbar a').filter({ visible: true })).toHaveCount(viewport!.width < 1024 ? 5 : 6);
  const around = page.locator('.sec', { hasText: '우리 동네 파티' });
  await expect(page.getByRole('heading', { name: '나를 기다려요' })).toHaveCount(0);
  await around.getByRole('link', { name: '동네 둘러보기' }).click();
  await expect(page).toHaveURL('/parties');

  const response = await page.request.post('/demo/sign-in', { form: { as: 'neighbour' }, maxRedirects: 0 });
  expect(response.status()).toBe(303);
  await page.goto('/');
  await expect(around.locator('.party').first()).toContainText(/\dk?m/);
  // Nothing is wider than the screen, and every section has something.
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  for (const section of await page.locator('main .sec, main .crowds > section').all()) {
    expect(await section.locator('li, a, .none').count()).toBeGreaterThan(0);
  }
  const waiting = page.locator('.mine .party');
  await expect(waiting).toContainText('나눠요');
  // By the keyboard.
  await waiting.getByRole('link').focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/parties\/[^/]+$/);
  await calm();
});

test('a heart on the home page is noted where it stands, beside what is counted down', { tag: ['@core', '@once'] }, async ({ page }) => {
  const calm = noComplaints(page);
  await be(page, 'shopper');
  await page.goto('/');
  const count = page.locator('.next .count');
  const shown = await count.textContent();
  await expect(count).not.toHaveText(shown ?? '');
  // What is taken over later waits before this does.
  await page.evaluate(() => new Promise(done => setTimeout(done)));
  await page.evaluate(() => { document.body.dataset.same = 'yes'; });
  const heart = page.locator('.shelf-row .like button').first();
  const before = await heart.getAttribute('aria-pressed');
  const noted = page.waitForResponse('**/api/set-wish');
  await heart.click();
  expect((await noted).status()).toBe(200);
  await expect(heart).toHaveAttribute('aria-pressed', before === 'true' ? 'false' : 'true');
  await expect(page.locator('body[data-same]')).toHaveCount(1);
  // Where nothing is pressed, cards lead where they did.
  const card = page.locator('.sec .cards:not(.sales) .card').last();
  const address = await card.getAttribute('href');
  await card.click();
  await expect(page).toHaveURL(new RegExp(`${address}`));
  await calm();
});
