// What people are told before, during and after an event: honest, at its place, and in whose time.
import { expect, type Page } from '@playwright/test';
import { beCreator, inSeconds, live, makeEvent, newRequest, noComplaints, person, signUp, test } from './people';

/** An event with an entry code that opens in so many seconds; its address. */
async function withCode(page: Page, seconds: number): Promise<string> {
  const response = await page.request.post('/creator/new?do=create-event', {
    multipart: {
      request: newRequest(), title: '코드가 있는 머그', summary: '', category: 'living', prize_name: '머그', prize_kind: 'goods', prize_winners: '2',
      opens_at: inSeconds(seconds), closes_at: inSeconds(seconds + 600), description: '', rules: '', entry_code: 'MUG59', save: 'publish',
    },
    maxRedirects: 0,
  });
  expect(response.status()).toBe(303);
  return response.headers().location;
}

test('a code is asked for until it is typed, is said to be typed and not checked, and the button never moves', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const address = await withCode(page, 24);
  const [one, context] = await person(browser, { viewport });
  const calm = noComplaints(one);
  await signUp(one);
  await one.goto(address);
  await live(one);
  const [note, button] = [one.locator('.dock .note'), one.locator('.dock button')];
  const top = async () => Math.round((await button.boundingBox())!.y + await one.evaluate(() => scrollY));
  const before = await top();
  await expect(note).toHaveText('크리에이터가 알려준 코드를 넣어 두세요.');
  await expect(button).toHaveText('준비…', { timeout: 30_000 });
  await expect(note).toHaveText('크리에이터가 알려준 코드를 넣어 두세요.');
  expect(await top()).toBe(before);
  await one.getByLabel('참여 코드').fill('틀린 코드');
  await expect(note).toContainText('자동으로 켜져요');
  expect(await top()).toBe(before);
  await expect(button).toHaveText('지금 참여하기', { timeout: 30_000 });
  await button.click();
  await expect(note).toHaveText('참여 코드가 맞지 않아요.');
  expect(await top()).toBe(before);
  await one.getByLabel('참여 코드').fill('mug59');
  await button.click();
  await expect(one.locator('.result .rank')).toHaveText('1위');
  calm();
  await context.close();
});

test('long before the opening a typed code is not called ready, and days are counted as days', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const address = await withCode(page, 107 * 86_400 + 3600);
  const [one, context] = await person(browser, { viewport });
  await signUp(one);
  await one.goto(address);
  await live(one);
  await one.getByLabel('참여 코드').fill('MUG59');
  await expect(one.locator('.dock .note')).toHaveText('코드를 입력했어요. 맞는지는 열린 뒤에 확인해요.');
  await expect(one.locator('.dial .big')).toHaveText(/^107일 0[01]:\d\d:\d\d$/);
  // In its ring, and on one line.
  const [dial, big] = [(await one.locator('.dial').boundingBox())!, (await one.locator('.dial .big').boundingBox())!];
  expect(big.width).toBeLessThan(dial.width * .8);
  expect(big.height).toBeLessThan(60);
  await context.close();
});

test('who keeps another time is told whose times these are', async ({ browser, page }) => {
  await beCreator(page);
  const address = await makeEvent(page, 3600);
  await page.goto(address);
  await live(page);
  await expect(page.getByText('모든 시각은 한국 시간이에요.')).toHaveCount(0);
  for (const [timezoneId, told] of [['America/New_York', 1], ['Asia/Tokyo', 0]] as const) {
    const [one, context] = await person(browser, { timezoneId });
    const calm = noComplaints(one);
    await one.goto(address);
    await live(one);
    await expect(one.getByText('모든 시각은 한국 시간이에요.')).toHaveCount(told);
    calm();
    await context.close();
  }
});

for (const scripts of [true, false]) {
  test(`a draft is saved with a title alone, ${scripts ? 'with' : 'without'} scripts`, async ({ browser, viewport }) => {
    const [page, context] = await person(browser, { javaScriptEnabled: scripts, viewport });
    await beCreator(page);
    await page.goto('/creator/new');
    await page.getByLabel('제목').fill('아직 생각 중');
    await page.getByRole('button', { name: '임시 저장' }).click();
    await expect(page).toHaveURL(/\/creator\/events\/.*\/edit/);
    await expect(page.getByLabel('제목')).toHaveValue('아직 생각 중');
    await page.getByRole('button', { name: '이벤트 열기' }).click();
    await expect(page.getByText('꼭 필요해요.')).toBeVisible();
    await context.close();
  });
}

test('older lines are a link away without scripts', async ({ browser, page }) => {
  await beCreator(page);
  const address = await makeEvent(page, 3600);
  const [one] = await person(browser, { javaScriptEnabled: false });
  await page.goto(address);
  await live(page);
  // A creator says as much as they like, a little at a time.
  for (let i = 1; i <= 52; i++) {
    await expect.poll(async () => (await page.request.post(`${address}?do=say`, {
      form: { event: address.split('/').pop()!, request: String(i).padStart(26, '0'), text: `말 ${i}.` }, maxRedirects: 0,
    })).status(), { timeout: 20_000 }).toBe(303);
  }
  await one.goto(address);
  await expect(one.locator('.chat')).not.toContainText('말 1.');
  await one.getByRole('link', { name: '이전 대화 보기' }).click();
  await expect(one.locator('.chat')).toContainText('말 1.');
  // With scripts the same link reads on in its place.
  await page.reload();
  await live(page);
  await page.getByRole('link', { name: '이전 대화 보기' }).click();
  await expect(page.locator('.chat')).toContainText('말 1.');
  await expect(page).toHaveURL(new RegExp(`${address}$`));
});
