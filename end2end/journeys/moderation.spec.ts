// A line that somebody reports, and the admin who looks at it, and at what happens by itself.
import { expect } from '@playwright/test';
import { beAdmin, beCreator, live, makeEvent, person, signUp, test } from './people';
import { Site } from './site';

let site: Site;
test.beforeAll(async () => { site = await Site.start(); });
test.afterAll(async () => { await site.stop(); });

test('a line is reported, the admin hides it, and everybody sees that it is gone', { tag: ['@core', '@once'] }, async ({ browser, viewport }) => {
  const options = { viewport, baseURL: site.url };
  const [host] = await person(browser, options);
  const [rude] = await person(browser, options);
  const [reader] = await person(browser, options);
  const [admin] = await person(browser, options);
  await beCreator(host);
  const address = await makeEvent(host, 3600);
  await beAdmin(admin, site);
  const name = await signUp(rude);
  await signUp(reader);
  await rude.goto(address);
  await live(rude);
  await rude.getByPlaceholder('다른 분들과 이야기해 보세요').fill('여기 사세요 싸요');
  await rude.getByRole('button', { name: '보내기' }).click();
  await reader.goto(address);
  await live(reader);
  const line = reader.locator('.chat li', { hasText: '여기 사세요' });
  await line.locator('summary').click();
  await line.getByRole('button', { name: '신고' }).click();
  await expect(line.getByRole('button', { name: '신고했어요' })).toBeDisabled();
  await reader.goto('/admin/reports');
  await expect(reader.getByText('여기 사세요')).toHaveCount(0);
  await admin.goto('/my');
  await admin.getByRole('link', { name: '관리', exact: true }).click();
  await admin.locator('tbody').getByRole('link').first().click();
  await expect(admin.getByText('신고 1건')).toBeVisible();
  await expect(admin.getByText(name).first()).toBeVisible();
  await admin.screenshot({ path: `test-results/reports-${viewport!.width}.png` });
  await admin.getByRole('button', { name: '숨기기' }).click();
  await expect(admin.getByText('살펴볼 신고가 없어요.')).toBeVisible();
  await expect(rude.locator('.chat')).toContainText('숨긴 메시지예요.');
  await expect(rude.locator('.chat')).not.toContainText('여기 사세요');
  await admin.getByRole('link', { name: '저절로 하는 일' }).click();
  await expect(admin.locator('.jobs tbody tr')).toHaveCount(17);
  // One that runs seldom ran when the site was new.
  const last = admin.locator('.jobs tr', { hasText: '오래된 기기 잊기' }).locator('[data-label="마지막 실행"]');
  await expect(async () => {
    await admin.goto('/admin/jobs');
    await expect(last).not.toHaveText(/^[0-5]초 전$/, { timeout: 500 });
  }).toPass();
  // It says when it ran last: now. (Pressed again when the machine stalled for longer than that.)
  await expect(async () => {
    await admin.getByRole('button', { name: '지금 실행: 오래된 기기 잊기' }).click();
    await expect(async () => {
      await admin.goto('/admin/jobs');
      await expect(last).toHaveText(/^[0-5]초 전$/, { timeout: 500 });
    }).toPass({ timeout: 5_000 });
  }).toPass({ timeout: 30_000 });
  await expect(admin.locator('.jobs .failing')).toHaveCount(0);
  await admin.screenshot({ path: `test-results/jobs-${viewport!.width}.png`, fullPage: true });
});
