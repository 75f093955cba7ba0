// A creator's day: a draft, a change, more winners, an event passed on and copied.
import { expect } from '@playwright/test';
import { beCreator, inSeconds, live, makeEvent, noComplaints, person, signUp, test } from './people';

test('a draft is written, looked at, published and changed while people wait', async ({ browser, page, viewport }) => {
  const calm = noComplaints(page);
  await beCreator(page);
  await page.goto('/creator/new');
  await page.getByLabel('제목').fill('찻잔 두 개 나눠요');
  await page.getByLabel('경품 이름').first().fill('찻잔');
  await page.getByLabel('당첨 인원').first().fill('2');
  await page.getByLabel('열리는 시각').fill(inSeconds(3600));
  await page.getByLabel('닫히는 시각').fill(inSeconds(7200));
  await page.getByRole('button', { name: '임시 저장' }).click();
  await expect(page).toHaveURL(/\/creator\/events\/.*\/edit/);
  await page.goto('/creator');
  await page.getByRole('link', { name: '임시 저장 1' }).click();
  await page.getByRole('link', { name: /찻잔 두 개 나눠요/ }).click();
  await expect(page.getByLabel('제목')).toHaveValue('찻잔 두 개 나눠요');
  await page.getByRole('button', { name: '이벤트 열기' }).click();
  await expect(page).toHaveURL(/\/events\/[^/]+$/);
  const address = new URL(page.url()).pathname;
  // Somebody waits; the creator changes what they wait for, and they are told.
  const [guest] = await person(browser, { viewport });
  await signUp(guest);
  await guest.goto(address);
  await live(guest);
  await expect(guest.locator('.facts dd').last()).toHaveText('2');
  await page.goto(address.replace('/events/', '/creator/events/') + '/edit');
  await page.getByLabel('제목').fill('찻잔 세 개 나눠요');
  await page.getByLabel('당첨 인원').first().fill('3');
  await page.getByRole('button', { name: '저장하기' }).click();
  await expect(page.getByRole('heading', { name: '찻잔 세 개 나눠요' })).toBeVisible();
  await expect(guest.getByText('이벤트 내용이 바뀌었어요.')).toBeVisible();
  await expect(guest.locator('.facts dd').last()).toHaveText('3');
  await guest.getByRole('link', { name: '새로 보기' }).click();
  await expect(guest.getByRole('heading', { name: '찻잔 세 개 나눠요' })).toBeVisible();
  await guest.getByRole('link', { name: '변경 내역 2' }).click();
  await expect(guest.getByText('찻잔 두 개 나눠요')).toBeVisible();
  // Passed on.
  await guest.goto(address);
  await guest.getByRole('link', { name: '공유하기' }).click();
  await expect(guest.getByRole('img', { name: /QR/ })).toHaveJSProperty('complete', true);
  expect(await guest.getByRole('img', { name: /QR/ }).evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(100);
  await expect(guest.getByLabel('공유할 주소')).toHaveValue(new RegExp(`${address}$`));
  // Everybody sees who runs it.
  await guest.goto(address);
  await guest.getByRole('link', { name: '여행상점' }).click();
  await expect(guest.getByRole('heading', { name: '여행상점' })).toBeVisible();
  await expect(guest.locator('.cards li')).toHaveCount(1);
  // And the creator makes another like it.
  await page.goto('/creator');
  await page.getByRole('link', { name: '복제' }).click();
  await expect(page.getByLabel('제목')).toHaveValue('찻잔 세 개 나눠요');
  await page.getByRole('button', { name: '이벤트 열기' }).click();
  await expect(page).toHaveURL(/\/events\/[^/]+$/);
  expect(new URL(page.url()).pathname).not.toBe(address);
  calm();
});

test('more may win while it is open, and the creator watches it go', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const address = await makeEvent(page, 4, 1);
  await page.goto(address.replace('/events/', '/creator/events/'));
  const count = page.locator('.entrants .facts dd');
  const people = [];
  for (let i = 0; i < 3; i++) {
    const [one] = await person(browser, { viewport });
    await signUp(one);
    await expect.poll(async () => (await one.request.post(`${address}/enter`, { headers: { accept: 'application/json' } })).status()).toBe(201);
    people.push(one);
  }
  // Without reloading.
  await expect(count.nth(1)).toHaveText('3');
  await people[2].goto(address);
  await live(people[2]).catch(() => {});
  await expect(people[2].locator('.result.lost')).toBeVisible();
  await expect(people[2].locator('.board .pulse')).toBeVisible();
  await page.getByRole('link', { name: '고치기' }).click();
  await expect(page.getByLabel('열리는 시각')).toHaveCount(0);
  const winners = page.getByLabel(/당첨 인원/);
  await winners.fill('0');
  await page.getByRole('button', { name: '저장하기' }).click();
  await expect(page.locator('.note.bad')).toContainText('사이로');
  await winners.fill('3');
  await page.getByRole('button', { name: '저장하기' }).click();
  await expect(page.locator('.facts dd').last()).toHaveText('3');
  // Who had lost wins while watching, and finds the page of their entry to pass on.
  await expect(people[2].locator('.result.won')).toBeVisible({ timeout: 15_000 });
  await people[2].goto(`${address}/result`);
  const shared = await people[2].getByLabel('공유할 주소').inputValue();
  const [anyone] = await person(browser, { viewport });
  await anyone.goto(shared);
  await expect(anyone.locator('.result .rank')).toHaveText('3위');
});
