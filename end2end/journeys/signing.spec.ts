// Signing in where an app has its own browser, and what is left on the screen of whoever signed out.
import { chromium, expect, type Page } from '@playwright/test';
import { beCreator, fits, makeEvent, newEmail, PASSWORD, person, signIn, signUp, test } from './people';

/** As these call themselves. */
const BUILT_IN = {
  KakaoTalk: 'Mozilla/5.0 (Linux; Android 15; SM-S921N Build/AP3A.240905.015; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/131.0.0.0 Mobile Safari/537.36;KAKAOTALK 2610950',
  Instagram: 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/22B83 Instagram 356.0.0.27.90 (iPhone16,1; iOS 18_1; ko_KR; ko; scale=3.00; 1179x2556)',
};

for (const [app, userAgent] of Object.entries(BUILT_IN)) {
  for (const scripts of [true, false]) {
    test(`signing in within ${app} goes by pages alone, ${scripts ? 'with' : 'without'} scripts`, async ({ browser, page }) => {
      const email = newEmail();
      await signUp(page, '', email);
      // One of the two in English.
      const locale = app === 'KakaoTalk' ? 'ko-KR' : 'en-GB';
      const context = await browser.newContext({ userAgent, javaScriptEnabled: scripts, locale });
      const within = await context.newPage();
      await within.goto('/my/orders');
      await within.getByRole('main').getByRole('link', { name: /^(로그인|Sign in)$/ }).click();
      await expect(within).toHaveURL(/\/sign-in\?next=/);
      expect(await within.locator('a[target], form[target]').count()).toBe(0);
      await signIn(within, email);
      await expect(within).toHaveURL('/my/orders');
      // As who they are, and not once more as nobody.
      await expect(within.getByText(/^(아직 주문이 없어요\.|No orders yet\.)$/)).toBeVisible();
      // Such a browser has one window: what opens another is lost.
      expect(context.pages()).toHaveLength(1);
      await context.close();
    });
  }
}

/** As people's browsers are: pages are kept to go back to. */
const KEEPS_PAGES = {
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking', '--enable-features=CacheControlNoStoreEnterBackForwardCache'],
  ignoreDefaultArgs: ['--disable-back-forward-cache'],
};

/** Asks a page something. Playwright's own view of one ends where the browser keeps it, so that the browser is asked directly. */
async function asking(page: Page) {
  let session = await page.context().newCDPSession(page);
  // A page that is left or comes back ends what was being asked of it: the next is asked anew.
  return async (expression: string) => {
    try {
      return (await session.send('Runtime.evaluate', { expression })).result.value;
    } catch {
      session = await page.context().newCDPSession(page);
      return undefined;
    }
  };
}

test('where an app’s browser saves no files there is a way out of it', { tag: '@once' }, async ({ browser, page }) => {
  await beCreator(page);
  const address = await makeEvent(page, 3600);
  for (const [app, userAgent] of Object.entries(BUILT_IN)) {
    const [within, context] = await person(browser, { userAgent, locale: 'en-GB' });
    await within.goto(`${address}/share`);
    const way = within.locator('.outside');
    await expect(way).toContainText('Files may not be saved in this app');
    const link = way.getByRole('link', { name: 'Open in a browser' });
    if (app === 'KakaoTalk') {
      const outside = new URL((await link.getAttribute('href'))!);
      expect(outside.protocol).toBe('kakaotalk:');
      expect(new URL(outside.searchParams.get('url')!).pathname).toBe(`${address}/share`);
    } else {
      // This app's own menu alone leads out of it.
      await expect(link).toHaveCount(0);
      await expect(way).toContainText('Choose “Open in browser” in the app');
    }
    // The code is seen all the same.
    const code = within.getByRole('img', { name: /QR code/ });
    await expect.poll(() => code.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(100);
    await fits(within);
    await context.close();
  }
  await page.goto(`${address}/share`);
  await expect(page.locator('.outside')).toHaveCount(0);
});

test('going back after signing in shows who is here', { tag: '@once' }, async ({ baseURL, page }) => {
  const email = newEmail();
  const name = await signUp(page, '', email);
  const browser = await chromium.launch(KEEPS_PAGES);
  const context = await browser.newContext({ baseURL, locale: 'ko-KR' });
  const own = await context.newPage();
  await own.goto('/deals');
  // What is loaded anew knows nothing of this, whether the browser had kept it or not.
  await own.evaluate(() => {
    Object.assign(window, { first: true });
    addEventListener('pageshow', ({ persisted }) => { sessionStorage.kept = persisted; });
  });
  await own.goto('/terms');
  // In another tab: nothing on this one's way says so.
  const other = await context.newPage();
  await other.goto('/sign-in');
  await signIn(other, email);
  await expect(other.getByText(name).first()).toBeAttached();
  await expect.poll(() => other.evaluate(() => localStorage['signed-in'])).toBeTruthy();
  const ask = await asking(own);
  await Promise.race([ask('history.go(-1)'), own.waitForTimeout(1000)]);
  await expect.poll(() => ask('location.pathname')).toBe('/deals');
  await expect.poll(async () => (await ask(`document.querySelector('.who')?.textContent`)) ?? '').toContain(name);
  // Where the browser kept no page, none of that was seen.
  await expect.poll(() => ask('`${sessionStorage.kept} ${window.first}`')).toBe('true undefined');
  await browser.close();
});

test('going back after signing out shows nothing of whoever was here', { tag: ['@core', '@once'] }, async ({ baseURL, page }) => {
  const email = newEmail();
  const name = await signUp(page, '', email);
  const browser = await chromium.launch(KEEPS_PAGES);
  const own = await browser.newPage({ baseURL, locale: 'ko-KR' });
  const ask = await asking(own);
  await own.goto('/sign-in?next=/my');
  await own.getByLabel('이메일').fill(email);
  await own.getByLabel('비밀번호').fill(PASSWORD);
  await own.getByRole('button', { name: '로그인' }).click();
  await expect(own).toHaveURL('/my');
  await expect(own.getByText(name).first()).toBeAttached();
  await own.getByRole('button', { name: '로그아웃' }).click();
  await expect.poll(() => ask('location.pathname')).toBe('/');
  for (let i = 0; i < 3; i++) {
    await Promise.race([ask('history.go(-1)'), own.waitForTimeout(1000)]);
    await own.waitForTimeout(500);
    // Wherever that leads, it was asked for anew.
    await expect.poll(() => ask('document.readyState')).toBe('complete');
    let text: string | undefined;
    await expect.poll(async () => (text = await ask(`document.body.hidden ? '' : document.body.innerText`))).toBeDefined();
    expect(text).not.toContain(name);
  }
  await browser.close();
});
