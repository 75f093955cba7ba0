// Neighbours: a party from the first word to the receipt, marks and what is said against them, and where one looks from.
import { expect, type Browser, type Page } from '@playwright/test';
import { beAdmin, fits, inSeconds, newEmail, newRequest, noComplaints, person, signUp, staysInItsRow, test as base } from './people';
import { Site } from './site';

const test = base.extend<{ site: Site }>({
  // A site of its own with markets, whose members become admins.
  site: async ({}, use) => {
    const site = await Site.start('--demo');
    await use(site);
    await site.stop();
  },
});

/** Near the markets of Seongsu. */
const HOME = { latitude: 37.5446, longitude: 127.0559 };

/** A new member who may make parties and join them, and lives there; their name. */
async function beNeighbour(page: Page, email = newEmail()): Promise<string> {
  const name = await signUp(page, '', email);
  await confirmPhone(page);
  await change(page, 'set-home', { latitude: String(HOME.latitude), longitude: String(HOME.longitude) });
  return name;
}

let phones = 0;

/** A mobile number that nobody else has. */
function newPhone(): string {
  return `010${String(Date.now() % 1e6).padStart(6, '0')}${String(phones++ % 100).padStart(2, '0')}`;
}

/** A phone of their own; what was sent to it is shown, since nothing is sent on a demonstration. */
async function confirmPhone(page: Page) {
  const number = newPhone();
  const asked = await page.request.post('/api/ask-phone-code', { form: { phone: number }, headers: { 'x-forwarded-for': `10.9.${phones >> 8}.${phones & 255}` } });
  expect(asked.status(), await asked.text()).toBe(200);
  const [phone] = await read(page, '/my/phone');
  await change(page, 'confirm-phone', { code: phone.asked.shown });
}

async function neighbour(browser: Browser, options: Parameters<typeof person>[1] = {}): Promise<[Page, string]> {
  const [page] = await person(browser, options);
  return [page, await beNeighbour(page)];
}

/** Sends the form of a change, which is taken; where it leads. */
async function change(page: Page, name: string, form: Record<string, string>): Promise<string | undefined> {
  const response = await page.request.post(`/api/${name}`, { form });
  expect(response.status(), `${name}: ${await response.text()}`).toBe(200);
  return (await response.json()).to;
}

/** What a page reads, as a program is given it. */
async function read(page: Page, address: string) {
  const response = await page.request.get(address, { headers: { accept: 'application/json' } });
  expect(response.status(), address).toBe(200);
  return response.json();
}

/** Somebody makes a party that meets in so many seconds, by the form's own request; its address. */
async function makeParty(page: Page, seconds: number, { wanted = '2' } = {}): Promise<string> {
  const [item] = await read(page, '/items?find=%EC%98%AC%EB%A6%AC%EB%B8%8C%EC%9C%A0');
  const { choices } = await read(page, `/parties?lat=${HOME.latitude}&lng=${HOME.longitude}`);
  const to = await change(page, 'make-party', {
    request: newRequest(), item: item.id, market: choices.markets[0].id, quantity: '4', unit: '통', total: '35600', wanted, own: '1', least: '2',
    from: inSeconds(seconds), to: inSeconds(seconds + 3600), automatic: 'yes', note: '',
  });
  return to!;
}

const idOf = (address: string) => address.split('/').pop()!.split('?')[0];

/** A small picture. */
const RECEIPT = {
  name: 'receipt.png', mimeType: 'image/png',
  buffer: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAD0lEQVR4nGP4jwMwDC0JALoev0Ewkwr8AAAAAElFTkSuQmCC', 'base64'),
};

test('a leader and three neighbours: from the first word to the receipt, and one who did not come', { tag: '@core' }, async ({ browser, page, viewport }) => {
  const calm = noComplaints(page);
  const leading = beNeighbour(page);
  const [[anna, annasName], [bert], [carl, carlsName]] = await Promise.all([
    neighbour(browser, { viewport }), neighbour(browser, { viewport }), neighbour(browser, { viewport }),
  ]);
  await leading;
  // What is bought is found by its initial consonants, by keyboard.
  await page.goto('/parties/new');
  const find = page.getByRole('combobox', { name: '무엇을 나눌까요?' });
  await expect(async () => {
    await find.fill('');
    await find.pressSequentially('ㅇㄹㅂㅇ');
    // Of the first letters there are others before it.
    await expect(page.getByRole('option').first()).toContainText('올리브유 5L', { timeout: 2_000 });
  }).toPass();
  await find.press('ArrowDown');
  await expect(page.getByRole('option', { selected: true })).toContainText('올리브유 5L');
  await find.press('Enter');
  await expect(page).toHaveURL(/item=/);
  await page.getByLabel('수량').fill('4');
  await page.getByLabel('단위').fill('통');
  await page.getByLabel('예상 총액 (원)').fill('35,600');
  await page.getByLabel('몇 몫으로 나눌까요?').fill('4');
  await page.getByLabel('신청하면 바로 함께해요').uncheck();
  // Nobody is taken who has no time to leave any more.
  await page.getByLabel('모임 시작').fill(inSeconds(2 * 3600));
  await page.getByLabel('모임 끝').fill(inSeconds(3 * 3600));
  await page.getByRole('button', { name: '파티 열기' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('올리브유 5L 나눠요');
  const address = new URL(page.url()).pathname;
  const party = idOf(address);
  // One asks on the page, the others do beside it; the leader takes all of them.
  await anna.goto(address);
  await expect(anna.locator('.talk')).toHaveCount(0);
  await anna.getByRole('button', { name: '참여 신청' }).click();
  await expect(anna.getByRole('button', { name: '신청 취소' })).toBeVisible();
  for (const one of [bert, carl]) await change(one, 'join-party', { party, shares: '1' });
  await page.reload();
  for (let left = 3; left > 0; left--) {
    await expect(page.getByRole('button', { name: '받기', exact: true })).toHaveCount(left);
    await page.getByRole('button', { name: '받기', exact: true }).first().click();
  }
  await expect(page.locator('.head .chip').first()).toHaveText('모집 완료 4/4');
  // They talk, and nobody has to look again.
  await anna.reload();
  await bert.goto('/my/parties');
  const said = (one: Page) => one.getByRole('log', { name: '대화' });
  const say = async (one: Page, text: string) => {
    await one.getByLabel('파티원에게').fill(text);
    await one.getByRole('button', { name: '보내기', exact: true }).click();
    await expect(one.getByLabel('파티원에게')).toHaveValue('');
  };
  await say(anna, '정문 말고 주차장 쪽에서 봬요');
  await expect(said(page)).toContainText('정문 말고 주차장 쪽에서 봬요');
  const line = page.locator('.msg', { hasText: '주차장 쪽에서' });
  await staysInItsRow(line, line.locator('bdi', { hasText: '주차장 쪽에서' }));
  const share = page.locator('.share', { hasText: annasName });
  await staysInItsRow(share, share.locator('bdi', { hasText: annasName }));
  await say(page, '네, 빈 통 두 개 가져갈게요!');
  await expect(said(anna)).toContainText('네, 빈 통 두 개 가져갈게요!');
  await expect(bert.locator('.party').first()).toContainText('안 읽은 대화 2');
  // It suits all of them to meet at once; one of them does not come.
  const begins = Date.now() + 8_000;
  await change(page, 'propose-time', { party, from: inSeconds(8), to: inSeconds(3600) });
  for (const one of [anna, bert, carl]) await change(one, 'agree-time', { party, agree: 'yes' });
  await page.waitForTimeout(Math.max(0, begins + 1_200 - Date.now()));
  await page.reload();
  await page.getByRole('button', { name: '모임 끝내기' }).click();
  await expect(page.locator('.head .chip').first()).toHaveText('완료 4/4');
  const carlsShare = page.locator('.share', { hasText: carlsName });
  await carlsShare.locator('summary', { hasText: '안 왔어요' }).click();
  await carlsShare.getByRole('button', { name: '안 온 것으로 표시' }).click();
  await expect(carlsShare.getByRole('button')).toHaveCount(0);
  await expect(carlsShare).toContainText('안 왔어요');
  await page.getByLabel('실제 총액 (원)').fill('30,001');
  await page.getByLabel('영수증 사진').setInputFiles(RECEIPT);
  await page.getByRole('button', { name: '저장하기' }).click();
  await expect(page.locator('.share', { hasText: '리더' }).first()).toContainText('10,001원');
  await expect(page.locator('.share', { hasText: annasName })).toContainText('10,000원');
  await anna.reload();
  await expect(anna.locator('.sum')).toContainText('실제 1몫');
  await anna.locator('summary', { hasText: '영수증 보기' }).click();
  const picture = anna.getByRole('img', { name: '영수증 사진' });
  await expect.poll(() => picture.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBe(8);
  await carl.goto('/my/parties');
  await expect(carl.getByRole('heading', { name: '페널티' })).toBeVisible();
  await expect(carl.locator('main')).toContainText('모임에 오지 않음');
  await page.screenshot({ path: `test-results/party-done-${viewport!.width}.png`, fullPage: true });
  calm();
});

test('a phone is confirmed by a code before the first party, and removed again', { tag: '@once' }, async ({ browser, viewport }) => {
  const from = `10.8.${Math.floor(Math.random() * 255)}.${Math.floor(Math.random() * 255)}`;
  const [page] = await person(browser, { viewport, locale: 'en-GB', extraHTTPHeaders: { 'x-forwarded-for': from } });
  const calm = noComplaints(page);
  await signUp(page);
  await page.goto('/parties/new');
  await page.getByRole('link', { name: 'Confirm your phone first' }).click();
  await expect(page).toHaveURL('/my/phone');
  const [phone, ask] = [page.getByLabel('Mobile number'), page.getByRole('button', { name: 'Send me a code' })];
  await phone.fill('02-123-4567');
  await ask.click();
  await expect(page.getByText('This does not look right.')).toBeVisible();
  await expect(phone).toHaveValue('02-123-4567');
  // As a contact is copied from a phone.
  const number = newPhone();
  await phone.fill(`+82 ${number.slice(1, 3)}-${number.slice(3, 7)}-${number.slice(7)}`);
  await ask.click();
  await expect(page.getByText(`Sent to the number ending in ${number.slice(-4)}.`)).toBeVisible();
  const shown = (await page.getByText(/^This is a demonstration, so nothing is sent\. The code is \d{6}\.$/).textContent())!.match(/\d{6}/)![0];
  const [code, confirm] = [page.getByLabel('6-digit code'), page.getByRole('button', { name: 'Confirm', exact: true })];
  await code.fill(shown === '123456' ? '654321' : '123456');
  await confirm.click();
  await expect(code).toHaveAttribute('aria-invalid', 'true');
  await code.fill(shown);
  await confirm.click();
  await expect(page.getByText(`Your number ending in ${number.slice(-4)} is confirmed.`)).toBeVisible();
  await fits(page);
  await page.getByRole('main').getByRole('link', { name: 'Start a party' }).click();
  await expect(page).toHaveURL('/parties/new');
  await expect(page.getByRole('link', { name: 'Confirm your phone first' })).toHaveCount(0);
  await page.goto('/my/phone');
  await page.locator('summary', { hasText: 'Use another number' }).click();
  await page.getByRole('button', { name: 'Remove this number' }).click();
  await expect(ask).toBeVisible();
  await expect(page.getByText('is confirmed.')).toHaveCount(0);
  calm();
});

test('who did not come three times is blocked, appeals, and is heard', async ({ browser, viewport, site }) => {
  const options = { viewport, baseURL: site.url };
  const [leader] = await neighbour(browser, options);
  const [absent, name] = await neighbour(browser, options);
  const [admin] = await person(browser, options);
  await beAdmin(admin, site);
  const parties = [];
  for (let i = 0; i < 3; i++) parties.push(await makeParty(leader, 5));
  const another = await makeParty(leader, 3600);
  for (const party of parties) await change(absent, 'join-party', { party: idOf(party), shares: '1' });
  const [view] = await read(leader, parties[0]);
  const { member } = view.members.find((line: { leader: boolean }) => !line.leader);
  await leader.waitForTimeout(6_000);
  for (const party of parties) {
    await change(leader, 'run-party', { party: idOf(party), what: 'finish' });
    await change(leader, 'mark-attendance', { party: idOf(party), member, came: 'no' });
  }
  await absent.goto(another);
  await absent.getByRole('button', { name: '함께하기' }).click();
  const blocked = '페널티가 3개 이상이라 새 파티를 열거나 참여할 수 없어요.';
  await expect(absent.getByRole('alert')).toHaveText(blocked);
  await absent.goto('/parties/new');
  await expect(absent.getByText(blocked)).toBeVisible();
  await absent.goto(another);
  await absent.getByRole('button', { name: '함께하기' }).click();
  await absent.getByRole('link', { name: '왜 그런지 보고 이의 내기' }).click();
  await expect(absent).toHaveURL(/\/my\/parties$/);
  await expect(absent.getByRole('status').filter({ hasText: blocked })).toBeVisible();
  await absent.screenshot({ path: `test-results/my-parties-blocked-${viewport!.width}.png`, fullPage: true });
  await leader.goto(parties[0]);
  await expect(leader.locator('.share', { hasText: name }).getByRole('img', { name: '페널티 3개 이상' })).toBeVisible();
  await absent.locator('summary', { hasText: '이의 내기' }).first().click();
  await absent.getByLabel('무슨 일이 있었나요?').first().fill('지하철이 멈춰서 갈 수 없었어요.');
  await absent.getByRole('button', { name: '이의 내기' }).first().click();
  await expect(absent.getByText('이의를 살펴보고 있어요')).toBeVisible();
  await admin.goto('/admin/appeals');
  await expect(admin.getByText('지하철이 멈춰서 갈 수 없었어요.')).toBeVisible();
  await admin.screenshot({ path: `test-results/appeals-${viewport!.width}.png`, fullPage: true });
  await admin.getByLabel('이유').fill('그날 운행이 멈췄어요.');
  await admin.getByRole('button', { name: '페널티 거두기' }).click();
  await expect(admin.getByText('기다리는 이의가 없어요.')).toBeVisible();
  await absent.reload();
  await expect(absent.getByText('그날 운행이 멈췄어요.')).toBeVisible();
  await absent.goto(another);
  await absent.getByRole('button', { name: '함께하기' }).click();
  await expect(absent.locator('.head .chip').first()).toHaveText('모집 완료 2/2');
});

test('who is taken out hears nothing more, and sees nothing of what was said', async ({ browser, page }) => {
  await beNeighbour(page);
  const picture = await page.request.post('/api/set-picture', { multipart: { picture: RECEIPT } });
  expect(picture.status(), await picture.text()).toBe(200);
  const address = await makeParty(page, 5 * 3600, { wanted: '3' });
  const [one, name] = await neighbour(browser);
  await change(one, 'join-party', { party: idOf(address), shares: '1' });
  await one.goto(address);
  await page.goto(address);
  await page.getByLabel('파티원에게').fill('어서 오세요');
  await page.getByRole('button', { name: '보내기', exact: true }).click();
  await expect(one.getByRole('log')).toContainText('어서 오세요');
  // Whose words they are is seen by a picture, or by a letter.
  const face = one.getByRole('log').locator('.face img');
  await expect.poll(() => face.evaluate((image: HTMLImageElement) => image.complete && image.naturalWidth)).toBe(96);
  await change(one, 'say-in-party', { party: idOf(address), request: newRequest(), text: '고맙습니다' });
  const letter = page.locator('.msg', { hasText: '고맙습니다' }).locator('.face');
  await expect(letter).toHaveAttribute('data-of', [...name][0]);
  await expect(letter.locator('img')).toHaveCount(0);
  await page.locator('.share', { hasText: name }).getByRole('button', { name: '내보내기' }).click();
  await expect(one.getByRole('log')).toHaveCount(0);
  await expect(one.locator('main')).not.toContainText('어서 오세요');
});

test('why a party is called off is read at once by whoever looks at it; who is writing is told, and loses nothing', async ({ browser, page }) => {
  await beNeighbour(page);
  const address = await makeParty(page, 5 * 3600, { wanted: '4' });
  const [one] = await neighbour(browser);
  const [other] = await neighbour(browser);
  for (const who of [one, other]) {
    await change(who, 'join-party', { party: idOf(address), shares: '1' });
    await who.goto(address);
  }
  // Both follow it: what is said comes by itself.
  await change(page, 'say-in-party', { party: idOf(address), request: newRequest(), text: '잠시만요' });
  for (const who of [one, other]) await expect(who.getByRole('log')).toContainText('잠시만요');
  await other.getByLabel('파티원에게').fill('저는 정문으로 갈게요');
  await page.goto(address);
  await page.locator('summary', { hasText: '파티 취소하기' }).click();
  await page.getByLabel('이유').fill('그날 마켓이 쉬어요.');
  await page.getByRole('button', { name: '파티 취소하기' }).click();
  await expect(page.getByText('그날 마켓이 쉬어요.')).toBeVisible();
  await expect(one.getByText('그날 마켓이 쉬어요.')).toBeVisible();
  await expect(one.locator('.head .chip').first()).toContainText('취소');
  await expect(other.getByText('파티 내용이 바뀌었어요.')).toBeVisible();
  await expect(other.getByLabel('파티원에게')).toHaveValue('저는 정문으로 갈게요');
  await other.getByRole('button', { name: '새로 보기' }).click();
  await expect(other.getByText('그날 마켓이 쉬어요.')).toBeVisible();
});

test('a visitor looks around: from a city to a market, and what one may do as a member', async ({ page, viewport }) => {
  const calm = noComplaints(page);
  await page.goto('/parties');
  await page.getByRole('link', { name: '동네 정하기' }).click();
  await page.screenshot({ path: `test-results/where-country-${viewport!.width}.png`, fullPage: true });
  // A link by keyboard: its middle need not be in it.
  await page.locator('.map').getByRole('link', { name: '서울 시청' }).press('Enter');
  await expect(page.locator('#point')).toContainText('근처');
  // By keyboard the point goes to the east.
  const here = page.getByRole('link', { name: '여기에서 파티 보기' });
  const before = await here.getAttribute('href');
  await expect(async () => {
    await page.getByRole('application').press('Shift+ArrowRight');
    await expect(here).not.toHaveAttribute('href', before!, { timeout: 1_000 });
  }).toPass();
  await page.goto(`/parties/where?lat=${HOME.latitude}&lng=${HOME.longitude}`);
  await expect(page.locator('#point')).toContainText('서울');
  await page.screenshot({ path: `test-results/where-${viewport!.width}.png`, fullPage: true });
  // Pressed where it is left of the middle.
  const map = (await page.locator('.map').boundingBox())!;
  await expect(async () => {
    await page.locator('.map').click({ position: { x: map.width / 4, y: map.height / 2 } });
    const west = new URL((await here.getAttribute('href'))!, page.url()).searchParams;
    expect(Number(west.get('lng'))).toBeLessThan(HOME.longitude - 0.03);
    expect(Math.abs(Number(west.get('lat')) - HOME.latitude)).toBeLessThan(0.002);
  }).toPass();
  await here.click();
  await expect(page).toHaveURL(/\/parties\?lat=/);
  await expect(page.locator('.radar .dot').first()).toBeVisible();
  await page.screenshot({ path: `test-results/parties-${viewport!.width}.png`, fullPage: true });
  const all = await page.locator('li.party').count();
  await page.locator('summary', { hasText: '품목·마켓 고르기' }).click();
  await page.getByLabel('분류').selectOption('양념·기름');
  await page.getByRole('button', { name: '이렇게 보기' }).click();
  await expect(page).toHaveURL(/category=sauces/);
  expect(await page.locator('li.party').count()).toBeLessThan(all);
  await page.goto(`/parties?lat=${HOME.latitude}&lng=${HOME.longitude}`);
  // One with a share left: those that others make meanwhile fill up.
  await page.locator('li.party:has(.faces .e) a').first().click();
  await expect(page.getByRole('link', { name: '로그인' }).last()).toBeVisible();
  await page.locator('.sub .plain').click();
  await expect(page).toHaveURL(/\/markets\//);
  await expect(page.locator('.sum')).toContainText('주소');
  await page.screenshot({ path: `test-results/market-${viewport!.width}.png`, fullPage: true });
  calm();
});

test('without scripts one looks around, says where one lives, marks, and talks', async ({ browser, viewport }) => {
  const [page] = await person(browser, { viewport, javaScriptEnabled: false });
  await signUp(page);
  await confirmPhone(page);
  await page.goto('/parties/where');
  // An address that is known, then a district.
  await page.getByLabel('주소나 동네').fill('서울특별시 성동구 성수이로 118, 2층');
  await page.getByRole('button', { name: '찾기' }).click();
  await expect(page.locator('#point')).toContainText('한마음마트 성수점 0m');
  await page.getByLabel('주소나 동네').fill('성동구');
  await page.getByRole('button', { name: '찾기' }).click();
  await expect(page.getByRole('button', { name: '지금 있는 곳에서 보기' })).toBeHidden();
  await page.locator('.map').getByRole('link', { name: '한마음마트 성수점' }).press('Enter');
  await page.getByRole('button', { name: '여기를 우리 동네로' }).click();
  await expect(page.locator('.radar .dot').first()).toBeVisible();
  await page.locator('summary', { hasText: '품목·마켓 고르기' }).click();
  await page.getByLabel('무엇을 나눌까요?').fill('올리브');
  await page.getByRole('button', { name: '이렇게 보기' }).click();
  await page.locator('.found').getByRole('link', { name: /올리브유 5L/ }).click();
  await expect(page.locator('.picked')).toContainText('올리브유 5L');
  const address = await makeParty(page, 5 * 3600);
  await page.goto(address);
  await page.getByLabel('파티원에게').fill('스크립트 없이도 말해요');
  await page.getByRole('button', { name: '보내기', exact: true }).click();
  await expect(page.getByRole('log')).toContainText('스크립트 없이도 말해요');
  await page.getByRole('button', { name: '단골로 두기: 올리브유 5L' }).click();
  await page.goto('/my/favourites');
  await expect(page.locator('.marked')).toContainText('올리브유 5L');
  await page.screenshot({ path: `test-results/favourites-${viewport!.width}.png`, fullPage: true });
});

test('where somebody is may be told, or not', async ({ browser, viewport }) => {
  const [willing] = await person(browser, { viewport, permissions: ['geolocation'], geolocation: { ...HOME, accuracy: 20 } });
  await signUp(willing);
  await willing.goto('/parties/where');
  await expect(willing.locator('.map')).toBeVisible();
  await expect(async () => {
    await willing.getByRole('button', { name: '지금 있는 곳에서 보기' }).click({ timeout: 1_000 });
    await expect(willing).toHaveURL(/lat=37.5446&lng=127.0559/, { timeout: 2_000 });
  }).toPass();
  await willing.getByRole('button', { name: '여기를 우리 동네로' }).click();
  await expect(willing).toHaveURL(/\/parties$/);
  await expect(willing.locator('.radar')).toBeVisible();
  const [unwilling] = await person(browser, { viewport, permissions: [] });
  await unwilling.goto('/parties/where');
  await expect(async () => {
    await unwilling.getByRole('button', { name: '지금 있는 곳에서 보기' }).click();
    await expect(unwilling.getByText('위치를 알 수 없어요.')).toBeVisible({ timeout: 2_000 });
  }).toPass();
  await expect(unwilling).toHaveURL(/\/parties\/where$/);
});

test('an admin brings lists, in either encoding, and nothing of one that is wrong', async ({ browser, viewport, site }) => {
  const [admin] = await person(browser, { viewport, baseURL: site.url });
  await beAdmin(admin, site);
  await admin.goto('/admin/markets');
  const form = admin.locator('form', { has: admin.getByLabel('마켓', { exact: true }) });
  const bring = async (buffer: Buffer) => {
    await form.locator('input[type=file]').setInputFiles({ name: 'markets.csv', mimeType: 'text/csv', buffer });
    await form.getByRole('button', { name: '올리기' }).click();
  };
  const list = (latitude: string) => `이름,종류,주소,위도,경도\n새벽시장,전통시장,서울 성동구 1,37.5,127.0\n달마트,대형마트,서울 중구 2,${latitude},127.0\n`;
  await bring(Buffer.from(list('95')));
  await expect(form.getByText('3번째 줄, latitude: −90에서 90 사이로 적어 주세요.')).toBeVisible();
  await admin.screenshot({ path: `test-results/markets-wrong-${viewport!.width}.png`, fullPage: true });
  await expect(admin.getByRole('row', { name: /새벽시장/ })).toHaveCount(0);
  await bring(Buffer.from(list('36')));
  await expect(admin.getByRole('row', { name: /새벽시장/ })).toBeVisible();
  // "이름,종류,주소,위도,경도 / 별시장,기타,부산,35,129" in CP949.
  const cp949 = 'c0ccb8a72cc1beb7f92cc1d6bcd22cc0a7b5b52cb0e6b5b50abab0bdc3c0e52cb1e2c5b82cbacebbea2c33352c3132390a';
  await bring(Buffer.from(cp949, 'hex'));
  await expect(admin.getByRole('row', { name: /별시장/ })).toBeVisible();
  await admin.screenshot({ path: `test-results/markets-${viewport!.width}.png`, fullPage: true });
  // A single one is corrected, and is then found to be the same as another.
  await admin.getByRole('row', { name: /달마트/ }).getByRole('link', { name: '고치기·합치기' }).click();
  const correct = admin.locator('form', { has: admin.getByRole('button', { name: '고치기', exact: true }) });
  await correct.getByLabel('위도').fill('37.501');
  await correct.getByLabel('이유').fill('자리를 잘못 적음');
  await correct.getByLabel('마켓 이름').fill('');
  await correct.getByRole('button', { name: '고치기', exact: true }).click();
  await expect(correct.getByLabel('마켓 이름')).toBeFocused();
  await correct.getByLabel('마켓 이름').fill('새벽 시장');
  await correct.getByRole('button', { name: '고치기', exact: true }).click();
  await expect(admin.getByText('마켓을 고쳤어요.').first()).toBeVisible();
  await admin.reload();
  await expect(admin.getByRole('heading', { level: 1 })).toHaveText('새벽 시장');
  await admin.screenshot({ path: `test-results/market-correct-${viewport!.width}.png`, fullPage: true });
  const merge = admin.locator('form', { has: admin.getByRole('button', { name: '같은 마켓과 합치기' }) });
  await merge.getByLabel('남길 마켓').selectOption({ label: '새벽시장 · 서울 성동구 1' });
  await merge.getByLabel('이유').fill('같은 곳');
  await merge.getByRole('button', { name: '같은 마켓과 합치기' }).click();
  await expect(admin.getByRole('heading', { level: 1 })).toHaveText('새벽시장');
  await admin.goto('/admin/markets');
  await expect(admin.getByRole('row', { name: /새벽시장/ })).toHaveCount(1);
  await expect(admin.getByRole('row', { name: /새벽 시장/ })).toHaveCount(0);
});
