// What browsers, machines and networks do to a page that is open: translate it, sleep, forget it for a while, refuse its socket.
import { expect, type Locator, type Page, type WebSocketRoute } from '@playwright/test';
import { beCreator, live, makeEvent, noComplaints, person, signUp, test } from './people';

/** Puts elements in the place of every text, now and whenever there are new ones, as Chrome's translator does; some words become others. */
async function translate(page: Page) {
  await page.evaluate(() => {
    const wrap = (text: Text) => {
      if (!text.data.trim() || text.parentElement?.closest('font, script, style, noscript')) return;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      outer.append(inner);
      inner.append(`«${text.data}»`);
      text.replaceWith(outer);
    };
    const all = (node: Node) => {
      if (node instanceof Text) return wrap(node);
      const texts: Text[] = [];
      for (const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT); walker.nextNode(); ) texts.push(walker.currentNode as Text);
      texts.forEach(wrap);
    };
    const seen = (changes: MutationRecord[]) => changes.forEach(change => change.type === 'characterData' ? all(change.target) : change.addedNodes.forEach(all));
    new MutationObserver(seen).observe(document.body, { subtree: true, childList: true, characterData: true });
    all(document.body);
  });
}

/** Waits until what is shown is another. */
async function changes(shown: Locator) {
  const before = await shown.textContent();
  await expect(shown).not.toHaveText(before ?? '');
}

test('a page that is translated goes on: clock, button, count, board, chat, result', { tag: ['@core', '@once'] }, async ({ browser, page, viewport }) => {
  await beCreator(page);
  const [one] = await person(browser, { viewport });
  const [two] = await person(browser, { viewport });
  const calm = noComplaints(one);
  const name = await signUp(one);
  const other = await signUp(two);
  const address = await makeEvent(page, 30, 1);
  await one.goto(address);
  await live(one);
  await translate(one);
  await expect(one.locator('h1 font')).not.toHaveCount(0);
  for (const shown of ['.dial .big', '.dial .cap b', '.dock button']) await changes(one.locator(shown));
  // Somebody comes, talks and is counted.
  await two.goto(address);
  await live(two);
  await expect(one.locator('.facts dd').first()).toHaveText('«2»');
  await two.getByPlaceholder('다른 분들과 이야기해 보세요').fill('번역해서 보고 있어요?');
  await two.getByRole('button', { name: '보내기' }).click();
  await expect(one.locator('.chat li').last()).toContainText('번역해서 보고 있어요?');
  await expect(one.locator('.dial .big')).toHaveText(/^«\d»$/, { timeout: 40_000 });
  await expect(one.locator('.dock button')).toHaveText('«지금 참여하기»', { timeout: 20_000 });
  await expect(one.locator('[aria-live=assertive]')).toHaveText('«열렸어요. 지금 누르세요.»');
  await one.locator('.dock button').click();
  await expect(one.locator('.result .rank')).toContainText('1');
  await expect(one.locator('.result')).toContainText('당첨이에요!');
  await expect(one.locator('.board li')).toHaveCount(1);
  await expect(one.locator('.board h2')).toHaveText('«순위판 1»');
  await two.getByRole('button', { name: '지금 참여하기' }).click();
  await expect(one.locator('.board li')).toHaveCount(2);
  await expect(one.locator('.board')).toContainText(other);
  await expect(one.locator('.board .me')).toContainText(name);
  await expect(one.locator('.board .none')).toHaveCount(0);
  // Nothing that is no longer so stands beside what is.
  for (const shown of ['.dial .big', '.dock', '.facts dd >> nth=0', '.sound', '.board h2', '.eyebrow']) {
    const texts = (await one.locator(shown).textContent() ?? '').match(/«[^»]*»/g) ?? [];
    expect(new Set(texts).size, `${shown}: ${texts}`).toBe(texts.length);
  }
  await expect(one.locator('.eyebrow')).not.toContainText('시작');
  await one.locator('.sound').click();
  await expect(one.locator('.sound')).toHaveAttribute('aria-pressed', 'true');
  await expect(one.locator('.sound')).toHaveText('«소리»');
  calm();
});

test('a page that was translated before its code had loaded is taken over, and so is the home page', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const address = await makeEvent(page, 300, 1);
  const [one] = await person(browser, { viewport });
  const calm = noComplaints(one);
  await signUp(one);
  for (const at of [address, '/']) {
    let translated = () => {};
    const first = new Promise<void>(done => { translated = done; });
    await one.route(/\.wasm$/, async route => {
      await first;
      await route.continue();
    });
    await one.goto(at, { waitUntil: 'commit' });
    await one.locator('footer').waitFor();
    await translate(one);
    translated();
    const shown = one.locator(at === '/' ? '.next .count i' : '.dial .cap b');
    await changes(shown);
    await changes(shown);
    expect((await shown.textContent())?.match(/«/g)?.length).toBe(1);
    if (at === address) {
      await live(one);
      await expect(one.locator('.facts dd').first()).toHaveText('«1»');
    }
    await one.unroute(/\.wasm$/);
  }
  calm();
});

test('the small things that are said are said on a translated page', async ({ browser, viewport }) => {
  const [one] = await person(browser, { viewport });
  await beCreator(one);
  const address = await makeEvent(one, 3600, 1);
  await one.goto(address);
  await live(one);
  await translate(one);
  const [two] = await person(browser, { viewport });
  await signUp(two);
  await two.goto(address);
  await live(two);
  await two.getByPlaceholder('다른 분들과 이야기해 보세요').fill('싸게 팔아요');
  await two.getByRole('button', { name: '보내기' }).click();
  const line = one.locator('.chat li', { hasText: '싸게 팔아요' });
  await line.locator('summary').click();
  await line.locator('button').first().click();
  await expect(one.locator('.chat')).not.toContainText('싸게 팔아요');
  // The event is called off: a toast that comes and goes, and the whole page anew, here and where it is only watched.
  await translate(two);
  await one.locator('.danger summary').click();
  await one.locator('#reason').fill('머그가 깨졌어요');
  await one.locator('.danger form button').click();
  await expect(one.locator('.toast')).toHaveText('이벤트를 취소했어요.');
  for (const page of [one, two]) await expect(page.locator('.stage .banner')).toContainText('취소');
  await expect(two.locator('.dock .btn')).toHaveText('«취소된 이벤트예요»');
  await expect(one.locator('.toast')).toBeHidden({ timeout: 15_000 });
});

/** How many seconds the room's or the home page's countdown shows. */
async function left(shown: Locator): Promise<number> {
  const parts = (await shown.textContent() ?? '').replace(/[^\d:]/g, '').split(':').map(Number);
  return parts.reduce((sum, part) => sum * 60 + part, 0);
}

test('a page whose build no node has any more says so and loads itself anew, and later once more', { tag: ['@core', '@once'] }, async ({ browser, page, viewport }) => {
  await beCreator(page);
  const address = await makeEvent(page, 300, 1);
  const [one] = await person(browser, { viewport });
  await signUp(one);
  let loaded = 0;
  one.on('request', request => { if (request.isNavigationRequest()) loaded++; });
  // As nodes of another build answer.
  const another = { status: 404, headers: { 'cache-control': 'no-store' } };
  await one.route(/\/build\/[0-9a-f]+$/, route => route.fulfill(another));
  await one.route(/\/pkg\/fiftynine\.js$/, route => loaded > 2 ? route.continue() : route.fulfill(another));
  await one.goto(address, { waitUntil: 'commit' });
  // The second time it waits for some seconds, in which it is what it is without scripts.
  await expect.poll(() => loaded).toBe(2);
  await expect(one.locator('.outdated a')).toHaveText('새 버전이 나왔어요. 새로고침해 주세요.');
  await expect(one.locator('.dock form[method=post] button')).toBeVisible();
  await expect.poll(() => loaded, { timeout: 30_000 }).toBe(3);
  await live(one);
  await expect(one.locator('.outdated a')).toHaveCount(0);
  // Under whoever writes it is not loaded, the first time neither: by when it says so it would have begun.
  await one.locator('#say').fill('비가 오네요');
  await one.evaluate(() => {
    sessionStorage.clear();
    dispatchEvent(new Event('outdated'));
  });
  await expect(one.locator('.outdated a')).toHaveAttribute('href', address);
  expect(loaded).toBe(3);
});

test('a press that is under way when the page is told that it is outdated goes along, and counts once', { tag: ['@core', '@once'] }, async ({ browser, page, viewport }) => {
  await beCreator(page);
  const [one] = await person(browser, { viewport });
  await signUp(one);
  const address = await makeEvent(page, 6, 1);
  // What is sent on a socket that is held reaches no node.
  const sockets: WebSocketRoute[] = [];
  const held = new Set<WebSocketRoute>();
  await one.routeWebSocket(/\/live/, socket => {
    sockets.push(socket);
    const server = socket.connectToServer();
    socket.onMessage(message => { if (!held.has(socket)) server.send(message); });
  });
  await one.goto(address);
  await live(one);
  await expect(one.getByRole('button', { name: '지금 참여하기' })).toBeVisible({ timeout: 20_000 });
  const socket = sockets.at(-1)!;
  held.add(socket);
  const posted = one.waitForRequest(request => request.method() === 'POST' && request.url().endsWith(`${address}/enter`));
  await one.locator('.dock button').click();
  await expect(one.locator('.dock button')).toHaveAttribute('aria-busy', 'true');
  // As a node of another build answers whoever comes to it.
  socket.send(Buffer.from('"outdated"'));
  await socket.close({ code: 4426, reason: 'outdated' });
  await posted;
  await expect(one.locator('.result .rank')).toHaveText('1위');
  await expect(one.locator('.board li')).toHaveCount(1);
});

test('a machine that slept: the clock is right at once, and a dead socket is replaced', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const address = await makeEvent(page, 900, 3);
  const [one] = await person(browser, { viewport });
  await signUp(one);
  // Asleep, the wall clock goes on and the monotonic one stands still, as in Chrome; nothing arrives, and nothing is closed.
  await one.addInitScript(() => {
    const real = Date.now;
    Object.assign(window, { slept: 0 });
    Date.now = () => real.call(Date) + (window as unknown as { slept: number }).slept;
  });
  let dead = false;
  let sockets = 0;
  await one.routeWebSocket(/\/live/, socket => {
    const number = ++sockets;
    const server = socket.connectToServer();
    const through = () => !(dead && number === 1);
    socket.onMessage(message => { if (through()) server.send(message); });
    server.onMessage(message => { if (through()) socket.send(message); });
  });
  await one.goto('/');
  const home = one.locator('.next .count span');
  await changes(home);
  const before = await left(home);
  await one.evaluate(() => { Object.assign(window, { slept: 20_000 }); });
  await expect.poll(() => left(home), { message: 'the home page', timeout: 3000 }).toBeLessThanOrEqual(Math.max(0, before - 19));
  await one.goto(address);
  await live(one);
  dead = true;
  await one.evaluate(() => { Object.assign(window, { slept: 1_000_000 }); });
  const woke = Date.now();
  // By the wall clock it is open; the server says within two seconds or so that it is not, by another socket.
  await expect.poll(() => sockets, { timeout: 2500, intervals: [50] }).toBe(2);
  await expect(one.locator('.dial .error')).toContainText('오차 ±', { timeout: 2500 });
  await expect.poll(() => left(one.locator('.dial .big')), { intervals: [50], timeout: 2500 }).toBeGreaterThan(800);
  expect(Date.now() - woke).toBeLessThan(4000);
  await expect(one.locator('.dock .connection')).toHaveCount(0);
});

test('a page that was frozen for a while is right again at once', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const [one] = await person(browser, { viewport });
  await signUp(one);
  const address = await makeEvent(page, 12, 3);
  await one.goto(address);
  await live(one);
  const session = await one.context().newCDPSession(one);
  await one.evaluate(() => {
    let last = performance.now();
    Object.assign(window, { longest: 0 });
    setInterval(() => {
      const now = performance.now();
      Object.assign(window, { longest: Math.max((window as unknown as { longest: number }).longest, now - last) });
      last = now;
    }, 100);
  });
  // The browser freezes no page that is shown; a debugger stops everything in it just so.
  await session.send('Debugger.enable');
  await session.send('Debugger.pause');
  const [two] = await person(browser, { viewport });
  const name = await signUp(two);
  await expect.poll(async () => (await two.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status(), { timeout: 20_000 }).toBe(201);
  await two.waitForTimeout(3000);
  await session.send('Debugger.resume');
  await session.send('Debugger.disable');
  await expect(one.getByRole('button', { name: '지금 참여하기' })).toBeVisible({ timeout: 2000 });
  await expect(one.locator('.board')).toContainText(name, { timeout: 2000 });
  await expect(one.locator('.dial .error')).toContainText('오차 ±', { timeout: 2000 });
  await one.getByRole('button', { name: '지금 참여하기' }).click();
  await expect(one.locator('.result .rank')).toHaveText('2위');
  // It was frozen indeed.
  expect(await one.evaluate(() => (window as unknown as { longest: number }).longest)).toBeGreaterThan(2500);
});

test('behind a proxy that refuses sockets one sees, enters and talks', { tag: ['@core', '@once'] }, async ({ browser, page, viewport }) => {
  await beCreator(page);
  const [one] = await person(browser, { viewport });
  await signUp(one);
  const address = await makeEvent(page, 20, 1);
  // What a proxy answers that knows no upgrades: the socket is never open. (Only its own page's requests can be routed.)
  await one.addInitScript(() => {
    const Real = WebSocket;
    window.WebSocket = new Proxy(Real, { construct: (target, [url]) => new target(String(url).replace('/live', '/healthz')) }) as typeof WebSocket;
  });
  await one.goto(address);
  await expect(one.locator('.dock .connection')).toContainText('실시간 연결이 막혀 있어');
  await expect(one.locator('.dial .error')).toContainText('오차 ±');
  await changes(one.locator('.dial .big'));
  const [two] = await person(browser, { viewport });
  await signUp(two);
  await two.goto(address);
  await live(two);
  await two.getByPlaceholder('다른 분들과 이야기해 보세요').fill('거기도 보여요?');
  await two.getByRole('button', { name: '보내기' }).click();
  await expect(one.locator('.chat')).toContainText('거기도 보여요?', { timeout: 15_000 });
  await one.getByPlaceholder('다른 분들과 이야기해 보세요').fill('네, 보여요');
  await one.getByRole('button', { name: '보내기' }).click();
  await expect(two.locator('.chat')).toContainText('네, 보여요');
  await expect(one.getByRole('button', { name: '지금 참여하기' })).toBeVisible({ timeout: 30_000 });
  await two.getByRole('button', { name: '지금 참여하기' }).click();
  await expect(two.locator('.result .rank')).toHaveText('1위');
  await expect(one.locator('.board li')).toHaveCount(1, { timeout: 15_000 });
  await expect(one.locator('.facts dd').first()).toHaveText('1');
  await one.getByRole('button', { name: '지금 참여하기' }).click();
  await expect(one.locator('.result .rank')).toHaveText('2위');
  await expect(one.locator('.dock .connection')).toContainText('실시간 연결이 막혀 있어');
});

for (const [width, height] of [[640, 340], [360, 340]]) {
  test(`on a screen of ${width} by ${height} nothing covers what is typed into`, { tag: ['@core', '@once'] }, async ({ browser, page }) => {
    await beCreator(page);
    const address = await makeEvent(page, 3600, 1);
    const [one] = await person(browser, { viewport: { width, height } });
    await signUp(one);
    const free = (field: Locator) => field.evaluate(element => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      const [x, y] = [(left + right) / 2, (top + bottom) / 2];
      // Focus shows where one types, not all of a large field: of what is on the screen nothing may be covered.
      const points = [[left + 3, y], [right - 3, y], [x, top + 3], [x, bottom - 3], [x, y]];
      const seen = points.filter(([x, y]) => x >= 0 && y >= 0 && x < innerWidth && y < innerHeight);
      return seen.length > 0 && seen.every(([x, y]) => element.contains(document.elementFromPoint(x, y)));
    });
    await one.goto(address);
    await live(one);
    const say = one.locator('#say');
    await say.focus();
    await expect.poll(() => free(say), 'the chat').toBe(true);
    // And the button is there: seen at once where there is room beside the dial, else where it stands in the page.
    await one.evaluate(() => scrollTo(0, 0));
    const button = one.locator('.dock button');
    if (width > 500) await expect(button).toBeInViewport();
    else await button.focus();
    await expect.poll(() => free(button), 'the button').toBe(true);
    await one.goto('/creator/profile');
    for (const field of await one.locator('main input:not([type=hidden]), main textarea').all()) {
      await field.focus();
      await expect.poll(() => free(field), await field.getAttribute('name') ?? '').toBe(true);
    }
  });
}

test('with a keyboard nothing is scrolled to where the dock or the tabs hide it', async ({ browser, page }) => {
  await beCreator(page);
  const address = await makeEvent(page, 3600, 1);
  const [one] = await person(browser, { viewport: { width: 360, height: 640 } });
  await signUp(one);
  await one.goto(address);
  await live(one);
  for (let i = 0; i < 40; i++) {
    await one.keyboard.press('Tab');
    const covered = await one.evaluate(() => {
      const [focus, dock] = [document.activeElement!, document.querySelector('.dock')!];
      if (focus === document.body || dock.contains(focus) || focus.closest('.skip')) return null;
      const [a, b] = [focus.getBoundingClientRect(), dock.getBoundingClientRect()];
      return a.bottom > b.top + 24 && a.top < b.bottom ? focus.outerHTML.slice(0, 90) : null;
    });
    expect(covered).toBeNull();
  }
});
