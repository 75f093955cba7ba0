// Members' own programs and creators' own servers: what is shown once, listed and taken back.
import { expect } from '@playwright/test';
import { beCreator, fits, makeEvent, noComplaints, PASSWORD, person, signUp, test } from './people';

for (const scripts of [true, false]) {
  test(`a member makes a token for a program and takes it back, ${scripts ? 'with' : 'without'} scripts`, { tag: scripts ? ['@core', '@once'] : [] }, async ({ browser, viewport }) => {
    const [page] = await person(browser, { viewport, javaScriptEnabled: scripts });
    const calm = noComplaints(page);
    const name = await signUp(page);
    await page.goto('/my/account');
    await page.getByRole('link', { name: '내 프로그램용 토큰' }).click();
    await page.getByLabel('이름').fill('가계부');
    await page.getByLabel('지금 비밀번호').fill(PASSWORD);
    await page.getByRole('button', { name: '토큰 만들기' }).click();
    await expect(page.getByText('꼭 필요해요.')).toBeVisible();
    await page.getByLabel('내가 누구인지 보기').check();
    await page.getByLabel('지금 비밀번호').fill(PASSWORD);
    await page.getByRole('button', { name: '토큰 만들기' }).click();
    const token = await page.locator('.secret').innerText();
    const ask = () => page.request.get('/api/v1/me', { headers: { authorization: `Bearer ${token}` } });
    expect((await (await ask()).json()).nickname).toBe(name);
    await page.goto('/my/tokens');
    await expect(page.locator('.secret')).toHaveCount(0);
    // It asks first: what uses it stops working.
    const remove = page.getByRole('button', { name: '가계부 지우기' });
    await expect(remove).toBeHidden();
    await page.locator('.signed-in summary').click();
    await remove.click();
    await expect(page.getByText('아직 토큰이 없어요.')).toBeVisible();
    expect((await ask()).status()).toBe(401);
    await page.getByRole('link', { name: '프로그램을 위한 59초' }).click();
    await expect(page.getByRole('heading', { name: 'GET /api/v1/me' })).toBeVisible();
    calm();
  });
}

test('a creator adds a server and removes it', { tag: '@once' }, async ({ browser, viewport }) => {
  const [page] = await person(browser, { viewport });
  await beCreator(page);
  await page.goto('/creator');
  await page.getByRole('link', { name: '웹훅' }).click();
  await page.getByLabel('주소').fill('https://127.0.0.1/hook');
  await page.getByRole('button', { name: '추가하기' }).click();
  await expect(page.getByText('형식이 맞지 않아요.')).toBeVisible();
  await page.getByLabel('주소').fill('https://hooks.example.com/59');
  await page.getByRole('button', { name: '추가하기' }).click();
  await expect(page.locator('.secret')).toContainText('whsec_');
  await fits(page);
  // Shown once.
  await page.reload();
  await expect(page.locator('.secret')).toHaveCount(0);
  await page.locator('.webhooks summary').click();
  await page.getByRole('button', { name: 'https://hooks.example.com/59 지우기' }).click();
  await expect(page.getByText('아직 등록한 서버가 없어요.')).toBeVisible();
});

test('a creator reads what was sent to their server, which did not answer, and sends it again', { tag: '@once' }, async ({ browser, viewport }) => {
  const [page] = await person(browser, { viewport, locale: 'en-GB' });
  const calm = noComplaints(page);
  await beCreator(page);
  await page.goto('/creator/webhooks');
  await page.getByLabel('Address').fill('https://hooks.example.com/59');
  // Of endings it is told nothing.
  await page.getByLabel('An event closed').uncheck();
  await page.getByRole('button', { name: 'Add it' }).click();
  await expect(page.locator('.secret')).toContainText('whsec_');
  await expect(page.getByText('Nothing was sent yet.')).toBeVisible();
  await makeEvent(page, 4);
  // There is no such server.
  const row = page.locator('tbody tr');
  await expect(async () => {
    await page.goto('/creator/webhooks');
    await expect(row).toHaveCount(1, { timeout: 500 });
    await expect(row).toContainText('No answer', { timeout: 500 });
  }).toPass({ timeout: 60_000 });
  await expect(row).toContainText('An event opened');
  await expect(row).toContainText(/Next \d/);
  await fits(page);
  await page.getByRole('button', { name: /^Send An event opened of .* again$/ }).click();
  await expect(page.getByRole('status').filter({ hasText: 'It is sent again.' })).toBeVisible();
  calm();
});
