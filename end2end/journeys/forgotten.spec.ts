// Another password for whoever forgot theirs, on a site that sends no mail: by a link from whoever runs it.
import { expect, test } from '@playwright/test';
import { newEmail, noComplaints, signUp } from './people';
import { Site } from './site';

let site: Site;
test.beforeAll(async () => { site = await Site.start(); });
test.afterAll(async () => { await site.stop(); });

for (const scripts of [true, false]) {
  test(`whoever forgot their password sets another one, ${scripts ? 'with' : 'without'} scripts`, { tag: scripts ? ['@core', '@once'] : '@once' }, async ({ browser, viewport }) => {
    const context = await browser.newContext({ javaScriptEnabled: scripts, viewport, baseURL: site.url, locale: 'ko-KR' });
    const page = await context.newPage();
    const calm = noComplaints(page);
    const email = newEmail();
    await signUp(page, '', email);
    await page.context().clearCookies();
    await page.goto('/sign-in');
    await page.getByRole('link', { name: '비밀번호를 잊으셨나요?' }).click();
    await expect(page.getByText('메일을 보내지 않아서')).toBeVisible();
    const link = site.passwordLink(email);
    await page.goto(link);
    await page.getByLabel('새 비밀번호').fill('해 뜨는 날엔 수달');
    await page.getByRole('button', { name: '새 비밀번호 정하기' }).click();
    await expect(page).toHaveURL('/sign-in');
    await expect(page.getByText('새 비밀번호를 정했어요.')).toBeVisible();
    await page.getByLabel('이메일').fill(email);
    await page.getByLabel('비밀번호').fill('해 뜨는 날엔 수달');
    await page.getByRole('button', { name: '로그인' }).click();
    await expect(page).toHaveURL('/');
    await page.goto(link);
    await expect(page.getByRole('alert')).toContainText('이미 쓴 링크예요');
    calm();
    await context.close();
  });
}
