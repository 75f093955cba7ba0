// The address book: kept on its page, chosen from where something is bought.
import { expect, test } from '@playwright/test';
import { beSeller, fillAddress, makeDeal, noComplaints, pay, person, press, signUp } from './people';

for (const scripts of [true, false]) {
  test(`somebody keeps two addresses and buys with one of them, ${scripts ? 'with' : 'without'} scripts`, { tag: scripts ? ['@core', '@once'] : '@once' }, async ({ browser, viewport }) => {
    const [page, context] = await person(browser, { javaScriptEnabled: scripts, viewport });
    const [host] = await person(browser);
    const calm = noComplaints(page);
    await Promise.all([signUp(page), beSeller(host)]);
    await page.goto('/my');
    await page.getByRole('link', { name: '주소록' }).click();
    await expect(page.getByText('아직 저장한 주소가 없어요.')).toBeVisible();
    await fillAddress(page, '02-123');
    await page.getByRole('button', { name: '저장하기' }).click();
    await expect(page.locator('[aria-invalid=true]')).toHaveCount(1);
    await expect(page.getByLabel('도로명 주소')).toHaveValue('서울 중구 세종대로 110');
    await fillAddress(page);
    await page.getByLabel('메모').fill('회사');
    await page.getByRole('button', { name: '저장하기' }).click();
    await expect(page.getByText('1/20')).toBeVisible();
    await fillAddress(page);
    await page.getByLabel('도로명 주소').fill('서울 성동구 왕십리로 59');
    await page.getByLabel('상세 주소').fill('3층');
    await page.getByLabel('기본 주소로').check();
    await page.getByRole('button', { name: '저장하기' }).click();
    await expect(page.locator('.addresses li').first()).toContainText('왕십리로 59 3층');
    // Bought with the other one: the default is chosen already.
    const address = await makeDeal(host, 2);
    await press(page, address);
    await page.goto(`${address}/checkout`);
    await expect(page.getByRole('radio', { name: /왕십리로 59/ })).toBeChecked();
    await expect(page.getByLabel('도로명 주소')).toBeHidden();
    await page.getByRole('radio', { name: '다른 곳으로 받을게요' }).check();
    await expect(page.getByLabel('도로명 주소')).toBeVisible();
    await page.getByRole('radio', { name: /회사/ }).check();
    await pay(page);
    await page.goto('/my/addresses');
    const first = page.locator('.addresses li').first();
    await first.locator('summary').click();
    await first.getByRole('button', { name: '지우기', exact: true }).click();
    await expect(page.locator('.addresses li')).toHaveCount(1);
    await calm();
    await context.close();
  });
}
