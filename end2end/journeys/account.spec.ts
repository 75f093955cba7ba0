// Signing up, in, out; mode, language, theme; pages that are not there.
import { readFileSync } from 'node:fs';
import { chromium, expect } from '@playwright/test';
import { PASSWORD, be, beCreator, fits, live, makeEvent, newEmail, noComplaints, person, signIn, signUp, test } from './people';
import { Site } from './site';

for (const scripts of [true, false]) {
  test(`someone signs up, becomes a creator and signs out, ${scripts ? 'with' : 'without'} scripts`, { tag: scripts ? '@core' : ['@core', '@once'] }, async ({ browser }) => {
    const context = await browser.newContext({ javaScriptEnabled: scripts });
    const page = await context.newPage();
    await page.goto('/sign-up');
    const nickname = page.getByLabel('닉네임');
    await expect(nickname).not.toHaveValue('');
    await page.getByLabel('이메일').fill(`p${Date.now()}${scripts}@example.com`);
    await page.getByLabel('비밀번호').fill('1234567890');
    await page.getByLabel(/이용약관/).check();
    await page.getByLabel(/14세/).check();
    await page.getByRole('button', { name: '회원가입' }).click();
    await expect(page.getByText('너무 널리 알려진 비밀번호예요')).toBeVisible();
    await expect(page.getByLabel('비밀번호')).toHaveValue('');
    await expect(page.getByLabel(/이용약관/)).toBeChecked();
    await page.getByLabel('비밀번호').fill('비 오는 날엔 수달');
    await page.getByRole('button', { name: '회원가입' }).click();
    await expect(page).toHaveURL('/');
    await page.getByRole('button', { name: '크리에이터', exact: true }).click();
    await expect(page).toHaveURL('/creator/profile');
    await page.getByLabel('이름', { exact: true }).fill(`여행상점 ${Date.now()}${scripts}`);
    await page.getByRole('button', { name: '저장하기' }).click();
    await expect(page).toHaveURL('/creator');
    await expect(page.getByText('아직 만든 이벤트가 없어요.')).toBeVisible();
    await page.getByRole('button', { name: '참여자', exact: true }).click();
    await expect(page).toHaveURL('/');
    await page.goto('/my');
    await page.getByRole('button', { name: '로그아웃' }).click();
    await expect(page).toHaveURL('/');
    await page.goto('/my');
    await expect(page.getByText('로그인하면 여기에서')).toBeVisible();
    await context.close();
  });
}

test('language and theme are remembered', async ({ page }) => {
  const calm = noComplaints(page);
  await page.goto('/');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await page.getByRole('button', { name: 'Dark' }).click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await page.goto('/sign-in');
  await expect(page.getByRole('heading', { name: 'Welcome back' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'dark');
  await expect(page.getByRole('button', { name: 'Dark' })).toHaveAttribute('aria-pressed', 'true');
  // And back: to the language, and to whichever theme the phone has.
  await page.getByRole('button', { name: '한국어' }).click();
  await expect(page.getByRole('heading', { name: '다시 만나서 반가워요' })).toBeVisible();
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
  await page.getByRole('button', { name: '시스템' }).click();
  await expect(page.locator('html')).not.toHaveAttribute('data-theme', 'dark');
  calm();
});

test('every page renders without a complaint, and none is wider than the screen', { tag: '@core' }, async ({ page }) => {
  const calm = noComplaints(page);
  await be(page, 'creator');
  await page.goto('/');
  const next = await page.locator('.next h2 a').getAttribute('href');
  const past = await page.locator('.sec').last().locator('a.card').first().getAttribute('href');
  for (const address of ['/', next, past, `${past}/board`, '/sign-in', '/sign-up', '/forgot', '/forgot/new', '/terms', '/privacy', '/my', '/my/devices', '/my/account', '/my/account/email', '/my/leave', '/my/wishes', '/notices', '/deals', '/deals?show=ended', '/tickets', '/search', '/search?q=%EB%A8%B8%EA%B7%B8', '/parties', '/parties?lat=37.5446&lng=127.0559', '/parties/where', '/parties/where?lat=37.5446&lng=127.0559', '/my/parties', '/my/favourites', '/my/subscriptions', '/notices/settings', '/creator', '/creator/new', '/creator/new?kind=deal', '/creator/new?kind=ticket', '/creator/profile', '/nowhere']) {
    await page.goto(address ?? '');
    await expect(page.locator('main h1').first()).toBeAttached();
    await page.waitForTimeout(300);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, `${address} is too wide`).toBeLessThanOrEqual(0);
  }
  calm();
});

test('going back finds the page as it was left', { tag: ['@core', '@once'] }, async ({ baseURL }) => {
  // As people's browsers are, and Playwright's is not unless it is told. Its own view of a page ends when the page is kept, so
  // that what is asked goes to the browser directly.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'];
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  const browser = await chromium.launch({ executablePath, args, ignoreDefaultArgs: ['--disable-back-forward-cache'] });
  const page = await browser.newPage({ baseURL, locale: 'ko-KR' });
  const session = await page.context().newCDPSession(page);
  const ask = async (expression: string) => (await session.send('Runtime.evaluate', { expression })).result.value;
  // What the page answers may be lost with it.
  const go = (by: number) => Promise.race([ask(`history.go(${by})`).catch(() => {}), page.waitForTimeout(1000)]);
  const keep = (name: string) => ask(`addEventListener('pageshow', event => { sessionStorage.${name} = event.persisted; })`);
  await page.goto('/');
  // Taken over: the countdown runs.
  const shown = await page.locator('.next .count').textContent();
  await expect(page.locator('.next .count')).not.toHaveText(shown ?? '');
  await keep('home');
  await page.locator('.next h2 a').click();
  await live(page);
  await keep('room');
  await go(-1);
  await expect.poll(() => ask('location.pathname + sessionStorage.home')).toBe('/true');
  const before = await ask(`document.querySelector('.next .count').textContent`);
  // Also where that opened meanwhile: what opens after it is read up to twelve seconds later, not by everybody at once.
  await expect.poll(() => ask(`document.querySelector('.next .count').textContent`), { message: 'the countdown runs on', timeout: 20_000 }).not.toBe(before);
  await go(1);
  await expect.poll(() => ask('sessionStorage.room')).toBe('true');
  // Its socket was closed when it was left, and is opened again.
  await expect.poll(() => ask(`document.querySelector('.connection') === null && document.querySelector('.dial .error').textContent.includes('±')`)).toBe(true);
  await browser.close();
});

test('a room can be used by keyboard alone', async ({ page }) => {
  await be(page, 'shopper');
  await page.goto('/');
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  await page.keyboard.press('Enter');
  // Past the search's box and its button.
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab');
  await expect(page.locator('.next h2 a')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('.dock button')).toBeVisible();
  await expect(page.getByRole('timer')).toBeAttached();
  await page.locator('.dock button').focus();
  await page.keyboard.press('Enter');
  // Too early, told either in place or, had the code not loaded yet, on the page that answers the form.
  await expect(page.locator('.dock [role=alert], .banner.bad, .result').first()).toBeVisible();
});

test('whoever lost a phone signs it out, and changes the password', async ({ browser }) => {
  const email = `lost${Date.now()}@example.com`;
  const elsewhere = async (password: string) => {
    const page = await (await browser.newContext()).newPage();
    await page.goto('/sign-in');
    await signIn(page, email, password);
    return page;
  };
  const here = await (await browser.newContext()).newPage();
  const calm = noComplaints(here);
  await here.goto('/sign-up');
  await here.getByLabel('이메일').fill(email);
  await here.getByLabel('비밀번호').fill('비 오는 날엔 수달');
  await here.getByLabel(/이용약관/).check();
  await here.getByLabel(/14세/).check();
  await here.getByRole('button', { name: '회원가입' }).click();
  await expect(here).toHaveURL('/');
  const lost = await elsewhere('비 오는 날엔 수달');
  await expect(lost).toHaveURL('/');
  await here.goto('/my');
  await here.getByRole('link', { name: '로그인한 기기와 비밀번호' }).click();
  await expect(here.locator('.signed-in li')).toHaveCount(2);
  await expect(here.locator('.signed-in').getByText('지금 이 기기')).toHaveCount(1);
  await here.locator('.signed-in button').click();
  await expect(here.locator('.signed-in li')).toHaveCount(1);
  await lost.goto('/my');
  await expect(lost.getByText('로그인하면 여기에서')).toBeVisible();
  await here.getByLabel('지금 비밀번호').fill('비 오는 날엔 해달');
  await here.getByLabel('새 비밀번호').fill('해 뜨는 날엔 수달');
  await here.getByRole('button', { name: '비밀번호 바꾸기' }).click();
  await expect(here.getByText('지금 비밀번호가 맞지 않아요.')).toBeVisible();
  await here.getByLabel('지금 비밀번호').fill('비 오는 날엔 수달');
  await here.getByLabel('새 비밀번호').fill('해 뜨는 날엔 수달');
  await here.getByRole('button', { name: '비밀번호 바꾸기' }).click();
  await expect(here.getByText('비밀번호를 바꿨어요.')).toBeVisible();
  const again = await elsewhere('해 뜨는 날엔 수달');
  await expect(again).toHaveURL('/');
  // The old one opens nothing any more.
  const refused = await elsewhere('비 오는 날엔 수달');
  await expect(refused.getByRole('alert')).toHaveText('이메일이나 비밀번호가 맞지 않아요.');
  calm();
  for (const page of [here, lost, again, refused]) await page.context().close();
});

test('whoever changes their email signs in by the new one from then on', { tag: '@once' }, async ({ browser, viewport }) => {
  const options = { viewport, locale: 'en-GB' };
  const [page] = await person(browser, options);
  const calm = noComplaints(page);
  const [email, another] = [newEmail(), newEmail()];
  await signUp(page, '', email);
  await page.goto('/my/account');
  await page.getByRole('link', { name: 'Change email' }).click();
  await expect(page).toHaveURL('/my/account/email');
  await expect(page.getByText(`Your email now: ${email}`)).toBeVisible();
  const [password, change] = [page.getByLabel('Current password'), page.getByRole('button', { name: 'Change email' })];
  await page.getByLabel('New email').fill(another);
  await password.fill('비 오는 날엔 해달');
  await change.click();
  await expect(page.getByText('This is not your password.')).toBeVisible();
  await password.fill(PASSWORD);
  await change.click();
  await expect(page.getByText(`Your email now: ${another}`)).toBeVisible();
  await fits(page);
  const [elsewhere] = await person(browser, options);
  await elsewhere.goto('/sign-in');
  await signIn(elsewhere, email);
  await expect(elsewhere.getByRole('alert')).toHaveText('Email or password is not right.');
  await signIn(elsewhere, another);
  await expect(elsewhere).toHaveURL('/');
  calm();
});

test('somebody takes another nickname and a picture, and is kept from another’s name', { tag: '@once' }, async ({ browser, page, viewport }) => {
  const calm = noComplaints(page);
  const [other] = await person(browser, { viewport });
  await Promise.all([signUp(page), signUp(other)]);
  const name = `느긋한 Otter ${Date.now() % 1e6}`;
  await page.goto('/my');
  await page.getByRole('link', { name: '내 프로필' }).click();
  await page.getByLabel('새 닉네임').fill(name);
  await page.getByRole('button', { name: '닉네임 바꾸기' }).click();
  await expect(page.getByText(/부터 다시 바꿀 수 있어요/)).toBeVisible();
  await other.goto('/my/profile');
  await other.getByLabel('새 닉네임').fill(name.replace('Otter', 'Оttеr'));
  await other.getByRole('button', { name: '닉네임 바꾸기' }).click();
  await expect(other.getByText('이미 쓰이고 있어요.')).toBeVisible();
  await page.locator('#picture').setInputFiles({ name: 'me.png', mimeType: 'image/png', buffer: await page.screenshot() });
  await page.getByLabel('확대').fill('200');
  await expect(page.locator('.crop.square svg.part')).toBeVisible();
  await page.locator('button', { hasText: '사진 올리기' }).click();
  const picture = page.getByRole('img', { name: '프로필 사진' });
  await expect(picture).toBeVisible();
  // It came, and is a square.
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBeGreaterThan(100);
  expect(await picture.evaluate((image: HTMLImageElement) => image.naturalWidth / image.naturalHeight)).toBe(1);
  await page.locator('summary', { hasText: '사진 지우기' }).click();
  await page.getByRole('button', { name: '사진 지우기' }).click();
  await expect(page.getByText('아직 사진이 없어요.')).toBeVisible();
  await calm();
});

test('everybody else is signed out at once, and whoever did that stays', async ({ browser, viewport }) => {
  const options = { viewport, locale: 'en-GB' };
  const [here] = await person(browser, options);
  const calm = noComplaints(here);
  const email = newEmail();
  await signUp(here, '', email);
  const others = [];
  for (let i = 0; i < 2; i++) {
    const [other] = await person(browser, options);
    await other.goto('/sign-in?next=/my/orders');
    await signIn(other, email);
    await expect(other.getByText('No orders yet.')).toBeVisible();
    others.push(other);
  }
  await here.goto('/my');
  await here.getByRole('link', { name: 'Devices and password' }).click();
  await expect(here.locator('.signed-in li')).toHaveCount(3);
  await fits(here);
  await here.getByRole('button', { name: 'Sign out all others' }).click();
  await expect(here.getByRole('status').filter({ hasText: 'All other devices are signed out.' })).toBeVisible();
  await expect(here.locator('.signed-in li')).toHaveCount(1);
  await expect(here.locator('.signed-in')).toContainText('This device');
  await expect(here.getByRole('button', { name: 'Sign out all others' })).toHaveCount(0);
  for (const other of others) {
    await other.reload();
    await expect(other.getByRole('heading', { name: 'Please sign in first.' })).toBeVisible();
    await other.goto('/my');
    await expect(other.getByText('Sign in to see your account here.')).toBeVisible();
  }
  await here.goto('/my');
  await expect(here.getByRole('heading', { name: /^Hello, / })).toBeVisible();
  calm();
});

test('a nickname is masked on the board for everybody, and whole again', { tag: '@once' }, async ({ browser, page, viewport }) => {
  const [one] = await person(browser, { viewport, locale: 'en-GB' });
  const [visitor] = await person(browser, { viewport, locale: 'en-GB' });
  const calm = noComplaints(one);
  const name = await signUp(one);
  await beCreator(page);
  const address = await makeEvent(page, 3, 2);
  const mask = one.getByLabel('Show my nickname masked on boards');
  const save = one.locator('form', { has: mask }).getByRole('button', { name: 'Save' });
  await one.goto('/my');
  await mask.check();
  await save.click();
  await expect(one.getByText(/^It is shown as “[^”]*\*[^”]*” now\.$/)).toBeVisible();
  await expect(mask).toBeChecked();
  await expect.poll(async () => (await one.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status()).toBe(201);
  const shown = (text: string) => expect(async () => {
    await visitor.goto(`${address}/board`);
    await expect(visitor.locator('tbody tr')).toHaveCount(1, { timeout: 500 });
    await expect(visitor.locator('tbody tr')).toContainText(text, { timeout: 500 });
  }).toPass();
  await shown('*');
  await expect(visitor.locator('tbody')).not.toContainText(name);
  await one.goto('/my');
  await mask.uncheck();
  await save.click();
  await expect(one.getByText(`It is shown as “${name}” now.`)).toBeVisible();
  await shown(name);
  calm();
});

test('whoever accepted older terms is asked anew, reads them and accepts, and says whether they wish for news', { tag: '@once' }, async ({ browser, viewport }) => {
  const site = await Site.start();
  try {
    const [page] = await person(browser, { viewport, locale: 'en-GB', baseURL: site.url });
    const calm = noComplaints(page);
    await signUp(page);
    const strip = page.locator('.terms-strip');
    await page.goto('/deals');
    await expect(page.locator('h1').first()).toBeAttached();
    await expect(strip).toHaveCount(0);
    // Nothing is open that would miss the program while it starts again.
    await page.goto('about:blank');
    await site.ageTerms();
    await page.goto('/deals');
    await expect(strip).toContainText('The terms or the privacy policy have changed.');
    await fits(page);
    await strip.getByRole('link', { name: 'Have a look' }).click();
    await expect(page).toHaveURL('/my/account');
    await expect(page.getByText('Please read and accept them.')).toBeVisible();
    await page.locator('.consents').getByRole('link', { name: 'Terms of use' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Terms of use');
    await expect(page.getByText(/^Version \d+ · from \d{4}\/\d+\/\d+$/)).toBeVisible();
    await page.goto('/my/account');
    // Not by the press alone.
    const [box, accept] = [page.getByLabel(/^I accept the terms/), page.getByRole('button', { name: 'Accept', exact: true })];
    await accept.click();
    await expect(box).toBeFocused();
    await box.check();
    await accept.click();
    await expect(page.getByText('Thank you.')).toBeVisible();
    await expect(accept).toHaveCount(0);
    await expect(page.locator('.consents')).toContainText(/You accepted version [1-9]/);
    await page.goto('/deals');
    await expect(page.locator('h1').first()).toBeAttached();
    await expect(strip).toHaveCount(0);
    // News are another matter: off at first, and asked for with the hours in which none come.
    await page.goto('/my/account');
    const news = page.getByLabel('Send me news (optional)');
    await expect(news).not.toBeChecked();
    await news.check();
    await page.locator('form', { has: news }).getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Saved.')).toBeVisible();
    await expect(page.getByText(/^Decided .*Nothing is sent from 21 to 8 o'clock/)).toBeVisible();
    await page.reload();
    await expect(news).toBeChecked();
    calm();
  } finally {
    await site.stop();
  }
});

test('whoever has announced an event reads why they cannot leave yet, ends it, and leaves', { tag: '@once' }, async ({ browser, viewport }) => {
  const [page] = await person(browser, { viewport, locale: 'en-GB' });
  const calm = noComplaints(page);
  const email = newEmail();
  await beCreator(page, email);
  const address = await makeEvent(page, 3600);
  await page.goto('/my/leave');
  await expect(page.getByText('You cannot leave yet.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Erase my account' })).toHaveCount(0);
  await fits(page);
  await page.getByRole('link', { name: 'Events of yours are announced or open' }).click();
  await expect(page).toHaveURL('/creator');
  const cancelled = await page.request.post('/api/cancel-event', { form: { event: address.split('/').pop()!, reason: 'I am leaving' } });
  expect(cancelled.status()).toBe(200);
  await page.goto('/my/leave');
  await page.getByLabel('Current password').fill(PASSWORD);
  await page.getByLabel('I know that my account').check();
  await page.getByRole('button', { name: 'Erase my account' }).click();
  await expect(page).toHaveURL('/');
  await expect(page.getByText('Your account is erased.')).toBeVisible();
  // It reads as if there had never been one.
  await page.goto('/sign-in');
  await signIn(page, email);
  await expect(page.getByRole('alert')).toHaveText('Email or password is not right.');
  calm();
});

for (const scripts of [true, false]) {
  test(`whoever leaves reads before what becomes of everything, ${scripts ? 'with' : 'without'} scripts`, { tag: scripts ? ['@core', '@once'] : '@once' }, async ({ browser, viewport }) => {
    // One of the two in English.
    const locale = scripts ? 'ko-KR' : 'en-GB';
    const say = (ko: string, en: string) => (scripts ? ko : en);
    const context = await browser.newContext({ javaScriptEnabled: scripts, viewport, locale });
    const page = await context.newPage();
    const calm = noComplaints(page);
    const email = newEmail();
    const name = await signUp(page, '', email);
    await page.goto('/my');
    await page.getByRole('link', { name: say('계정과 내 정보', 'Account and my data') }).click();
    await expect(page).toHaveURL('/my/account');
    const file = page.waitForEvent('download');
    await page.getByRole('link', { name: say('파일로 받기', 'Download') }).click();
    expect((await file).suggestedFilename()).toMatch(/\.json$/);
    // All of it, as a program reads it.
    const data = readFileSync(await (await file).path(), 'utf8');
    expect(Object.keys(JSON.parse(data)).length).toBeGreaterThan(0);
    for (const theirs of [name, email]) expect(data).toContain(theirs);
    await page.getByRole('link', { name: say('떠나기 전에 확인하기', 'Before you leave') }).click();
    await expect(page.getByText(say('바로 지워요', 'Erased at once'), { exact: true })).toBeVisible();
    await page.screenshot({ path: `test-results/leaving-${viewport!.width}-${scripts}.png`, fullPage: true });
    // What the browser keeps of them for as long as they are signed in.
    const kept = () => page.evaluate(() => Object.keys(localStorage).filter((key) => /^(searched|signed-in|notices-)/.test(key)).sort());
    if (scripts) {
      await page.evaluate(() => localStorage.setItem('searched', '머그'));
      await expect.poll(async () => (await kept()).slice(-2)).toEqual(['searched', 'signed-in']);
    }
    await page.getByLabel(say('지금 비밀번호', 'Current password')).fill('비 오는 날엔 해달');
    await page.getByLabel(say('계정을 되살릴 수 없다는', 'I know that my account')).check();
    await page.getByRole('button', { name: say('계정 지우고 떠나기', 'Erase my account') }).click();
    await expect(page.getByText(say('지금 비밀번호가 맞지 않아요.', 'This is not your password.'))).toBeVisible();
    // Refused, nothing is forgotten.
    if (scripts) expect((await kept()).slice(-2)).toEqual(['searched', 'signed-in']);
    await page.getByLabel(say('지금 비밀번호', 'Current password')).fill(PASSWORD);
    await page.getByRole('button', { name: say('계정 지우고 떠나기', 'Erase my account') }).click();
    await expect(page).toHaveURL('/');
    await expect(page.getByText(say('계정을 지웠어요.', 'Your account is erased.'))).toBeVisible();
    if (scripts) expect(await kept()).toEqual([]);
    await page.goto('/my');
    await expect(page.getByText(say('로그인하면 여기에서', 'Sign in to see your account here'))).toBeVisible();
    calm();
    await context.close();
  });
}
