// Notices as they are written: on whichever page, in every tab, over one connection of the browser.
import { type Page, expect } from '@playwright/test';
import { beCreator, beSeller, makeDeal, makeEvent, noComplaints, person, press, signUp, test } from './people';

const badge = (page: Page) => page.locator('.tabbar [data-unread]');

test('a member is told live on another page, in every tab over one stream', { tag: ['@core', '@once'] }, async ({ browser, viewport }) => {
  const [host, hosting] = await person(browser, { viewport });
  const [page, context] = await person(browser, { viewport });
  const calm = noComplaints(page);
  let streams = 0;
  context.on('request', request => { if (request.url().includes('/notices/stream')) streams += 1; });
  await beCreator(host);
  const address = await makeEvent(host, 3, 1);
  await signUp(page);
  await page.goto('/deals');
  await expect(badge(page)).toBeHidden();
  const other = await context.newPage();
  await other.goto('/tickets');
  await expect.poll(async () => (await page.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status()).toBe(201);
  // Both tabs are told, with what it is and where it leads; for those who do not see the badge in words.
  for (const tab of [page, other]) {
    await expect(badge(tab)).toHaveText('1');
    await expect(tab.locator('.told a')).toContainText('당첨됐어요');
    await expect(tab.locator('.tabbar .bell')).toContainText('읽지 않은 알림 1개');
  }
  // More tabs than a browser has connections to a site: all of them load.
  const tabs = await Promise.all(Array.from({ length: 6 }, () => context.newPage()));
  for (const tab of tabs) {
    await tab.goto('/deals');
    await expect(badge(tab)).toHaveText('1');
  }
  expect(streams, 'one connection for all of them').toBe(1);
  for (const tab of tabs) await tab.close();
  // The list is there anew when something comes, without anybody asking for it.
  await page.goto('/notices');
  await expect(page.locator('.notices li.unread')).toHaveCount(1);
  const cancelled = await host.request.post('/api/cancel-event', { form: { event: address.split('/').pop() ?? '', reason: '재료가 떨어졌어요' } });
  expect(cancelled.status()).toBe(200);
  await expect(page.locator('.notices li.unread')).toHaveCount(2);
  await expect(page.locator('.told')).toBeHidden();
  await expect(badge(other)).toHaveText('2');
  // Opened by its form, it is read.
  await page.getByRole('button', { name: /당첨됐어요/ }).click();
  await expect(page).toHaveURL(/\/result$/);
  await expect(badge(other)).toHaveText('1');
  await page.goto('/notices');
  await page.getByRole('button', { name: '모두 읽음' }).click();
  await expect(badge(other)).toBeHidden();
  await expect(page.locator('.notices li.unread')).toHaveCount(0);
  calm();
  await hosting.close();
  await context.close();
});

test('whose turn it is in a line is told so on another page, and goes to checkout from there', { tag: ['@core', '@once'] }, async ({ browser, viewport }) => {
  const [host, hosting] = await person(browser, { viewport });
  const [first, leaving] = await person(browser, { viewport });
  const [second, context] = await person(browser, { viewport });
  // A browser that gives no lock to whoever asks: each tab is told by a connection of its own.
  await context.addInitScript(() => navigator.locks && Object.defineProperty(navigator.locks, 'request', {
    value: () => Promise.reject(new DOMException('none here', 'SecurityError')),
  }));
  const calm = noComplaints(second);
  await Promise.all([beSeller(host), signUp(first), signUp(second)]);
  const address = await makeDeal(host, 2, { stock: 1, limit: 1 });
  await press(first, address);
  await press(second, address);
  const stream = second.waitForResponse(response => response.url().includes('/notices/stream'));
  await second.goto('/tickets');
  await stream;
  await expect.poll(() => second.evaluate(() => Object.keys(localStorage).some(key => key.startsWith('notices-')))).toBe(true);
  // Nobody looks at it meanwhile, so that it has no connection.
  const look = (state: string) => second.evaluate(state => {
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => state });
    document.dispatchEvent(new Event('visibilitychange'));
  }, state);
  await look('hidden');
  await first.goto(`${address}/checkout`);
  await first.locator('summary', { hasText: '구매하지 않기' }).click();
  await first.getByRole('button', { name: '구매하지 않기' }).click();
  await expect(first.locator('.result')).toContainText('나갔어요.');
  await expect.poll(async () => (await second.request.get('/notices', { headers: { accept: 'application/json' } })).text()).toContain('your_turn');
  await expect(second.locator('.told a')).toBeHidden();
  // Looked at again, it says within a second what came; three, since others' browsers draw beside it and that is measured as well.
  await look('visible');
  await expect(second.locator('.told a')).toContainText('내 차례예요!', { timeout: 3000 });
  await second.locator('.told a').click();
  await expect(second).toHaveURL(new RegExp(`${address}/checkout`));
  await expect(second.getByText('내 차례예요', { exact: true })).toBeVisible();
  calm();
  for (const each of [hosting, leaving, context]) await each.close();
});

/** Has a page stand still, as one that its browser put to sleep: nothing of it runs until it is woken. */
async function sleep(page: Page): Promise<() => Promise<void>> {
  const debugging = await page.context().newCDPSession(page);
  await debugging.send('Debugger.enable');
  const paused = new Promise<void>(resolve => { debugging.once('Debugger.paused', () => resolve()); });
  const asleep = debugging.send('Runtime.evaluate', { expression: 'debugger' });
  await paused;
  return async () => {
    await debugging.send('Debugger.resume');
    await asleep;
    await debugging.detach();
  };
}

/** Looks at a tab again: how many milliseconds later it shows so many unread, as the tab itself measures it. */
async function lookAgain(tab: Page, unread: string): Promise<number> {
  return tab.evaluate(unread => new Promise<number>(resolve => {
    const badge = document.querySelector('.tabbar [data-unread]')!;
    const began = performance.now();
    new MutationObserver(() => {
      if (badge.textContent === unread) resolve(performance.now() - began);
    }).observe(badge, { childList: true });
    setTimeout(() => resolve(Infinity), 20_000);
    Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'visible' });
    document.dispatchEvent(new Event('visibilitychange'));
  }), unread);
}

test('a tab that is looked at again is up to date within a second while the one that has the stream sleeps', { tag: '@once' }, async ({ browser, viewport }) => {
  const [host, hosting] = await person(browser, { viewport });
  const [first, context] = await person(browser, { viewport });
  const calm = noComplaints(first);
  let streams = 0;
  context.on('request', request => { if (request.url().includes('/notices/stream')) streams += 1; });
  await beCreator(host);
  const address = await makeEvent(host, 3, 1);
  await signUp(first);
  await first.goto('/deals');
  await expect.poll(() => first.evaluate(() => Object.keys(localStorage).some(key => key.startsWith('notices-')))).toBe(true);
  const second = await context.newPage();
  await second.goto('/tickets');
  const causes = [
    () => expect.poll(async () => (await first.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status()).toBe(201),
    async () => {
      const cancelled = await host.request.post('/api/cancel-event', { form: { event: address.split('/').pop() ?? '', reason: '재료가 떨어졌어요' } });
      expect(cancelled.status()).toBe(200);
    },
  ];
  const took: number[] = [];
  for (const [before, cause] of causes.entries()) {
    // Each of them has the stream once: who had it before waits for it, as who never did.
    const [leads, looks] = before % 2 ? [second, first] : [first, second];
    await expect.poll(() => looks.evaluate(async () => (await navigator.locks.query()).pending?.length)).toBe(before + 1);
    expect(streams).toBe(before + 1);
    await looks.evaluate(() => {
      Object.defineProperty(document, 'visibilityState', { configurable: true, get: () => 'hidden' });
      document.dispatchEvent(new Event('visibilitychange'));
    });
    const wake = await sleep(leads);
    await cause();
    const unread = async () => (await (await first.request.get('/notices', { headers: { accept: 'application/json' } })).json()).unread;
    await expect.poll(unread).toBe(before + 1);
    took.push(await lookAgain(looks, `${before + 1}`));
    expect(streams, 'it took over').toBe(before + 2);
    // Woken, the other one lets go of what it had, and is told by this one.
    await wake();
    await expect(badge(leads)).toHaveText(`${before + 1}`);
  }
  // The quicker of both: others' browsers draw beside it.
  expect(Math.min(...took), `${took} ms`).toBeLessThan(1000);
  calm();
  for (const each of [hosting, context]) await each.close();
});

for (const scripts of [true, false]) {
  test(`what is told is chosen, ${scripts ? 'with' : 'without'} scripts`, async ({ browser, viewport }) => {
    const [page, context] = await person(browser, { javaScriptEnabled: scripts, viewport });
    await signUp(page);
    await page.goto('/notices');
    await page.getByRole('link', { name: '알림 설정' }).click();
    const half = page.getByLabel('찜한 이벤트가 열리기 12시간 전');
    const chat = page.getByLabel('내 모임의 대화');
    await expect(half).not.toBeChecked();
    // What is told of what one only wishes for is named as well.
    await expect(page.getByLabel('참여하거나 찜한 이벤트의 변경과 취소')).toBeChecked();
    await half.check();
    await chat.uncheck();
    await page.getByRole('button', { name: '저장하기' }).click();
    await expect(page.getByRole('status').filter({ hasText: '저장했어요.' })).toBeVisible();
    await page.reload();
    await expect(half).toBeChecked();
    await expect(chat).not.toBeChecked();
    // Nothing is wider than a phone.
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth).catch(() => true)).toBe(true);
    await context.close();
  });
}
