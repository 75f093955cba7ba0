// Another password for whoever forgot theirs: by a link from whoever runs the site where it sends no mail, else by one that is mailed. And
// another email, which is proved by such a link.
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

test('another email is proved by a link that is mailed to it, and the one before is told', { tag: '@once' }, async ({ browser, viewport }) => {
  const mails = await Mails.start();
  const mailing = await Site.start('--public-url', '{url}', '--smtp-url', mails.url, '--mail-from', '59초 <notices@test.example>');
  try {
    const [page] = await person(browser, { viewport, locale: 'ko-KR', baseURL: mailing.url });
    const calm = noComplaints(page);
    const [email, another] = [newEmail(), newEmail()];
    await signUp(page, '', email);
    await page.goto('/my/account');
    await page.getByRole('link', { name: '이메일 바꾸기' }).click();
    await page.getByLabel('새 이메일').fill(another);
    await page.getByLabel('지금 비밀번호').fill(PASSWORD);
    await page.getByRole('button', { name: '이메일 바꾸기' }).click();
    await expect(page.getByText('새 주소로 메일을 보냈어요.')).toBeVisible();
    await expect(page.getByText(`지금 이메일: ${email}`)).toBeVisible();
    await fits(page);
    const link = await mails.link(another, '/my/account/email');
    // Whoever is written to by mistake is asked to sign in.
    const [stranger] = await person(browser, { viewport, locale: 'ko-KR', baseURL: mailing.url });
    await stranger.goto(link);
    await expect(stranger.getByRole('heading', { name: '먼저 로그인해 주세요.' })).toBeVisible();
    await page.goto(link);
    await expect(page.getByText(`${another}, 이 주소로 바꿀까요?`)).toBeVisible();
    await fits(page);
    await page.getByRole('button', { name: '이메일 바꾸기' }).click();
    await expect(page).toHaveURL(`${mailing.url}/my/account`);
    await expect(page.getByText('이메일을 바꿨어요.')).toBeVisible();
    await expect(page.getByText(another)).toBeVisible();
    expect(await mails.link(email, '/my/account')).toBe(`${mailing.url}/my/account`);
    await page.goto(link);
    await expect(page.getByRole('alert')).toContainText('이미 쓴 링크예요');
    calm();
  } finally {
    await mailing.stop();
    mails.stop();
  }
});
