// Whoever looks after the site, on a phone and in English: how they come to it, and what they do to others. Suspensions and events that are
// called off are in members.spec.ts, reports in moderation.spec.ts, appeals and markets in neighbours.spec.ts.
import { type Page, expect } from '@playwright/test';
import { beAdmin, beSeller, buy, enterAs, fits, makeDeal, newEmail, noComplaints, person, signIn, signUp, test } from './people';
import { Site } from './site';

/** Waits until the site knows that somebody is an admin now, or is none. */
async function knows(page: Page, status: number) {
  await expect.poll(async () => (await page.request.get('/admin')).status()).toBe(status);
}

/** Looks a member up by their nickname, and opens what is known of them. */
async function find(admin: Page, name: string) {
  await admin.goto('/admin/members');
  const search = admin.getByRole('search');
  await search.getByRole('searchbox').fill(name);
  await search.getByRole('button').click();
  await admin.locator('tbody').getByRole('link', { name, exact: true }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toHaveText(name);
}

/** The form with a button of that name. */
const formOf = (page: Page, button: string) => page.locator('form').filter({ has: page.getByRole('button', { name: button, exact: true }) });

test('a link makes an admin of the first who opens it signed in, and of nobody after', { tag: '@once' }, async ({ browser, viewport }) => {
  const site = await Site.start();
  try {
    const options = { viewport, locale: 'en-GB', baseURL: site.url };
    const [page] = await person(browser, options);
    const [late] = await person(browser, options);
    const calm = noComplaints(page);
    const email = newEmail();
    const name = await signUp(page, '', email);
    await page.context().clearCookies();
    await signUp(late);
    const link = site.adminLink();
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Please sign in first.' })).toBeVisible();
    await page.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await signIn(page, email);
    // Back where it led, which says whom it makes an admin.
    const become = page.getByRole('button', { name: 'Become an admin' });
    await expect(become).toBeVisible();
    await expect(page.getByRole('main')).toContainText(name);
    await become.click();
    await expect(page).toHaveURL('/admin');
    await expect(page.getByText('You are an admin now.')).toBeVisible();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Overview');
    await fits(page);
    await late.goto(link);
    await expect(late.getByText('This link was used or is too old. Ask for a new one.')).toBeVisible();
    await expect(late.getByRole('button', { name: 'Become an admin' })).toHaveCount(0);
    await late.goto('/admin');
    await expect(late.getByText('This is not allowed.')).toBeVisible();
    // The log has who, and how.
    await page.goto('/admin/audit');
    await expect(page.locator('tbody tr', { hasText: 'Made an admin' })).toContainText(name);
    calm();
  } finally {
    await site.stop();
  }
});

test('an admin warns a member, shares the role with them, and gives it up, but never as the last one', { tag: '@once' }, async ({ browser, viewport }) => {
  const site = await Site.start();
  try {
    const options = { viewport, locale: 'en-GB', baseURL: site.url };
    const [admin] = await person(browser, options);
    const [member] = await person(browser, options);
    const own = await beAdmin(admin, site);
    const email = newEmail();
    const name = await signUp(member, '', email);
    await knows(admin, 200);
    await find(admin, own);
    await expect(admin.getByText('This is the last admin. Make somebody else one first.')).toBeVisible();
    await expect(admin.getByRole('button', { name: 'No longer an admin' })).toHaveCount(0);
    await find(admin, name);
    await expect(admin.getByText('That you looked at this is in the audit log.')).toBeVisible();
    await fits(admin);
    const warn = formOf(admin, 'Warn');
    await warn.getByLabel('Reason').fill('Advertising in a room');
    await warn.getByRole('button').click();
    await expect(admin.getByRole('status').filter({ hasText: 'The warning was sent.' })).toBeVisible();
    await expect(async () => {
      await member.goto('/notices');
      await expect(member.getByText('Advertising in a room')).toBeVisible({ timeout: 1000 });
    }).toPass();
    const make = formOf(admin, 'Make an admin');
    await make.getByLabel('Reason').fill('Looks after markets');
    await make.getByRole('button').click();
    await expect(admin.getByText('Admins are neither suspended nor let in again')).toBeVisible();
    // By a session that nobody had before.
    await knows(member, 401);
    await enterAs(member, email);
    await member.goto('/admin');
    await expect(member.getByRole('heading', { level: 1 })).toHaveText('Overview');
    // There is another one now: whoever was the last may go.
    await find(admin, own);
    const give = formOf(admin, 'No longer an admin');
    await give.getByLabel('Reason').fill('On holiday');
    await give.getByRole('button').click();
    await expect(admin).toHaveURL('/');
    await admin.goto('/admin');
    await expect(admin.getByText('This is not allowed.')).toBeVisible();
    await find(member, own);
    await expect(member.locator('tbody tr', { hasText: 'On holiday' })).toBeVisible();
  } finally {
    await site.stop();
  }
});

test('an admin finds an order by its number and gives it back, and its buyer reads why', { tag: '@once' }, async ({ browser, viewport }) => {
  const site = await Site.start('--payments', 'sandbox');
  try {
    const options = { viewport, baseURL: site.url };
    const [seller] = await person(browser, options);
    const [buyer] = await person(browser, options);
    const [admin] = await person(browser, { ...options, locale: 'en-GB' });
    const calm = noComplaints(admin);
    await beSeller(seller);
    const address = await makeDeal(seller, 2);
    await signUp(buyer);
    await buy(buyer, address, 2);
    const number = new URL(buyer.url()).pathname.split('/').pop()!;
    await beAdmin(admin, site);
    await knows(admin, 200);
    await admin.goto('/admin/orders');
    await expect(admin.getByText('No refund waits.')).toBeVisible();
    const search = admin.getByRole('search');
    await search.getByRole('searchbox').fill('otter');
    await search.getByRole('button').click();
    await expect(admin.getByRole('alert')).toHaveText('Write the whole number: it begins with D.');
    // As somebody reads it out on the phone.
    await search.getByRole('searchbox').fill(` ${number.toLowerCase()} `);
    await search.getByRole('button').click();
    await admin.getByRole('link', { name: number }).click();
    await expect(admin.locator('.state .chip')).toHaveText('Paid');
    await expect(admin.locator('.sum')).toContainText('₩30,000');
    await expect(admin.locator('.sum')).toContainText('세종대로 110');
    await fits(admin);
    const back = formOf(admin, 'Give everything back');
    await back.getByRole('button').click();
    await expect(back.getByLabel('Reason')).toBeFocused();
    await back.getByLabel('Reason').fill('두 번 결제됐어요');
    await back.getByRole('button').click();
    await expect(admin.getByRole('status').filter({ hasText: 'The refund has begun.' })).toBeVisible();
    await expect(admin.locator('.state .chip')).toHaveText('Refunded');
    await expect(back).toHaveCount(0);
    await expect(admin.locator('.history')).toContainText('두 번 결제됐어요');
    // Who did it is not the seller.
    await buyer.reload();
    await expect(buyer.locator('.order .chip').first()).toHaveText('환불');
    await expect(buyer.locator('.history')).toContainText('운영진이 환불: 두 번 결제됐어요');
    await expect(async () => {
      await buyer.goto('/notices');
      await expect(buyer.locator('.notices li', { hasText: '두 번 결제됐어요' })).toContainText('30,000원을 돌려 드려요', { timeout: 1000 });
    }).toPass();
    await admin.goto('/admin/audit');
    await expect(admin.locator('tbody tr', { hasText: 'Gave an order back' })).toContainText(number);
    await expect(admin.locator('tbody tr', { hasText: 'Looked at an order' })).toContainText(number);
    await fits(admin);
    calm();
  } finally {
    await site.stop();
  }
});

test('an admin calls a party off, and whoever looks at it reads why', { tag: '@once' }, async ({ browser, viewport }) => {
  const site = await Site.start('--demo');
  try {
    const options = { viewport, locale: 'en-GB', baseURL: site.url };
    const [admin] = await person(browser, options);
    const [visitor] = await person(browser, options);
    await beAdmin(admin, site);
    await knows(admin, 200);
    await admin.goto('/admin/parties');
    await admin.getByRole('link', { name: 'Not over' }).click();
    // The one that meets last, tomorrow: what has begun is not called off.
    const row = admin.locator('tbody tr', { has: admin.locator('summary', { hasText: 'Call a party off' }) }).last();
    const address = (await row.getByRole('link').first().getAttribute('href'))!;
    await fits(admin);
    const tools = admin.locator('tbody tr', { has: admin.locator(`a[href="${address}"]`) });
    await tools.locator('summary').click();
    await tools.getByLabel('Reason').fill('The market is closed that day');
    await tools.getByRole('button', { name: 'Call a party off' }).click();
    await expect(admin.getByRole('status').filter({ hasText: 'The party is called off.' })).toBeVisible();
    await admin.getByRole('link', { name: 'Called off', exact: true }).click();
    await expect(tools).toContainText('The market is closed that day');
    await expect(tools.locator('summary')).toHaveCount(0);
    await visitor.goto(address);
    await expect(visitor.getByText('The market is closed that day')).toBeVisible();
    await expect(visitor.getByRole('button', { name: /^(Join|Ask to join)$/ })).toHaveCount(0);
  } finally {
    await site.stop();
  }
});
