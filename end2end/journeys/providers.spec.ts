// Paying through KakaoPay and PortOne: the site as it is, and in their places servers that check what they receive.
import { devices, expect, type Page } from '@playwright/test';
import { beSeller, fillAddress, makeDeal, noComplaints, person, press, signUp, test as base } from './people';
import { Site } from './site';
import { TaxService, payingAt, standIns } from './stand-ins';

const test = base.extend<{ site: Site }>({
  site: async ({}, use) => {
    const [beside, program] = await standIns();
    // Nobody sells for money whose business nobody checked.
    const taxes = await TaxService.start();
    const site = await Site.start(
      '--public-url', '{url}', '--tax-service-url', taxes.url, '--tax-service-key', taxes.key,
      ...payingAt(beside),
    );
    await use(site);
    await site.stop();
    taxes.stop();
    program.stdin!.end();
  },
});

/** Somebody who has two of a deal in checkout. */
async function inCheckout(page: Page, address: string) {
  await signUp(page);
  await press(page, address, 2);
  await page.goto(`${address}/checkout`);
  await fillAddress(page);
}

/** What leads on by itself, or by a press where a browser does not. */
async function isAt(page: Page, name: string) {
  await expect(page.getByRole('heading', { name })).toBeVisible();
  await expect(page.locator('.amount')).toHaveText('30000');
}

for (const [way, name] of [['카카오페이', '카카오페이'], ['카드·다른 결제', '포트원']]) {
  test(`a deal is paid by ${name}, not at first and then`, { tag: ['@core', '@once'] }, async ({ browser, viewport, site }) => {
    const options = { viewport, baseURL: site.url };
    // A phone says that it is one, by its hint and by its name: KakaoPay has an address for it, which opens its app.
    const onPhone = viewport!.width < 600;
    const phone = onPhone ? { isMobile: true, userAgent: devices['Pixel 7'].userAgent } : {};
    const [host] = await person(browser, options);
    const [page] = await person(browser, { ...options, ...phone });
    await beSeller(host);
    const address = await makeDeal(host, 2);
    await inCheckout(page, address);
    const calm = noComplaints(page);
    await page.getByLabel(way).check();
    await page.getByRole('button', { name: /원 결제하기$/ }).click();
    await isAt(page, name);
    await page.getByRole('button', { name: '그만두기' }).click();
    await expect(page.getByRole('alert')).toHaveText('결제를 그만두었어요.');
    // It is offered first from now on.
    await expect(page.getByLabel(way)).toBeChecked();
    await page.getByRole('button', { name: /원 결제하기$/ }).click();
    await isAt(page, name);
    if (name === '카카오페이') await expect(page).toHaveURL(onPhone ? /\/mobile\/T\d+$/ : /\/pc\/T\d+$/);
    await page.getByRole('button', { name: '승인', exact: true }).click();
    await expect(page).toHaveURL(`${site.url}${address}/checkout`);
    await expect(page.getByText('구매했어요!')).toBeVisible();
    await page.getByRole('link', { name: '주문 보기' }).click();
    await expect(page.locator('.order .chip')).toHaveText('결제 완료');
    calm();
  });
}

test('without scripts KakaoPay is paid by, and PortOne says that it needs them', async ({ browser, viewport, site }) => {
  const options = { viewport, baseURL: site.url };
  const [host] = await person(browser, options);
  const [page] = await person(browser, { ...options, javaScriptEnabled: false });
  await beSeller(host);
  const address = await makeDeal(host, 2);
  await inCheckout(page, address);
  await page.getByLabel('카드·다른 결제').check();
  await page.getByRole('button', { name: /원 결제하기$/ }).click();
  await expect(page.getByText('이 결제창은 스크립트가 있어야 열려요.')).toBeVisible();
  await page.getByRole('link', { name: '돌아가기' }).click();
  await page.getByRole('link', { name: '받는 곳 바꾸기' }).click();
  await page.getByLabel('카카오페이').check();
  await page.getByRole('button', { name: /원 결제하기$/ }).click();
  await isAt(page, '카카오페이');
  await page.getByRole('button', { name: '승인', exact: true }).click();
  await expect(page.getByText('구매했어요!')).toBeVisible();
});
