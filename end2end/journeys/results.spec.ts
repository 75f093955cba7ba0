// After the click: the winner's form, the creator's table, notices.
import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { beCreator, fillClaim, makeEvent, noComplaints, person, signUp, test } from './people';

for (const scripts of [true, false]) {
  test(`a winner says where the prize goes and the creator sends it, ${scripts ? 'with' : 'without'} scripts`, { tag: scripts ? '@core' : ['@core', '@once'] }, async ({ browser, viewport }) => {
    const [host, hosting] = await person(browser, { javaScriptEnabled: scripts, viewport, acceptDownloads: true });
    const [winner, winning] = await person(browser, { javaScriptEnabled: scripts, viewport });
    const calm = noComplaints(winner);
    await beCreator(host);
    const address = await makeEvent(host, 3, 1);
    const name = await signUp(winner);
    await expect.poll(async () => (await winner.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status()).toBe(201);
    await winner.goto(address);
    // Without scripts nothing is there that needs them.
    await expect(winner.locator('button[type=button]:visible')).toHaveCount(scripts ? 1 : 0);
    await winner.getByRole('link', { name: '참여 완료 · 받을 곳 적기' }).click();
    await expect(winner.getByRole('heading', { name: '겨울 머그 받을 곳을 알려 주세요' })).toBeVisible();
    // A wrong phone number is told, and nothing else is lost.
    await fillClaim(winner, '02-123-4567');
    await winner.getByRole('button', { name: '보내기' }).click();
    await expect(winner.getByText('형식이 맞지 않아요.')).toBeVisible();
    await expect(winner.getByLabel('받는 분')).toHaveValue('김수달');
    await winner.getByLabel('휴대폰').fill('01012345678');
    await winner.getByRole('button', { name: '보내기' }).click();
    await expect(winner.getByText('크리에이터에게 전해졌어요.')).toBeVisible();
    await expect(winner.getByText('김수달 · 010-1234-5678')).toBeVisible();
    // The creator finds it, takes the table home, and sends the prize.
    await host.goto(address);
    await host.getByRole('link', { name: '내가 연 이벤트예요 · 참여자' }).click();
    await expect(host.getByText('서울 중구 세종대로 110')).toBeVisible();
    const saving = host.waitForEvent('download');
    await host.getByRole('link', { name: '엑셀로 받기' }).click();
    expect((await saving).suggestedFilename()).toMatch(/^\d{4}-\d\d-\d\d-.+-참여자\.xlsx$/);
    const file = await (await saving).path();
    expect(readFileSync(file).subarray(0, 2).toString()).toBe('PK');
    await host.getByRole('link', { name: '당첨자' }).click();
    await host.getByPlaceholder('순위나 닉네임으로 찾기').fill(name.slice(0, 6));
    await host.getByRole('button', { name: '찾기' }).click();
    await expect(host.locator('.rows tbody tr')).toHaveCount(1);
    await host.getByRole('button', { name: '발송 완료로' }).click();
    await expect(host.getByText('발송 완료 1')).toBeVisible();
    // The winner is told, and finds the entry again.
    await expect(async () => {
      await winner.goto('/notices');
      await expect(winner.getByText('상품을 보냈어요.')).toBeVisible({ timeout: 1000 });
    }).toPass();
    await winner.getByRole('button', { name: '모두 읽음' }).click();
    await expect(winner.getByRole('link', { name: '알림', exact: true }).first()).toBeVisible();
    await winner.goto('/my');
    await winner.getByRole('link', { name: '당첨 1' }).click();
    await expect(winner.locator('.my-entries li')).toContainText('발송 완료');
    calm();
    await hosting.close();
    await winning.close();
  });
}

test('who is taken out reads why, and the next in line wins while watching', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const address = await makeEvent(page, 3, 1);
  const [first] = await person(browser, { viewport });
  const [second] = await person(browser, { viewport });
  for (const one of [first, second]) {
    await signUp(one);
    await expect.poll(async () => (await one.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status()).toBe(201);
  }
  await second.goto(address);
  await expect(second.locator('.result')).toContainText('대기 1번');
  await page.goto(address.replace('/events/', '/creator/events/'));
  const row = page.locator('.rows tbody tr').first();
  await row.getByText('제외하기').first().click();
  await row.getByLabel('제외 사유').fill('한 사람이 두 번 참여했어요');
  await row.getByRole('button', { name: '제외하기' }).click();
  await expect(page.locator('.rows tbody tr').first()).toContainText('한 사람이 두 번 참여했어요');
  // No reload: the place is passed on in the room itself.
  await expect(second.locator('.result.won')).toBeVisible({ timeout: 15_000 });
  await first.goto(`${address}/board`);
  await expect(first.locator('tbody tr').first()).toContainText('한 사람이 두 번 참여했어요');
});

test('without scripts what is wrong in a form that is folded away is seen', { tag: '@once' }, async ({ browser, viewport }) => {
  const [host] = await person(browser, { viewport, javaScriptEnabled: false, locale: 'en-GB' });
  const [one] = await person(browser, { viewport });
  await beCreator(host);
  const address = await makeEvent(host, 3, 1);
  await signUp(one);
  await expect.poll(async () => (await one.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status()).toBe(201);
  const row = host.locator('.rows tbody tr');
  await expect(async () => {
    await host.goto(address.replace('/events/', '/creator/events/'));
    await expect(row).toHaveCount(1, { timeout: 500 });
  }).toPass();
  const reason = row.getByLabel('Reason for taking out');
  await expect(reason).toBeHidden();
  await row.locator('summary', { hasText: 'Take out' }).click();
  // Blanks are no reason, and a browser lets them pass.
  await reason.fill('   ');
  await row.getByRole('button', { name: 'Take out' }).click();
  await expect(row.locator('.note.bad')).toBeVisible();
  await expect(reason).toBeVisible();
  await reason.fill('Entered twice');
  await row.getByRole('button', { name: 'Take out' }).click();
  await expect(row).toContainText('Entered twice');
});
