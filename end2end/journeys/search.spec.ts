// The search: by a part of a word, by initial consonants, while one types, by the keyboard alone, and without scripts.
import { expect, type APIRequestContext } from '@playwright/test';
import { fits, noComplaints, person, staysInItsRow, tabTo, test } from './people';

/** Resolves once the node has its index, and something of the demonstration in it. */
async function ready(request: APIRequestContext) {
  await expect.poll(async () => {
    const page = await request.get(`/search?q=${encodeURIComponent('올리브유')}`, { headers: { accept: 'application/json' } });
    const { found, making } = await page.json();
    return !making && found.rows.length > 0;
  }, { timeout: 20_000 }).toBe(true);
}

test('somebody finds by a part of a word, by initials, and on the wrong keyboard, and goes there', { tag: ['@core', '@once'] }, async ({ page }) => {
  const calm = noComplaints(page);
  await ready(page.request);
  await page.goto('/');
  await page.getByRole('search').getByRole('searchbox').fill('리브유');
  await page.getByRole('search').getByRole('searchbox').press('Enter');
  await expect(page).toHaveURL(/\/search\?q=/);
  await expect(page.locator('.found-things mark').first()).toHaveText('리브유');
  await staysInItsRow(page.locator('.found-things li').first(), page.locator('.found-things strong').first());
  for (const typed of ['ㅇㄹㅂㅇ', 'dhfflqmdb']) {
    await page.goto(`/search?q=${encodeURIComponent(typed)}`);
    await expect(page.locator('.found-things strong').first()).toContainText('올리브유');
  }
  await expect(page.getByText('‘올리브유’로 찾았어요.')).toBeVisible();
  // By kind, and back to everything where there is nothing.
  await page.getByRole('navigation', { name: '종류' }).getByRole('link', { name: '티켓' }).click();
  await expect(page.getByText('고른 조건으로는 없어요.')).toBeVisible();
  await page.getByRole('link', { name: '모두 보기' }).click();
  await page.locator('.found-things a').filter({ hasText: '품목' }).first().click();
  await expect(page).toHaveURL(/\/parties\?item=/);
  await calm();
});

test('while one types it is suggested, and the keyboard alone goes through that', async ({ page }) => {
  await ready(page.request);
  await page.goto('/search');
  const box = page.getByRole('combobox');
  const list = page.getByRole('listbox');
  await expect(list).toBeHidden();
  // Asked once typing pauses, and not for every key.
  let asked = 0;
  page.on('request', (request) => { if (request.url().includes('/api/suggest')) asked += 1; });
  await box.focus();
  await expect(async () => {
    // Until the page's code is there.
    await box.fill('');
    await box.pressSequentially('올리브', { delay: 20 });
    await expect(list).toBeVisible({ timeout: 2000 });
  }).toPass();
  expect(asked).toBeLessThan(4);
  await expect(box).toHaveAttribute('aria-expanded', 'true');
  await box.press('ArrowDown');
  const first = page.getByRole('option').first();
  await expect(first).toHaveAttribute('aria-selected', 'true');
  await expect(box).toHaveAttribute('aria-activedescendant', (await first.getAttribute('id'))!);
  await box.press('ArrowUp');
  await expect(page.getByRole('option').last()).toHaveAttribute('aria-selected', 'true');
  await box.press('Escape');
  await expect(list).toBeHidden();
  await expect(box).toHaveValue('올리브');
  // Nothing chosen: what was typed.
  await box.press('Enter');
  await expect(page).toHaveURL(/\/search\?q=/);
  // It is kept on this browser, until it is cleared.
  const recent = page.locator('.recent');
  await expect(recent.getByRole('link', { name: '올리브', exact: true })).toBeVisible();
  await recent.getByRole('button', { name: '모두 지우기' }).click();
  await expect(recent).toBeHidden();
  await page.reload();
  await expect(page.getByRole('combobox')).toBeVisible();
  // Kept once the page's code is there.
  await expect.poll(() => page.evaluate(() => localStorage.getItem('searched'))).toBe('올리브');
  await page.goto('/search');
  await expect(recent.getByRole('link', { name: '올리브', exact: true })).toBeVisible();
  await recent.getByRole('button', { name: '‘올리브’ 지우기' }).click();
  await expect(recent).toBeHidden();
  // What has a time says where it stands.
  await box.pressSequentially('머그');
  await expect(page.getByRole('option').filter({ hasText: /(이벤트|타임딜|티켓) · / }).first()).toBeVisible();
  await box.fill('');
  // A suggestion leads to the thing itself.
  await box.pressSequentially('ㅇㄹㅂㅇ');
  await expect(list).toBeVisible();
  // What many look for stands before it.
  await expect(async () => {
    await box.press('ArrowDown');
    await expect(page.getByRole('option', { selected: true })).toContainText('올리브유 5L', { timeout: 200 });
  }).toPass();
  await box.press('Enter');
  await expect(page).toHaveURL(/\/parties/);
});

test('from the top of the page to the thing itself, and what was looked for cleared, by the keyboard alone', { tag: '@once' }, async ({ browser, viewport }) => {
  const [page] = await person(browser, { viewport, locale: 'en-GB' });
  const calm = noComplaints(page);
  await ready(page.request);
  await page.goto('/search');
  await tabTo(page, 'combobox', 'Search');
  await page.keyboard.type('올리브유');
  // What is suggested is closed: what was typed is meant.
  await page.keyboard.press('Escape');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/search\?q=/);
  await expect(page.locator('.found-things mark').first()).toHaveText('올리브유');
  await fits(page);
  await tabTo(page, 'link', /^Item$/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/kind=item/);
  await expect(page.getByRole('navigation', { name: 'Kinds' }).getByRole('link', { name: 'Item' })).toHaveAttribute('aria-current', 'true');
  await tabTo(page, 'link', /^올리브유 5L/);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/parties\?item=/);
  await page.goto('/search');
  const recent = page.locator('.recent');
  await expect(recent).toBeVisible();
  await tabTo(page, 'button', 'Remove “올리브유”');
  await page.keyboard.press('Enter');
  await expect(recent).toBeHidden();
  calm();
});

test('without scripts it is a form like others', async ({ browser }) => {
  const context = await browser.newContext({ javaScriptEnabled: false });
  const page = await context.newPage();
  await ready(page.request);
  await page.goto('/search');
  await page.getByRole('combobox').fill('머그');
  await page.getByRole('button', { name: '찾아보기' }).click();
  await expect(page.locator('.found-things mark').first()).toHaveText('머그');
  await page.getByRole('navigation', { name: '상태' }).getByRole('link', { name: '끝난 것' }).click();
  await expect(page.locator('.found-things li').first()).toBeVisible();
  await page.goto(`/search?q=%22%3E%3Cimg%20src%3Dx%3E`);
  await expect(page.locator('.empty')).toBeVisible();
  await expect(page.locator('.finding img')).toHaveCount(0);
  await context.close();
});
