// Another password for whoever forgot theirs: by a link from whoever runs the site where it sends no mail, else by one that is mailed.
import { expect } from '@playwright/test';
import { fits, newEmail, noComplaints, PASSWORD, person, signIn, signUp, test } from './people';
import { Site } from './site';
import { Mails } from './stand-ins';

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

test('whoever forgot their password is mailed a link, and with the new one is signed out everywhere', { tag: '@once' }, async ({ browser, viewport }) => {
  const mails = await Mails.start();
  const mailing = await Site.start('--public-url', '{url}', '--smtp-url', mails.url, '--mail-from', '59초 <notices@test.example>');
  try {
    const options = { viewport, locale: 'en-GB', baseURL: mailing.url };
    const [before] = await person(browser, options);
    const [page] = await person(browser, options);
    const calm = noComplaints(page);
    const email = newEmail();
    await signUp(before, '', email);
    await page.goto('/sign-in');
    await page.getByRole('link', { name: 'Forgot your password?' }).click();
    // What is no address is said at its field.
    const [field, send] = [page.getByLabel('Email'), page.getByRole('button', { name: 'Send me a link' })];
    await field.fill('otter');
    await send.click();
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await field.fill(email);
    await send.click();
    await expect(page.getByText('If somebody signed up with this email, a link is on its way.')).toBeVisible();
    await fits(page);
    await page.goto(await mails.link(email, '/forgot/new'));
    const [password, set] = [page.getByLabel('New password'), page.getByRole('button', { name: 'Set a new password' })];
    await password.fill('1234567890');
    await set.click();
    await expect(page.getByText('This password is too well known. Please choose another.')).toBeVisible();
    await password.fill('해 뜨는 날엔 수달');
    await set.click();
    await expect(page).toHaveURL('/sign-in');
    await expect(page.getByText('Your new password is set. Please sign in with it.')).toBeVisible();
    // Whoever was signed in before is so no longer.
    await before.goto('/my');
    await expect(before.getByText('Sign in to see your account here.')).toBeVisible();
    await signIn(page, email, PASSWORD);
    await expect(page.getByRole('alert')).toHaveText('Email or password is not right.');
    await signIn(page, email, '해 뜨는 날엔 수달');
    await expect(page).toHaveURL('/');
    await page.goto('/my');
    await expect(page.getByRole('heading', { name: /^Hello, / })).toBeVisible();
    calm();
  } finally {
    await mailing.stop();
    mails.stop();
  }
});
