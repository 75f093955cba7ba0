// What one hears of: a wish, a category and a keyword, and a word of each when something is new or called off.
import { expect, type Page } from '@playwright/test';
import { beCreator, beSeller, makeDeal, makeEvent, noComplaints, person, signUp, test } from './people';
import { Site } from './site';

/** Waits until the list of notices says so. */
async function told(page: Page, text: RegExp) {
  await expect(async () => {
    await page.goto('/notices');
    await expect(page.locator('.notices li').filter({ hasText: text }).first()).toBeVisible({ timeout: 500 });
  }).toPass({ timeout: 20_000 });
}

test('somebody hears of a keyword, of a category, and of what becomes of a wish', { tag: ['@core', '@once'] }, async ({ browser, page, viewport }) => {
  const calm = noComplaints(page);
  const [creator] = await person(browser, { viewport });
  const [other] = await person(browser, { viewport });
  await Promise.all([signUp(page), signUp(other), beCreator(creator)]);
  await page.goto('/my');
  await page.getByRole('link', { name: '알림 받는 것' }).click();
  await expect(page).toHaveURL(/\/my\/subscriptions$/);
  // What is no word is said no to, and what was typed stays.
  const field = page.getByLabel('새 키워드');
  await field.fill('!?');
  await page.getByRole('button', { name: '더하기' }).click();
  await expect(page.getByText('2자 이상 적어 주세요.')).toBeVisible();
  await field.fill('겨울머그');
  await page.getByRole('button', { name: '더하기' }).click();
  await expect(page.locator('.keywords')).toContainText('겨울머그');
  await other.goto('/my/subscriptions');
  await other.getByLabel('생활').check();
  await other.getByRole('form', { name: '분류' }).getByRole('button', { name: '저장하기' }).click();
  await expect(other.getByText('알림 받을 분류를 바꿨어요.')).toBeVisible();
  await other.reload();
  await expect(other.getByLabel('생활')).toBeChecked();
  const address = await makeEvent(creator, 3600);
  await told(page, /새로 올라온 ‘따끈한 겨울 머그’/);
  await told(other, /새로 올라온 ‘따끈한 겨울 머그’/);
  // From the word to the room; wished for, and called off.
  await page.locator('.notices').getByRole('button', { name: /새로 올라온 ‘따끈한 겨울 머그’/ }).first().click();
  await expect(page).toHaveURL(new RegExp(address));
  const event = address.split('/').pop()!;
  expect((await page.request.post('/api/set-wish', { form: { event, wished: 'yes' } })).status()).toBe(200);
  await page.goto('/my/subscriptions');
  await expect(page.getByRole('link', { name: /따끈한 겨울 머그/ })).toBeVisible();
  expect((await creator.request.post('/api/cancel-event', { form: { event, reason: '가마가 식었어요' } })).status()).toBe(200);
  await told(page, /이벤트가 취소됐어요. 사유: 가마가 식었어요/);
  // Taken back.
  await page.goto('/my/subscriptions');
  await page.getByRole('button', { name: '‘겨울머그’ 알림 그만 받기' }).click();
  await expect(page.locator('.keywords li')).toHaveCount(0);
  await calm();
});

test('a new deal is told to whoever follows its category and a word of it, and once', { tag: '@once' }, async ({ browser, page: seller, viewport }) => {
  const [page] = await person(browser, { viewport, locale: 'en-GB' });
  const calm = noComplaints(page);
  await Promise.all([signUp(page), beSeller(seller)]);
  const word = `컵받침${Date.now() % 1e6}`;
  await page.goto('/my/subscriptions');
  await page.getByLabel('Living', { exact: true }).check();
  await page.getByRole('form', { name: 'Categories' }).getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Your categories were changed.' })).toBeVisible();
  await page.getByLabel('New keyword').fill(word);
  await page.getByRole('button', { name: 'Add', exact: true }).click();
  await expect(page.locator('.keywords')).toContainText(word);
  const title = `손뜨개 ${word}`;
  const address = await makeDeal(seller, 3600, { title });
  await told(page, new RegExp(`New for you: “${title}” opens`));
  // It matches both, and there is one word of it.
  await expect(page.locator('.notices li').filter({ hasText: title })).toHaveCount(1);
  await page.locator('.notices').getByRole('button', { name: new RegExp(`New for you: “${title}”`) }).click();
  await expect(page).toHaveURL(new RegExp(address));
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(title);
  calm();
});

test('who wishes for an event is reminded of it within the hour before it opens', { tag: '@once' }, async ({ browser, viewport }) => {
  const site = await Site.start();
  try {
    const [creator] = await person(browser, { viewport, baseURL: site.url });
    const [page] = await person(browser, { viewport, baseURL: site.url, locale: 'en-GB' });
    await Promise.all([signUp(page), beCreator(creator)]);
    // Longer ahead than anything is reminded of.
    const address = await makeEvent(creator, 26 * 3600);
    await page.goto(address);
    await page.getByRole('button', { name: 'Wish', exact: true }).click();
    await expect(page.getByRole('button', { name: /^Wished for/ })).toBeVisible();
    await page.goto('/notices');
    await expect(page.getByText('No notices.')).toBeVisible();
    await page.goto('about:blank');
    await site.later(25 * 3600 + 600);
    await told(page, /“따끈한 겨울 머그”, which you wish for, opens within the hour/);
    await expect(page.locator('.notices li')).toHaveCount(1);
    await page.locator('.notices').getByRole('button', { name: /which you wish for/ }).click();
    await expect(page).toHaveURL(new RegExp(address));
  } finally {
    await site.stop();
  }
});

test('without scripts all of it is forms', async ({ browser, viewport }) => {
  const [page, context] = await person(browser, { javaScriptEnabled: false, viewport });
  await signUp(page);
  await page.goto('/my/subscriptions');
  await page.getByLabel('식품').check();
  await page.getByLabel('식품').locator('xpath=ancestor::form').getByRole('button', { name: '저장하기' }).click();
  await expect(page.getByLabel('식품')).toBeChecked();
  await page.getByLabel('새 키워드').fill('소금빵');
  await page.getByRole('button', { name: '더하기' }).click();
  await expect(page.locator('.keywords li')).toHaveText(/소금빵/);
  await page.goto(`/search?q=${encodeURIComponent('머그')}`);
  await page.getByRole('button', { name: '‘머그’ 알림 받기' }).click();
  await page.goto('/deals?category=living');
  await page.getByRole('button', { name: '생활 새 소식 알림 받기' }).click();
  await page.goto('/my/subscriptions');
  await expect(page.locator('.keywords li')).toHaveCount(2);
  await expect(page.getByLabel('생활')).toBeChecked();
  await page.getByRole('button', { name: '‘소금빵’ 알림 그만 받기' }).click();
  await expect(page.locator('.keywords li')).toHaveText(/머그/);
  await context.close();
});
