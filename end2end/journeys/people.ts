// What journeys do again and again.
import { type Browser, type BrowserContext, type Page, expect } from '@playwright/test';

/** Signs in with the demonstration's one click. */
export async function be(page: Page, who: 'shopper' | 'creator') {
  const response = await page.request.post('/demo/sign-in', { form: { as: who }, maxRedirects: 0 });
  expect(response.status()).toBe(303);
}

let count = 0;
let people = 0;

/** A new member, signed up by the form's own request; `at` another address of the site than the page's. */
export async function signUp(page: Page, at = ''): Promise<string> {
  const name = `여행자 ${Date.now() % 1e7}${count++}`;
  const response = await page.request.post(`${at}/sign-up`, {
    form: {
      email: `t${Date.now()}${count}-${Math.random()}@example.com`, password: '비 오는 날엔 수달', nickname: name, terms: 'yes', adult: 'yes',
    },
    maxRedirects: 0,
    // Everybody from an address of their own: one address may only make so many accounts.
    headers: { 'x-forwarded-for': `10.${count >> 8 & 255}.${count & 255}.${Math.floor(Math.random() * 255)}` },
  });
  expect(response.status()).toBe(303);
  return name;
}

/** A new creator: one may only make so many events. */
export async function beCreator(page: Page) {
  await signUp(page);
  const response = await page.request.post('/api/save-profile', { form: { name: `여행상점 ${Date.now() % 1e9}${count++}`, introduction: '', links: '' } });
  expect(response.status()).toBe(200);
}

/** The nodes of a cluster, when journeys run within scripts/cluster. */
export const nodes = process.env.CLUSTER_NODES?.split(' ') ?? [];

/** A person in a browser of their own; in a cluster the next one is on another node than the one before. */
export async function person(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<[Page, BrowserContext]> {
  const node = nodes.length ? { baseURL: nodes[++people % nodes.length] } : {};
  const context = await browser.newContext({ ...node, ...options });
  return [await context.newPage(), context];
}

/** A Korean date and time for a form, seconds from now. */
export function inSeconds(seconds: number): string {
  const time = new Date(Date.now() + seconds * 1000 + 9 * 3600_000).toISOString().slice(0, 19);
  // A field drops a full minute's seconds, and Playwright then calls the value malformed.
  return time.replace(/:00$/, ':01');
}

/** The signed-in creator makes an event that opens in so many seconds; its address. */
export async function makeEvent(page: Page, seconds: number, prizes = 2): Promise<string> {
  await page.goto('/creator/new');
  const request = await page.locator('input[name=request]').inputValue();
  const response = await page.request.post('/creator/new?do=create-event', {
    multipart: {
      request, title: '따끈한 겨울 머그', summary: '손으로 빚은 머그', category: 'living',
      prize_name: '겨울 머그', prize_kind: 'goods', prize_winners: String(prizes),
      opens_at: inSeconds(seconds), closes_at: inSeconds(seconds + 600), description: '**머그**', rules: '', entry_code: '', save: 'publish',
    },
    maxRedirects: 0,
  });
  expect(response.status()).toBe(303);
  return response.headers().location;
}

/** Writes where the prize goes, and agrees. */
export async function fillClaim(page: Page, phone = '01012345678') {
  await page.getByLabel('받는 분').fill('김수달');
  await page.getByLabel('휴대폰').fill(phone);
  await page.getByLabel('우편번호').fill('04524');
  await page.getByLabel('도로명 주소').fill('서울 중구 세종대로 110');
  await page.getByLabel(/상품 발송을 위해 전달/).check();
}

/** Waits until the page is taken over and its socket is open. */
export async function live(page: Page) {
  await expect(page.locator('.dial .error')).toContainText('오차 ±');
}

// Failed loads are asserted where they matter; on a busy machine code may be used seconds after it was preloaded.
const expected = ['Failed to load resource', 'was preloaded using link preload but not used within'];

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
