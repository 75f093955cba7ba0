// What people type and paste: counted as people count, never cut silently, and painted in its own row.
import { expect } from '@playwright/test';
import { beCreator, live, makeEvent, noComplaints, person, signUp, staysInItsRow, test } from './people';

const FAMILY = '👨‍👩‍👧‍👦';

test('a paste that is too long is said and not cut', async ({ page }) => {
  const calm = noComplaints(page);
  await beCreator(page);
  await page.goto('/creator/new');
  const title = page.getByLabel('제목');
  const note = page.locator('#title-note');
  await title.fill('가'.repeat(85));
  await expect(note).toHaveText('80자까지만 돼요. 지금 85자예요.');
  await expect(title).toHaveAttribute('aria-invalid', 'true');
  await expect(title).toHaveValue('가'.repeat(85));
  // Eleven units of UTF-16 each, and syllables of three letters: eighty are eighty.
  for (const eighty of [FAMILY.repeat(80), '각'.normalize('NFD').repeat(80), `\u200b${'가\u200b'.repeat(80)}\ufeff`, ` ${'가'.repeat(80)} `]) {
    await title.fill(eighty);
    await expect(note).not.toContainText('80자까지만');
    await expect(title).not.toHaveAttribute('aria-invalid', 'true');
  }
  await title.fill(FAMILY.repeat(81));
  await expect(note).toHaveText('80자까지만 돼요. 지금 81자예요.');
  calm();
});

test('times are those of Korea in any zone', async ({ browser, viewport }) => {
  const [page, context] = await person(browser, { viewport, timezoneId: 'America/New_York' });
  await beCreator(page);
  await page.goto('/creator/new');
  await page.getByLabel('열리는 시각').fill('2026-12-24T20:00:01');
  await expect(page.locator('.preview')).toContainText('20:00');
  await page.getByLabel('제목').fill('어디서나 같은 시각');
  await page.getByLabel('경품 이름').first().fill('찻잔');
  await page.getByLabel('당첨 인원').first().fill('2');
  const year = new Date().getUTCFullYear() + 1;
  await page.getByLabel('열리는 시각').fill(`${year}-01-02T20:00:01`);
  await page.getByLabel('닫히는 시각').fill(`${year}-01-02T21:00:01`);
  await page.getByRole('button', { name: '임시 저장' }).click();
  await expect(page).toHaveURL(/\/creator\/events\/.*\/edit/);
  await expect(page.getByLabel('열리는 시각')).toHaveValue(`${year}-01-02T20:00:01`);
  await context.close();
});

test('a line of chat is counted as people count, and stays in its row', async ({ browser, viewport }) => {
  const [host, hosting] = await person(browser, { viewport });
  const [guest, visiting] = await person(browser, { viewport });
  await beCreator(host);
  const address = await makeEvent(host, 3600);
  await signUp(guest);
  await guest.goto(address);
  await live(guest);
  const line = guest.getByPlaceholder('다른 분들과 이야기해 보세요');
  const send = guest.locator('.say button');
  await line.fill('가'.repeat(301));
  await send.click();
  await expect(guest.locator('.chat [role=alert]')).toContainText('300까지만 돼요.');
  await expect(line).toHaveValue('가'.repeat(301));
  // More bytes than a frame of the socket has.
  await line.fill(FAMILY.repeat(300));
  await send.click();
  await expect(guest.locator('.chat li').last()).toContainText(FAMILY.repeat(300));
  await guest.goto(address);
  await live(guest);
  await line.fill(`\u202e머그${'\u035c\u0e49'.repeat(40)}\u200b 나눠요 \ufdfd`);
  await send.click();
  const last = guest.locator('.chat li span', { hasText: '나눠요' });
  await expect(last).toBeVisible();
  await staysInItsRow(guest.locator('.chat li', { hasText: '나눠요' }), last);
  const text = await last.textContent();
  expect(text).not.toMatch(/[\u200b\u202e]/);
  expect(text!.match(/\p{M}/gu)).toHaveLength(4);
  await guest.locator('.chat').screenshot({ path: `test-results/typing-chat-${viewport!.width}.png` });
  await hosting.close();
  await visiting.close();
});
