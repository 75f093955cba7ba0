// Signing in by Kakao: the site as it is, and in Kakao's place a server that checks what it is asked.
import { expect } from '@playwright/test';
import { fits, newEmail, noComplaints, PASSWORD, person, signUp, test as base } from './people';
import { Site } from './site';
import { agree, signingInAt, standIns } from './stand-ins';

const test = base.extend<{ site: Site }>({
  site: async ({}, use) => {
    const [beside, program] = await standIns();
    const site = await Site.start('--public-url', '{url}', ...signingInAt(beside));
    await use(site);
    await site.stop();
    program.stdin!.end();
  },
});

for (const scripts of [true, false]) {
  test(`somebody signs up by Kakao ${scripts ? 'with' : 'without'} scripts, in a messenger's browser, and in again`, { tag: scripts ? ['@core', '@once'] : [] }, async ({ browser, viewport, site }) => {
    const userAgent = 'Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/120.0 Mobile Safari/537.36 KAKAOTALK 10.5.0';
    const options = { viewport, baseURL: site.url, userAgent, javaScriptEnabled: scripts };
    const [page, context] = await person(browser, options);
    const calm = noComplaints(page);
    const id = String(Date.now());
    await page.goto('/sign-in?next=/deals');
    await page.getByRole('link', { name: '카카오로 시작하기' }).click();
    await page.getByRole('button', { name: '취소' }).click();
    await expect(page.getByRole('alert')).toHaveText('카카오 로그인을 그만두었어요.');
    await page.getByRole('link', { name: '카카오로 시작하기' }).click();
    await agree(page, id);
    await expect(page.getByRole('heading', { name: '카카오로 처음 오셨네요' })).toBeVisible();
    const name = await page.getByLabel('닉네임').inputValue();
    await page.getByLabel(/이용약관과/).check();
    await page.getByLabel(/만 14세/).check();
    await page.getByRole('button', { name: '회원가입' }).click();
    await expect(page).toHaveURL(`${site.url}/deals`);
    // Nothing opened beside it.
    expect(context.pages()).toHaveLength(1);
    const [other] = await person(browser, { viewport, baseURL: site.url });
    await other.goto('/sign-in?next=/my');
    await other.getByRole('link', { name: '카카오로 시작하기' }).click();
    await agree(other, id);
    await expect(other.getByRole('heading', { name: `${name} 님, 안녕하세요` })).toBeVisible();
    calm();
  });
}

test('an account that is there is joined by its password, and parted again', { tag: '@once' }, async ({ browser, viewport, site }) => {
  const [page] = await person(browser, { viewport, baseURL: site.url });
  const email = newEmail();
  await signUp(page, '', email);
  await page.context().clearCookies();
  await page.goto('/sign-in?next=/my/account');
  await page.getByRole('link', { name: '카카오로 시작하기' }).click();
  await agree(page, 'otter', email);
  await expect(page.getByText('이메일로 가입한 계정이 있어요')).toBeVisible();
  await page.getByLabel('비밀번호').fill('아닌 비밀번호예요');
  await page.getByRole('button', { name: '확인하고 연결하기' }).click();
  await expect(page.getByRole('alert')).toHaveText('이메일이나 비밀번호가 맞지 않아요.');
  await page.getByLabel('비밀번호').fill(PASSWORD);
  await page.getByRole('button', { name: '확인하고 연결하기' }).click();
  await expect(page.getByRole('heading', { name: '로그인 방법' })).toBeVisible();
  await page.getByRole('button', { name: '연결 끊기' }).click();
  await page.getByRole('link', { name: '연결하기' }).click();
  await agree(page, 'otter', email);
  // It lasts when they sign out: whoever only found their browser does not let themselves in.
  await page.getByLabel('지금 비밀번호').fill(PASSWORD);
  await page.getByRole('button', { name: '확인하고 연결하기' }).click();
  await expect(page.getByRole('button', { name: '연결 끊기' })).toBeVisible();
});

for (const scripts of [true, false]) {
  test(`whoever has no password leaves by signing in at Kakao once more, ${scripts ? 'with' : 'without'} scripts`, { tag: '@once' }, async ({ browser, viewport, site }) => {
    const [page] = await person(browser, { viewport, baseURL: site.url, javaScriptEnabled: scripts });
    const calm = noComplaints(page);
    const id = `leaving-${Date.now()}`;
    await page.goto('/sign-in?next=/my/leave');
    await page.getByRole('link', { name: '카카오로 시작하기' }).click();
    await agree(page, id);
    await page.getByLabel(/이용약관과/).check();
    await page.getByLabel(/만 14세/).check();
    await page.getByRole('button', { name: '회원가입' }).click();
    await expect(page).toHaveURL(`${site.url}/my/leave`);
    const erase = page.getByRole('button', { name: '계정 지우고 떠나기' });
    const show = page.getByRole('link', { name: '카카오로 확인하기' });
    await expect(show).toBeVisible();
    await expect(erase).toHaveCount(0);
    await show.click();
    await agree(page, `${id}-another`);
    await expect(page.getByRole('alert')).toContainText('내 계정에 다른 카카오 계정이 연결되어 있어요.');
    await show.click();
    await agree(page, id);
    await expect(page.getByText('카카오에서 확인했어요.')).toBeVisible();
    await fits(page);
    await page.getByLabel('계정을 되살릴 수 없다는').check();
    await erase.click();
    await expect(page).toHaveURL(`${site.url}/`);
    await expect(page.getByText('계정을 지웠어요.')).toBeVisible();
    calm();
  });
}
