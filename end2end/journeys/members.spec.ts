// An admin suspends a member, lets them act again, and stops, lets go on and calls off somebody's event.
import { expect } from '@playwright/test';
import { beAdmin, beCreator, live, makeEvent, person, signUp, test } from './people';
import { Site } from './site';

let site: Site;
test.beforeAll(async () => { site = await Site.start(); });
test.afterAll(async () => { await site.stop(); });

test('an admin suspends a member, restores them, and calls an event off', async ({ browser, viewport }) => {
  const options = { viewport, baseURL: site.url };
  const [host] = await person(browser, options);
  const [member] = await person(browser, options);
  const [admin] = await person(browser, options);
  await beCreator(host);
  const address = await makeEvent(host, 3600);
  await beAdmin(admin, site);
  const name = await signUp(member);
  await member.goto(address);
  await live(member);
  const say = async (text: string) => {
    await member.getByPlaceholder('다른 분들과 이야기해 보세요').fill(text);
    await member.getByRole('button', { name: '보내기' }).click();
  };
  await say('안녕하세요');
  await expect(member.locator('.chat li', { hasText: '안녕하세요' })).toBeVisible();

  // Found by how their nickname begins; the page says that the look is noted.
  await admin.goto('/my');
  await admin.getByRole('link', { name: '관리', exact: true }).click();
  await admin.getByRole('link', { name: '회원', exact: true }).first().click();
  const find = admin.locator('form', { has: admin.locator('input[name=find]') });
  await find.locator('input').fill(name);
  await find.getByRole('button').click();
  await admin.getByRole('link', { name, exact: true }).click();
  await expect(admin.getByText('이 페이지를 본 것은 감사 기록에 남아요.')).toBeVisible();
  const form = (button: string) => admin.locator('form').filter({ has: admin.getByRole('button', { name: button, exact: true }) });
  const suspend = form('회원 정지하기');
  // Too short a reason: said at the field, and nothing done.
  await suspend.getByLabel('이유').fill('x');
  await suspend.getByRole('button').click();
  await expect(suspend.locator('[aria-invalid=true]').first()).toBeVisible();
  await suspend.getByLabel('언제까지').selectOption('7');
  await suspend.getByLabel('이유').fill('광고를 거듭 올림');
  await suspend.getByRole('button').click();
  await expect(admin.getByText('회원을 정지했어요.')).toBeVisible();
  await expect(admin.getByText('정지됨 ·').first()).toBeVisible();
  await admin.screenshot({ path: `test-results/members-${viewport!.width}.png`, fullPage: true });
  // At once, in the page that is open.
  await say('그래도 한마디');
  await expect(member.getByText('이용이 정지된 계정이에요.').first()).toBeVisible();
  await expect(member.locator('.chat li', { hasText: '그래도 한마디' })).toHaveCount(0);

  const restore = form('정지 풀기');
  await restore.getByLabel('이유').fill('오해였음');
  await restore.getByRole('button').click();
  await expect(admin.getByText('정지를 풀었어요.')).toBeVisible();
  await say('다시 왔어요');
  await expect(member.locator('.chat li', { hasText: '다시 왔어요' })).toBeVisible();

  const event = address.split('/').pop()!;
  await admin.goto(`/admin/events?find=${event}`);
  // Stopped for a while: the room that is open says so, until it goes on.
  await admin.locator('summary', { hasText: '멈추기' }).click();
  const stop = form('멈추기');
  await stop.getByLabel('이유').fill('신고를 살펴보고 있어요');
  await stop.getByRole('button').click();
  await expect(admin.getByText('이벤트를 멈췄어요.')).toBeVisible();
  await expect(member.locator('.dock')).toContainText('운영진이 잠시 멈췄어요');
  await admin.locator('summary', { hasText: '다시 열기' }).click();
  const goOn = form('다시 열기');
  await goOn.getByLabel('이유').fill('문제없어요');
  await goOn.getByRole('button').click();
  await expect(admin.getByText('이벤트를 다시 열었어요.')).toBeVisible();
  await expect(member.locator('.dock')).not.toContainText('운영진이 잠시 멈췄어요');
  await admin.locator('summary', { hasText: '이벤트 취소하기' }).click();
  const callOff = form('이벤트 취소하기');
  await callOff.getByLabel('이유').fill('상품이 안전하지 않아요');
  await callOff.getByRole('button').click();
  await expect(admin.getByText('이벤트를 취소했어요.')).toBeVisible();
  await expect(member.getByText('취소된 이벤트예요').first()).toBeVisible();
  await member.reload();
  await expect(member.getByText('상품이 안전하지 않아요').first()).toBeVisible();
  await member.screenshot({ path: `test-results/called-off-${viewport!.width}.png` });

  // The log has all of it.
  await admin.goto('/admin/audit');
  for (const done of ['회원 정보 열람', '회원 정지', '정지 풀기', '이벤트 취소']) {
    await expect(admin.locator('td', { hasText: done }).first()).toBeVisible();
  }
  await admin.screenshot({ path: `test-results/audit-${viewport!.width}.png`, fullPage: true });
});
