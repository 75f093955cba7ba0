// The address book: kept on its page, chosen from where something is bought.
import { expect, type Page } from '@playwright/test';
import { beSeller, fillAddress, fits, makeDeal, noComplaints, pay, person, press, signUp, test } from './people';

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
    const card = page.locator('.known-addresses');
    await expect(card.getByText('왕십리로 59 3층')).toBeVisible();
    await expect(card.getByText('회사')).toBeHidden();
    await expect(page.getByLabel('도로명 주소')).toBeHidden();
    await card.getByText('바꾸기').click();
    await expect(page.getByRole('radio', { name: /왕십리로 59/ })).toBeChecked();
    await page.getByRole('radio', { name: '다른 곳으로 받을게요' }).check();
    await expect(page.getByLabel('도로명 주소')).toBeVisible();
    await page.getByRole('radio', { name: /회사/ }).check();
    await expect(page.getByLabel('도로명 주소')).toBeHidden();
    // What was chosen is the card then.
    await card.getByText('바꾸기').click();
    await expect(card.getByText('왕십리로 59 3층')).toBeHidden();
    await expect(card.getByText('회사')).toBeVisible();
    const removeDefault = async (book: Page) => {
      await book.goto('/my/addresses');
      const first = book.locator('.addresses li').first();
      await first.locator('summary').click();
      await first.getByRole('button', { name: '지우기', exact: true }).click();
      await expect(book.locator('.addresses li')).toHaveCount(1);
      await expect(book.locator('.addresses li')).toContainText('회사');
    };
    if (scripts) {
      // The one that is chosen is deleted in another tab: the others are there to choose from.
      await card.getByText('바꾸기').click();
      await page.getByRole('radio', { name: /왕십리로 59/ }).check();
      await card.getByText('바꾸기').click();
      await expect(card.getByText('회사')).toBeHidden();
      const tab = await context.newPage();
      await removeDefault(tab);
      await tab.close();
      await page.getByRole('button', { name: /원 결제하기$/ }).click();
      await expect(card.getByText('이 주소는 지워졌어요.')).toBeVisible();
      await page.getByRole('radio', { name: /회사/ }).check();
    }
    await pay(page);
    if (!scripts) {
      await removeDefault(page);
      // It goes where it was to go, whatever the book says since.
      await page.goto('/my/orders');
      await page.locator('.orders li a').click();
      await expect(page.locator('.order .sum')).toContainText('세종대로 110');
    }
    await calm();
    await context.close();
  });
}

test('a road address is found while one types, kept, made the default, changed and deleted', { tag: '@once' }, async ({ browser, viewport }) => {
  const [page] = await person(browser, { viewport, locale: 'en-GB' });
  const calm = noComplaints(page);
  await signUp(page);
  await page.goto('/my/addresses');
  await expect(page.getByText('No address yet.')).toBeVisible();
  const find = page.getByRole('combobox', { name: 'Find an address' });
  await expect(async () => {
    // Until the page's code is there.
    await find.fill('');
    await find.pressSequentially('서울시청');
    await expect(page.getByRole('option', { name: /세종대로 110/ })).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await find.press('ArrowDown');
  await find.press('Enter');
  await expect(page.getByLabel('Postcode')).toHaveValue('04524');
  await expect(page.getByLabel('Road address')).toHaveValue(/세종대로 110$/);
  // One goes on where the rest is to be typed.
  await expect(page.getByLabel('Flat, floor')).toBeFocused();
  const rows = page.locator('.addresses li');
  const save = page.getByRole('button', { name: 'Save', exact: true });
  const write = async (name: string, phone: string) => {
    await page.getByLabel('Receiver').fill(name);
    await page.getByLabel('Mobile phone').fill(phone);
  };
  await write('김수달', '010 1234 5678');
  await page.getByLabel('Flat, floor').fill('3F');
  await page.getByLabel('Note', { exact: true }).fill('work');
  await save.click();
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('Default');
  await expect(rows.first()).toContainText('010-1234-5678');
  await write('이해달', '01098765432');
  await page.getByLabel('Postcode').fill('04779');
  await page.getByLabel('Road address').fill('서울 성동구 왕십리로 59');
  await page.getByLabel('Flat, floor').fill('101');
  await save.click();
  await expect(rows).toHaveCount(2);
  await expect(rows.first()).toContainText('김수달');
  await fits(page);
  await page.getByRole('button', { name: /^Make 이해달/ }).click();
  await expect(rows.first()).toContainText('이해달');
  await expect(rows.first()).toContainText('Default');
  await page.getByRole('link', { name: /^Change 이해달/ }).click();
  await expect(page.getByLabel('Road address')).toHaveValue('서울 성동구 왕십리로 59');
  await page.getByLabel('Flat, floor').fill('202');
  await save.click();
  await expect(page).toHaveURL('/my/addresses');
  await expect(rows.first()).toContainText('왕십리로 59 202');
  await expect(rows).toHaveCount(2);
  // It asks first.
  const gone = rows.filter({ hasText: '김수달' });
  await expect(gone.getByRole('button', { name: 'Delete', exact: true })).toBeHidden();
  await gone.locator('summary').click();
  await gone.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('이해달');
  calm();
});
