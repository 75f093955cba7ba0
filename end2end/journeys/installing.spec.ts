// On a home screen, and while the network is away.
import { expect, type Page } from '@playwright/test';
import { be, noComplaints, test } from './people';

test.use({ serviceWorkers: 'allow' });

/** Opens the home page and waits until the worker answers for the site. */
async function withWorker(page: Page) {
  await page.goto('/');
  await page.evaluate(async () => { await navigator.serviceWorker.ready; });
  // It takes over the pages that follow.
  await page.reload();
  await expect.poll(() => page.evaluate(() => navigator.serviceWorker.controller?.state)).toBe('activated');
}

test('while the network is away there is a page that says so, and the one that was asked for comes when it is back', { tag: ['@core', '@once'] }, async ({ page, context }) => {
  await be(page, 'shopper');
  await withWorker(page);
  await page.goto('/my');
  await context.setOffline(true);
  await page.goto('/my/orders');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('지금은 연결되지 않았어요');
  await expect(page.locator('[lang=en]')).toContainText('You are offline');
  expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
  await expect(page).toHaveURL('/my/orders');
  // Nothing of anybody is kept: only that page is.
  const kept = await page.evaluate(async () => {
    const caches = await Promise.all((await window.caches.keys()).map(async name => (await (await window.caches.open(name)).keys()).map(request => new URL(request.url).pathname)));
    return caches.flat();
  });
  expect(kept).toEqual(['/offline']);
  await context.setOffline(false);
  // By itself, or by the link where the browser does not say so.
  await page.getByRole('link', { name: '다시 시도' }).first().click({ timeout: 2000 }).catch(() => {});
  await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('지금은 연결되지 않았어요');
  await expect(page).toHaveURL('/my/orders');
});

test('forms and pages go past the worker as if there were none', async ({ page }) => {
  const calm = noComplaints(page);
  await be(page, 'shopper');
  await withWorker(page);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  const answer = await page.goto('/nowhere');
  expect(answer?.status()).toBe(404);
  calm();
});

test('a phone may put the site on its home screen', async ({ page }) => {
  await page.goto('/');
  const address = await page.locator('link[rel=manifest]').getAttribute('href');
  const manifest = await (await page.request.get(address!)).json();
  expect(manifest.display).toBe('standalone');
  for (const { src, type } of manifest.icons) {
    const icon = await page.request.get(src);
    expect([icon.status(), icon.headers()['content-type']]).toEqual([200, type]);
  }
  expect((await page.request.get(await page.locator('link[rel=apple-touch-icon]').getAttribute('href') ?? '')).status()).toBe(200);
});
