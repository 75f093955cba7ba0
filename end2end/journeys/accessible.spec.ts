// Every page in its states and in both themes, by the rules of WCAG 2.2 AA that a program can check (axe-core), and what it cannot:
// the keyboard's way, forced colours, a page that is enlarged, one that does not move. What people hear is in access.spec.ts.
import { expect, type Page } from '@playwright/test';
import { PEOPLE, pagesOf, signIn, startsOf } from '../../scripts/pages.cjs';
import { PASSWORD, SANDBOX, be, beCreator, beSeller, fillAddress, live, makeDeal, makeEvent, newEmail, person, press, signUp, test } from './people';
import { Site } from './site';
import { Mails, TaxService, agree, payingAt, signingInAt, standIns } from './stand-ins';

/** By its source alone: what would load it for Playwright asks for a newer Node than the rest of this. */
const AXE = 'node_modules/axe-core/axe.min.js';
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

test.use({ contextOptions: { reducedMotion: 'reduce' } });
test.beforeEach(async ({ context }) => context.addInitScript({ path: AXE }));

/** What is against the rules, each with where. */
async function faults(page: Page, only?: string[]): Promise<string[]> {
  return page.evaluate(async ({ tags, only }) => {
    const run = only ? { runOnly: { type: 'rule', values: only } } : { runOnly: { type: 'tag', values: tags }, rules: { 'target-size': { enabled: false } } };
    const { violations } = await (window as any).axe.run(document, run);
    // Where something stands on a map is what the map says: it is as small as its place, and the list beside it leads there as well.
    const isOnMap = (target: string) => !!document.querySelector(target)?.closest('.map, .radar');
    return violations.flatMap(({ id, help, nodes }: any) => nodes
      .filter(({ target }: any) => id !== 'target-size' || !isOnMap(String(target)))
      .map(({ target, html }: any) => `${id} (${help}): ${target}: ${html.slice(0, 160)}`));
  }, { tags: TAGS, only: only ?? null });
}

/**
 * Ids that stand twice, and what is named by one that nothing has. What is in a template is apart from the page as long as it is in its
 * content, where a parser puts it; what scripts put beneath the template itself is a part of the page like anything else, and is found here.
 */
async function ids(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const start = (element: Element) => element.outerHTML.slice(0, 160);
    const first = new Map<string, Element>();
    for (const element of document.querySelectorAll('[id]')) {
      const other = first.get(element.id);
      if (!element.id) faults.push(`an id is empty: ${start(element)}`);
      else if (other) faults.push(`the id ${element.id} stands twice: ${start(other)} and ${start(element)}`);
      else first.set(element.id, element);
    }
    const lists = ['labelledby', 'describedby', 'controls', 'owns', 'details', 'errormessage', 'activedescendant', 'flowto'].map(name => `aria-${name}`);
    for (const name of ['for', 'list', 'headers', 'popovertarget', ...lists]) {
      for (const element of document.querySelectorAll(`[${name}]`)) {
        for (const id of element.getAttribute(name)!.split(/\s+/).filter(Boolean)) {
          const named = first.get(id);
          if (!named) faults.push(`${name} names ${id}, which nothing is: ${start(element)}`);
          else if (name === 'for' && element.matches('label') && (element as HTMLLabelElement).control !== named) faults.push(`a label is of nothing that can be filled in: ${start(element)}`);
        }
      }
    }
    for (const link of document.querySelectorAll('a[href^="#"]')) {
      const id = decodeURIComponent(link.getAttribute('href')!.slice(1));
      if (id && !first.has(id)) faults.push(`a link leads to ${id}, which nothing is: ${start(link)}`);
    }
    return faults;
  });
}

/** Checks the page that is open, with everything in it that opens, in the light and in the dark. */
async function check(page: Page): Promise<string[]> {
  const named = await ids(page);
  // Before a menu is open that covers others.
  const targets = await faults(page, ['target-size']);
  await page.evaluate(() => document.querySelectorAll('details').forEach(details => { details.open = true; }));
  await page.emulateMedia({ colorScheme: 'light' });
  const light = await faults(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await faults(page, ['color-contrast', 'link-in-text-block']);
  const where = new URL(page.url());
  // Whether all pages are among them is seen when all journeys here are over (every-page.ts).
  test.info().annotations.push({ type: 'checked', description: where.pathname });
  return [...named, ...targets, ...light, ...dark.map(fault => `in the dark: ${fault}`)].map(fault => `${where.pathname}${where.search} ${fault}`);
}

/** The same of every page of a list. */
async function checkAll(page: Page, paths: string[]): Promise<string[]> {
  const all: string[] = [];
  for (const path of paths) {
    await page.goto(path, { waitUntil: 'load' });
    all.push(...await check(page));
    // Enlarged four times on a desktop, a page is as narrow as this, and nothing of it is lost (1.4.10).
    const viewport = page.viewportSize()!;
    await page.setViewportSize({ width: 320, height: viewport.height });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (wide > 0) all.push(`${path} is wider than 320 px by ${wide}`);
    await page.setViewportSize(viewport);
  }
  return all;
}

for (const who of PEOPLE as string[]) {
  test(`every page that ${who} finds can be used by everybody`, async ({ page, context, baseURL }) => {
    test.setTimeout(900_000);
    await page.goto(baseURL!);
    await signIn(context, who);
    const paths = await pagesOf(context, { starts: startsOf(who), each: 2 });
    expect(paths.length).toBeGreaterThan(8);
    expect(await checkAll(page, paths)).toEqual([]);
  });
}

test('every page of an admin can be used by everybody', async ({ browser, viewport }) => {
  test.setTimeout(600_000);
  // Where something waits for them, so that no list is empty.
  const site = await Site.start('--demo', '--demo-admin');
  try {
    const context = await browser.newContext({ baseURL: site.url, viewport, reducedMotion: 'reduce' });
    await context.addInitScript({ path: AXE });
    const page = await context.newPage();
    await signIn(context, 'admin');
    const paths: string[] = await pagesOf(context, { starts: startsOf('admin'), each: 2, within: /^\/admin/ });
    expect(paths.filter(path => path.startsWith('/admin')).length).toBeGreaterThan(15);
    expect(await checkAll(page, paths)).toEqual([]);
    await context.close();
  } finally {
    await site.stop();
  }
});

test('what everybody passes through can be used by everybody', { tag: ['@core', '@once'] }, async ({ page }) => {
  await be(page, 'shopper');
  await page.goto('/');
  const room = await page.locator('.next h2 a').getAttribute('href');
  expect(await checkAll(page, ['/', room!, '/deals', '/my', '/notices', '/search?q=%EB%A8%B8%EA%B7%B8', '/offline', '/nowhere'])).toEqual([]);
});

test('forms say at each field what is wrong, and the focus is there', async ({ page }) => {
  // Refused by a page of its own, as without scripts.
  await page.goto('/sign-up');
  await page.getByLabel('이메일').fill(newEmail());
  await page.getByLabel('비밀번호').fill('1234567890');
  await page.getByLabel(/이용약관/).check();
  await page.getByLabel(/14세/).check();
  await page.getByRole('button', { name: '회원가입' }).click();
  const password = page.getByLabel('비밀번호');
  await expect(password).toHaveAttribute('aria-invalid', 'true');
  await expect(password).toHaveAccessibleDescription(/너무 널리 알려진/);
  await expect(password).toBeFocused();
  expect(await check(page)).toEqual([]);
  // And in place.
  await beCreator(page);
  await page.goto('/creator/profile');
  await page.getByLabel('이름', { exact: true }).fill(' ');
  await page.getByRole('button', { name: '저장하기' }).click();
  await expect(page.getByLabel('이름', { exact: true })).toBeFocused();
  await expect(page.getByLabel('이름', { exact: true })).toHaveAccessibleDescription(/.+/);
  expect(await check(page)).toEqual([]);
});

test('states of a room can be used by everybody: before, open, with a result, called off', async ({ page, browser, viewport }) => {
  test.setTimeout(180_000);
  await beCreator(page);
  const address = await makeEvent(page, 20, 2);
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
  await context.addInitScript({ path: AXE });
  const one = await context.newPage();
  await be(one, 'shopper');
  await one.goto(address);
  await live(one);
  expect(await check(one)).toEqual([]);
  await expect(one.getByRole('button', { name: '지금 참여하기' })).toBeVisible({ timeout: 60_000 });
  expect(await check(one)).toEqual([]);
  await one.getByRole('button', { name: '지금 참여하기' }).click();
  await expect(one.locator('.result')).toBeVisible();
  expect(await check(one)).toEqual([]);
  await one.goto(`${address}/result`);
  expect(await check(one)).toEqual([]);
  const cancelled = await page.request.post('/api/cancel-event', { form: { event: address.split('/').pop()!, reason: '재료가 떨어졌어요' } });
  expect(cancelled.status()).toBe(200);
  await one.goto(address);
  await expect(one.getByText('취소된 이벤트예요').first()).toBeVisible();
  expect(await check(one)).toEqual([]);
  await context.close();
});

test('every step of buying can be used by everybody: the line, checkout, the sandbox, an order', async ({ page, browser, viewport }) => {
  test.setTimeout(180_000);
  const [host] = await person(browser);
  await beSeller(host);
  const address = await makeDeal(host, 3, { stock: 1, limit: 1 });
  await signUp(page);
  await press(page, address);
  const context = await browser.newContext({ viewport, reducedMotion: 'reduce' });
  await context.addInitScript({ path: AXE });
  const second = await context.newPage();
  await signUp(second);
  await press(second, address);
  await second.goto(`${address}/checkout`);
  await expect(second.locator('.line .rank')).toBeVisible();
  expect(await check(second)).toEqual([]);
  await page.goto(`${address}/checkout`);
  expect(await check(page)).toEqual([]);
  await fillAddress(page);
  await page.getByRole('button', { name: /원 결제하기$/ }).click();
  await expect(page).toHaveURL(SANDBOX);
  expect(await check(page)).toEqual([]);
  await page.getByRole('button', { name: '결제 승인하기' }).click();
  await expect(page.getByRole('link', { name: '주문 보기' })).toBeVisible();
  expect(await check(page)).toEqual([]);
  await page.getByRole('link', { name: '주문 보기' }).click();
  await expect(page).toHaveURL(/\/orders\/D[\d-]+$/);
  expect(await check(page)).toEqual([]);
  await page.goto(`${new URL(page.url()).pathname}/receipt`);
  expect(await check(page)).toEqual([]);
  await context.close();
});

test('a party can be used by everybody in each of its states', async ({ page, context, baseURL }) => {
  test.setTimeout(300_000);
  await page.goto(baseURL!);
  await signIn(context, 'neighbour');
  const paths = new Set<string>();
  for (const list of ['/my/parties', '/parties']) {
    await page.goto(list);
    const links = await page.locator('a[href^="/parties/"]').evaluateAll(all => all.map(link => link.getAttribute('href')!.split('#')[0]));
    for (const link of links) if (/^\/parties\/[0-9A-Z]{26}$/.test(link)) paths.add(link);
  }
  expect(paths.size).toBeGreaterThan(3);
  expect(await checkAll(page, [...paths])).toEqual([]);
});

test('pages that only a link of one’s own leads to can be used by everybody', async ({ browser, viewport }) => {
  const site = await Site.start();
  try {
    const context = await browser.newContext({ baseURL: site.url, viewport, reducedMotion: 'reduce' });
    await context.addInitScript({ path: AXE });
    const page = await context.newPage();
    const email = newEmail();
    await signUp(page, '', email);
    const [password, admin] = [site.passwordLink(email), site.adminLink()];
    // The last ones are of links that lead nowhere.
    expect(await checkAll(page, [password, admin, '/forgot', '/forgot/new?token=x', '/mail/stop/x', '/admin/join?token=x'])).toEqual([]);
    await context.close();
  } finally {
    await site.stop();
  }
});

test('what services beside the site bring with them can be used by everybody: Kakao, mail, KakaoPay and PortOne', async ({ browser, viewport }) => {
  test.setTimeout(600_000);
  const [beside, program] = await standIns();
  const [taxes, mails] = await Promise.all([TaxService.start(), Mails.start()]);
  const site = await Site.start(
    '--public-url', '{url}', '--tax-service-url', taxes.url, '--tax-service-key', taxes.key, ...payingAt(beside), ...signingInAt(beside),
    '--smtp-url', mails.url, '--mail-from', '59초 <notices@test.example>',
  );
  try {
    const newcomer = async () => {
      const context = await browser.newContext({ baseURL: site.url, viewport, reducedMotion: 'reduce' });
      await context.addInitScript({ path: AXE });
      return context.newPage();
    };
    /** Checks what no address leads to again, and keeps a picture of it. */
    const look = async (page: Page, name: string) => {
      await page.screenshot({ path: `test-results/beside-${name}-${viewport!.width}.png`, fullPage: true });
      expect(await check(page)).toEqual([]);
    };
    const ask = async (page: Page, name: string, form: Record<string, string>) => {
      const asked = await page.request.post(`/api/${name}`, { form });
      expect(asked.status(), name).toBe(200);
    };

    // What is mailed, and where that leads.
    const [page, email, another] = [await newcomer(), newEmail(), newEmail()];
    await signUp(page, '', email);
    expect(await checkAll(page, ['/forgot', '/my/account', '/my/account/email', '/notices/delivery'])).toEqual([]);
    await ask(page, 'set-mail-notices', { on: 'yes', lang: 'ko' });
    await page.goto(await mails.link(email, '/mail/confirm/'));
    await look(page, 'mail-confirm');
    await page.goto('/notices/delivery');
    await look(page, 'mail-asked');
    await ask(page, 'ask-password-link', { email, lang: 'ko' });
    await page.goto(await mails.link(email, '/forgot/new'));
    await look(page, 'new-password');
    await ask(page, 'change-email', { email: another, password: PASSWORD, lang: 'ko' });
    await page.goto(await mails.link(another, '/my/account/email'));
    await look(page, 'new-email');

    // Kakao: somebody new whose email a member has, who has no password then; and a member who connects it.
    const stranger = await newcomer();
    expect(await checkAll(stranger, ['/sign-in', '/sign-up', '/sign-in?kakao=refused'])).toEqual([]);
    await stranger.goto('/sign-in?next=/my');
    await stranger.getByRole('link', { name: '카카오로 시작하기' }).click();
    await agree(stranger, 'stranger', email);
    await expect(stranger).toHaveURL(/\/sign-in\/kakao\/join$/);
    expect(await checkAll(stranger, ['/sign-in/kakao/join', '/sign-in/kakao/new'])).toEqual([]);
    const signedUp = await stranger.request.post('/sign-in/kakao/new', {
      form: { nickname: `해달 ${Date.now() % 1e7}`, terms: 'yes', adult: 'yes' }, maxRedirects: 0,
    });
    expect(signedUp.status()).toBe(303);
    expect(await checkAll(stranger, ['/my/account', '/my/account/email', '/my/devices', '/my/leave', '/my/leave?kakao=earlier'])).toEqual([]);
    await stranger.goto('/my/leave');
    await stranger.getByRole('link', { name: '카카오로 확인하기' }).click();
    await agree(stranger, 'stranger', email);
    await expect(stranger.getByText('카카오에서 확인했어요.')).toBeVisible();
    await look(stranger, 'leaving');
    await page.goto('/my/account');
    await page.getByRole('link', { name: '연결하기' }).click();
    await agree(page, 'member');
    await expect(page.getByLabel('지금 비밀번호')).toBeVisible();
    await look(page, 'kakao-to-confirm');

    // Paying: the ways, on the way to one, given up there, and a window that does not open.
    const [host, buyer] = [await newcomer(), await newcomer()];
    await beSeller(host);
    const address = await makeDeal(host, 2);
    await signUp(buyer);
    await press(buyer, address, 2);
    await buyer.goto(`${address}/checkout`);
    await fillAddress(buyer);
    await look(buyer, 'ways');
    const pay = async (way: string) => {
      await buyer.getByLabel(way).check();
      await buyer.getByRole('button', { name: /원 결제하기$/ }).click();
    };
    // It leads on at once: to what says nothing, a browser stays where it is.
    await buyer.route(`${beside.kakaopay.url}/**`, route => route.fulfill({ status: 204 }));
    await pay('카카오페이');
    await expect(buyer.getByRole('heading', { name: '결제 화면으로 넘어가요' })).toBeVisible();
    await look(buyer, 'on-the-way');
    await buyer.unroute(`${beside.kakaopay.url}/**`);
    await buyer.getByRole('link', { name: '결제하러 가기' }).click();
    await buyer.getByRole('button', { name: '그만두기' }).click();
    await expect(buyer.getByRole('alert')).toHaveText('결제를 그만두었어요.');
    await look(buyer, 'given-up');
    const closed = 'window.PortOne = { requestPayment: () => Promise.reject(new Error("closed")) };';
    await buyer.route('**/v2/browser-sdk.js', route => route.fulfill({ contentType: 'text/javascript', body: closed }));
    await pay('카드·다른 결제');
    await expect(buyer.getByText('결제창을 열지 못했어요.')).toBeVisible();
    await look(buyer, 'window-failed');
  } finally {
    await site.stop();
    taxes.stop();
    mails.stop();
    program.stdin!.end();
  }
});

test('whoever goes by the keyboard sees where they are, all the way down', async ({ page }) => {
  await be(page, 'shopper');
  for (const path of ['/', '/deals', '/parties']) {
    await page.goto(path);
    await page.keyboard.press('Tab');
    await expect(page.locator('.skip')).toBeFocused();
    const seen = new Set<string>();
    for (let i = 0; i < 60; i++) {
      await page.keyboard.press('Tab');
      const at = await page.evaluate(() => {
        const element = document.activeElement;
        if (!element || element === document.body) return null;
        const box = element.getBoundingClientRect();
        const style = getComputedStyle(element);
        // Somewhere on it, nothing else lies above (2.4.11).
        const points = [[.5, .5], [.1, .5], [.9, .5], [.5, .1], [.5, .9]].map(([x, y]) => document.elementFromPoint(box.x + box.width * x, box.y + box.height * y));
        const shown = points.some(hit => !!hit && (element.contains(hit) || hit.contains(element)));
        const label = element.matches('input') && element.closest('label');
        return { what: `${element.tagName} ${element.textContent?.trim().slice(0, 30)} ${Math.round(box.x)} ${Math.round(box.y + scrollY)}`, shown, outlined: style.outlineStyle !== 'none' || !!label };
      });
      // Past the last one the browser itself has it.
      if (!at || seen.has(at.what)) break;
      seen.add(at.what);
      expect(at.shown, `${path}: ${at.what} is hidden`).toBe(true);
      expect(at.outlined, `${path}: ${at.what} is not marked`).toBe(true);
    }
    expect(seen.size).toBeGreaterThan(10);
  }
});

test('what opens is opened and closed by the keyboard, and keeps the focus', async ({ page }) => {
  await page.goto('/deals');
  const menu = page.locator('details.menu summary');
  await menu.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('details.menu')).toHaveAttribute('open', '');
  await page.keyboard.press('Tab');
  await expect(page.locator('details.menu nav a').first()).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(menu).toBeFocused();
  await page.keyboard.press('Space');
  await expect(page.locator('details.menu')).not.toHaveAttribute('open', '');
  await expect(menu).toBeFocused();
});

test('with colours that the system forces it is seen what is a button and what is chosen', async ({ page }) => {
  await page.emulateMedia({ forcedColors: 'active' });
  await be(page, 'creator');
  await page.goto('/creator');
  const style = (selector: string, name: string) => page.locator(selector).first().evaluate((element, name) => getComputedStyle(element).getPropertyValue(name), name);
  expect(await style('.btn', 'border-top-style')).toBe('solid');
  expect(await style('.tab', 'border-top-style')).toBe('solid');
  expect(await style('.tab[aria-current]', 'background-color')).not.toBe(await style('.tab:not([aria-current])', 'background-color'));
  expect(await style('.toggle [aria-pressed=true]', 'background-color')).not.toBe(await style('.toggle [aria-pressed=false]', 'background-color'));
});

test('enlarged to 200 % nothing is lost, and the button is there', async ({ page, viewport }) => {
  await be(page, 'shopper');
  await page.goto('/');
  const room = await page.locator('.next h2 a').getAttribute('href');
  // What a browser does when it enlarges: the page has half as many pixels of its own each way.
  await page.setViewportSize({ width: Math.max(320, Math.round(viewport!.width / 2)), height: Math.round(viewport!.height / 2) });
  for (const path of ['/', room!, '/deals', '/my', '/creator/new', '/parties', '/search']) {
    await page.goto(path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, path).toBeLessThanOrEqual(0);
  }
  await page.goto(room!);
  const button = page.locator('.dock :is(button, a.btn)').first();
  await button.scrollIntoViewIfNeeded();
  await expect(button).toBeInViewport();
});

test('nothing moves for whoever asked for that', async ({ page }) => {
  await be(page, 'shopper');
  await page.goto('/');
  const room = await page.locator('.next h2 a').getAttribute('href');
  for (const path of ['/', room!, '/deals']) {
    await page.goto(path);
    await page.waitForTimeout(500);
    expect(await page.evaluate(() => document.getAnimations().filter(animation => animation.playState === 'running').length), path).toBe(0);
  }
});
