// What journeys do again and again.
import { type Browser, type BrowserContext, type Locator, type Page, expect, test as base } from '@playwright/test';
import { type Site } from './site';

/** Whoever asks: a page, or its browser, where no page is needed. */
type Asking = Pick<Page, 'request'>;

/** A journey, after which everybody goes home: pages left open would count down on, on the processors of the journeys that follow. */
export const test = base.extend<{ goingHome: void }>({
  goingHome: [async ({ browser }, use, journey) => {
    await use();
    // Of one that failed there is something to look at, and its browser ends.
    if (journey.status !== journey.expectedStatus) return;
    await Promise.all(browser.contexts().map(async context => {
      // Its pages first: of those that are open a picture is taken.
      await Promise.all(context.pages().map(page => page.close()));
      await context.close();
    }));
  }, { auto: true }],
  page: async ({ page }, use, journey) => {
    await use(page);
    if (journey.status === journey.expectedStatus) await page.close();
  },
});

/** Signs in with the demonstration's one click. */
export async function be(page: Page, who: 'shopper' | 'creator') {
  const response = await page.request.post('/demo/sign-in', { form: { as: who }, maxRedirects: 0 });
  expect(response.status()).toBe(303);
}

let count = 0;
let people = 0;

/** The password of everybody who signs up. */
export const PASSWORD = '비 오는 날엔 수달';

/** An email that nobody signed up with. */
export function newEmail(): string {
  return `t${Date.now()}${count++}-${Math.random()}@example.com`;
}

/** A new member, signed up by the form's own request; `at` another address of the site than the page's. */
export async function signUp(page: Asking, at = '', email = newEmail()): Promise<string> {
  const name = `여행자 ${Date.now() % 1e7}${count++}`;
  const response = await page.request.post(`${at}/sign-up`, {
    form: { email, password: PASSWORD, nickname: name, terms: 'yes', adult: 'yes' },
    maxRedirects: 0,
    // Everybody from an address of their own: one address may only make so many accounts.
    headers: { 'x-forwarded-for': `10.${count >> 8 & 255}.${count & 255}.${Math.floor(Math.random() * 255)}` },
  });
  expect(response.status()).toBe(303);
  return name;
}

/** Somebody who signed up with an email signs in, without the form. */
export async function enterAs(page: Page, email: string) {
  const response = await page.request.post('/sign-in', { form: { email, password: PASSWORD }, maxRedirects: 0 });
  expect(response.status()).toBe(303);
}

/** Somebody whom whoever runs the site makes an admin, who signs in anew then; their name. */
export async function beAdmin(page: Page, site: Site): Promise<string> {
  const email = newEmail();
  const name = await signUp(page, '', email);
  site.makeAdmin(email);
  await enterAs(page, email);
  return name;
}

/** A new creator: one may only make so many events. */
export async function beCreator(page: Page, email = newEmail()) {
  await signUp(page, '', email);
  const response = await page.request.post('/api/save-profile', { form: { name: `여행상점 ${Date.now() % 1e9}${count++}`, introduction: '', links: '' } });
  expect(response.status()).toBe(200);
}

/** Fills in the details of a business of this number. */
export async function fillBusiness(page: Page, number: string) {
  await page.getByLabel('사업자등록번호').fill(number);
  await page.getByLabel('대표자').fill('김수달');
  await page.getByLabel('개업일').fill('2020-03-02');
  await page.getByLabel('상호').fill('여행상점');
  await page.getByLabel('주소').fill('서울 성동구 성수이로 59');
  await page.getByLabel('통신판매업 신고번호').fill('2020-서울성동-0059');
  await page.getByLabel('문의 이메일').fill('shop@example.com');
  await page.getByLabel('문의 전화').fill('02-123-4567');
}

/** A business number with the check digit that it needs. */
export function businessNumber(): string {
  const nine = String(100_000_000 + Math.floor(Math.random() * 799_999_999));
  const sum = [1, 3, 7, 1, 3, 7, 1, 3, 5].reduce((sum, weight, i) => sum + weight * Number(nine[i]), 0) + Math.floor((Number(nine[8]) * 5) / 10);
  return nine + ((10 - (sum % 10)) % 10);
}

/** A new creator whose business was checked: nobody else sells what costs something. */
export async function beSeller(page: Page) {
  await beCreator(page);
  const form = {
    number: businessNumber(), company: '여행상점', representative: '김수달', opened: '2020-03-02', address: '서울 성동구 성수이로 59',
    mail_order: '2020-서울성동-0059', email: 'shop@example.com', phone: '02-123-4567',
  };
  const response = await page.request.post('/api/save-business', { form });
  expect(response.status(), await response.text()).toBe(200);
}

/** The nodes of a cluster, when journeys run within scripts/cluster. */
export const nodes = process.env.CLUSTER_NODES?.split(' ') ?? [];

/** A person in a browser of their own; in a cluster the next one is on another node than the one before. */
export async function person(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<[Page, BrowserContext]> {
  const node = nodes.length ? { baseURL: nodes[++people % nodes.length] } : {};
  const context = await browser.newContext({ ...node, ...options });
  return [await context.newPage(), context];
}

/** What people write in a row neither paints over what stands beside it nor turns its order. */
export async function staysInItsRow(row: Locator, words: Locator) {
  await expect(row).toHaveCSS('overflow', 'clip');
  await expect(words).toHaveCSS('unicode-bidi', 'isolate');
}

/** A Korean date and time for a form, seconds from now. */
export function inSeconds(seconds: number): string {
  const time = new Date(Date.now() + seconds * 1000 + 9 * 3600_000).toISOString().slice(0, 19);
  // A field drops a full minute's seconds, and Playwright then calls the value malformed.
  return time.replace(/:00$/, ':01');
}

/** An id that a form sends with what it makes, as ids are written. */
export function newRequest(): string {
  return `01${Array.from({ length: 24 }, () => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Math.floor(Math.random() * 32)]).join('')}`;
}

/** The signed-in creator publishes what opens in so many seconds, by the fields of the form; its address. */
async function publish(page: Page, seconds: number, fields: Record<string, string>): Promise<string> {
  const request = newRequest();
  // Where the machine stalls its opening is over before it is read: then once more, with more time.
  for (let late = 0; ; late += 5) {
    const response = await page.request.post('/creator/new?do=create-event', {
      multipart: {
        request, summary: '', description: '', rules: '', entry_code: '', save: 'publish',
        opens_at: inSeconds(seconds + late), closes_at: inSeconds(seconds + late + 600), ...fields,
      },
      maxRedirects: 0,
    });
    if (response.status() === 422 && late < 10) continue;
    expect(response.status()).toBe(303);
    return response.headers().location;
  }
}

/** The signed-in creator makes an event that opens in so many seconds; its address. */
export async function makeEvent(page: Page, seconds: number, prizes = 2): Promise<string> {
  return publish(page, seconds, {
    title: '따끈한 겨울 머그', summary: '손으로 빚은 머그', category: 'living', description: '**머그**',
    prize_name: '겨울 머그', prize_kind: 'goods', prize_winners: String(prizes),
  });
}

/** A deal at 15,000 won; how long there is to pay in minutes, ten when nothing is said. */
export async function makeDeal(page: Page, seconds: number, { title = '손뜨개 컵받침', stock = 10, limit = 3, minutes = '' } = {}): Promise<string> {
  return publish(page, seconds, {
    title, kind: 'deal', category: 'living', list_price: '20000', discount: '25', stock: String(stock), limit: String(limit),
    delivery: '이틀 안에 보내요.', minutes, at_once: '',
  });
}

/** A ticket for what begins in so many days. */
export async function makeTicket(page: Page, seconds: number, days: number, price: number): Promise<string> {
  return publish(page, seconds, {
    title: '작은 서점 재즈의 밤', kind: 'ticket', category: 'culture', place: '소극장', address: '서울 성동구 연무장길 47', coordinates: '',
    starts_at: inSeconds(days * 24 * 3600), seats: '10', price: String(price), limit: '4', minutes: '', at_once: '',
  });
}

/** Presses the button of a sale once it is open, for so many units. */
export async function press(page: Page, address: string, quantity = 1) {
  const pressed = () => page.request.post(`${address}/enter`, { form: { quantity }, headers: { accept: 'application/json' } });
  await expect.poll(async () => (await pressed()).status()).toBe(201);
}

/** Writes where something goes. */
export async function fillAddress(page: Page, phone = '01012345678') {
  await page.getByLabel('받는 분').fill('김수달');
  await page.getByLabel('휴대폰', { exact: true }).fill(phone);
  await page.getByLabel('우편번호').fill('04524');
  await page.getByLabel('도로명 주소').fill('서울 중구 세종대로 110');
}

/** Writes where the prize goes, and agrees. */
export async function fillClaim(page: Page, phone?: string) {
  await fillAddress(page, phone);
  await page.getByLabel(/상품 발송을 위해 전달/).check();
}

/** Where the sandbox asks for the approval of what was begun to be paid for. */
export const SANDBOX = /\/sandbox\/pay\//;

/** In checkout: pays at the sandbox, and comes back. */
export async function pay(page: Page) {
  await page.getByRole('button', { name: /원 결제하기$/ }).click();
  await expect(page).toHaveURL(SANDBOX);
  await page.getByRole('button', { name: '결제 승인하기' }).click();
  await expect(page).toHaveURL(/\/checkout$/);
}

/** Presses, pays for so many units and comes to the order's page. */
export async function buy(page: Page, address: string, quantity: number) {
  await press(page, address, quantity);
  await page.goto(`${address}/checkout`);
  await fillAddress(page);
  await pay(page);
  await page.getByRole('link', { name: '주문 보기' }).click();
  await expect(page).toHaveURL(/\/orders\/D[\d-]+$/);
}

/** Waits until the page is taken over and its socket is open. */
export async function live(page: Page) {
  await expect(page.locator('.dial .error')).toContainText('±');
}

/** Nothing of the page that is open is wider than the screen. */
export async function fits(page: Page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide, `${page.url()} is too wide`).toBeLessThanOrEqual(0);
}

/** Signs in by the form, on a page in either language; where that leads is for the caller to look at. */
export async function signIn(page: Page, email: string, password = PASSWORD) {
  await page.getByLabel(/^(이메일|Email)$/).fill(email);
  await page.getByLabel(/^(비밀번호|Password)$/).fill(password);
  await page.getByRole('button', { name: /^(로그인|Sign in)$/ }).click();
}

/** Presses Tab until the focus is on what is looked for, and is seen there. */
export async function tabTo(page: Page, role: 'button' | 'checkbox' | 'combobox' | 'link' | 'textbox', name: string | RegExp) {
  const wanted = page.getByRole(role, { name }).first();
  for (let i = 0; i < 60; i++) {
    await page.keyboard.press('Tab');
    if (await wanted.evaluate(element => element === document.activeElement).catch(() => false)) {
      // Whoever looks sees where they are.
      expect(await wanted.evaluate(element => getComputedStyle(element).outlineStyle)).not.toBe('none');
      return;
    }
  }
  throw new Error(`${name} cannot be reached by the keyboard`);
}

// Failed loads are asserted where they matter; on a busy machine code may be used seconds after it was preloaded.
const expected = ['Failed to load resource', 'was preloaded using link preload but not used within', 'Service Worker registration blocked by Playwright'];

/** Fails the journey when the browser complains, but for what is expected. */
export function noComplaints(page: Page, alsoExpected: string[] = []) {
  const complaints: string[] = [];
  page.on('console', message => {
    const harmless = [...expected, ...alsoExpected].some(text => message.text().includes(text));
    if (['error', 'warning'].includes(message.type()) && !harmless) complaints.push(message.text());
  });
  page.on('pageerror', error => complaints.push(String(error)));
  return () => expect(complaints).toEqual([]);
}
