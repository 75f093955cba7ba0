// Without a mouse, without eyes, without motion.
import { expect } from '@playwright/test';
import { beCreator, live, makeEvent, person, signUp, tabTo, test } from './people';

test('by keyboard alone: sign up, say hello, press, say where the prize goes', { tag: '@core' }, async ({ browser, page, viewport }) => {
  await beCreator(page);
  const address = await makeEvent(page, 25, 3);
  const [one] = await person(browser, { viewport, extraHTTPHeaders: { 'x-forwarded-for': `10.9.${Math.floor(Math.random() * 255)}.${Math.floor(Math.random() * 255)}` } });
  await one.goto(`/sign-up?next=${address}`);
  await tabTo(one, 'textbox', '이메일');
  await one.keyboard.type(`k${Date.now()}${Math.random()}@example.com`);
  await one.keyboard.press('Tab');
  await one.keyboard.type('비 오는 날엔 수달');
  // The nickname is suggested; terms and age are ticked.
  await one.keyboard.press('Tab');
  for (const box of [/이용약관/, /14세/]) {
    await tabTo(one, 'checkbox', box);
    await one.keyboard.press('Space');
  }
  await one.keyboard.press('Enter');
  await expect(one).toHaveURL(new RegExp(`${address}$`));
  await live(one);
  await one.keyboard.press('Tab');
  await expect(one.locator('.skip')).toBeFocused();
  await one.keyboard.press('Enter');
  await expect(one.locator('main')).toBeFocused();
  await tabTo(one, 'button', /뒤에 열려요|준비|지금 참여하기/);
  await expect(one.getByRole('button', { name: '지금 참여하기' })).toBeVisible({ timeout: 40_000 });
  // The focus stayed on the button while it changed.
  await one.keyboard.press('Enter');
  await expect(one.locator('.result .rank')).toHaveText('1위');
  await tabTo(one, 'textbox', '다른 분들과 이야기해 보세요');
  await one.keyboard.type('키보드로 왔어요');
  await one.keyboard.press('Enter');
  await expect(one.locator('.chat li').last()).toContainText('키보드로 왔어요');
  await one.goto(`${address}/result`);
  for (const [field, text] of [['받는 분', '김수달'], ['휴대폰', '01012345678'], ['우편번호', '04524'], ['도로명 주소', '서울 중구 세종대로 110'], ['상세 주소', '101호']]) {
    await tabTo(one, 'textbox', field);
    await one.keyboard.type(text);
  }
  await tabTo(one, 'checkbox', /전달하고/);
  await one.keyboard.press('Space');
  await one.keyboard.press('Enter');
  await expect(one.getByText('크리에이터에게 전해졌어요.')).toBeVisible();
});

test('a screen reader hears how long is left, that it opened, and what the press came to', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const [one] = await person(browser, { viewport, reducedMotion: 'reduce' });
  await signUp(one);
  const address = await makeEvent(page, 20, 1);
  await one.goto(address);
  await live(one);
  // What it is, how long, who is there, one button: in this order.
  await expect(one.getByRole('main')).toMatchAriaSnapshot(`
    - main:
      - article:
        - heading "따끈한 겨울 머그" [level=1]
        - paragraph: 1등 겨울 머그 1
        - timer "열릴 때까지"
        - button "소리"
        - term: 지금 대기실
        - definition: "1"
        - term: 경쟁률
        - definition: "1.0 : 1"
        - term: 정원
        - definition: "1"
      - button /뒤에 열려요|준비/
      - paragraph
      - region /순위판/:
        - heading /순위판/ [level=2]
      - region "채팅":
        - heading "채팅" [level=2]
        - textbox "다른 분들과 이야기해 보세요"
        - button "보내기"
      - region "이벤트 소개":
        - heading "이벤트 소개" [level=2]
      - status
  `);
  const status = one.getByRole('status').filter({ hasText: '남았어요' });
  await expect(status).toHaveText('열릴 때까지 10초 남았어요.', { timeout: 20_000 });
  const alert = one.locator('[aria-live=assertive]');
  await expect(alert).toHaveText('열렸어요. 지금 누르세요.', { timeout: 20_000 });
  await one.getByRole('button', { name: '지금 참여하기' }).press('Enter');
  await expect(alert).toContainText(/^1위, 열린 지 \d+\.\d{3}초 만에 접수됐어요\. 당첨이에요!/);
  // No motion, no sound.
  const moves = await one.locator('.result').evaluate(element => getComputedStyle(element).animationName);
  expect(moves).toBe('none');
  await expect(one.locator('.sound')).toHaveAttribute('aria-pressed', 'false');
});

test('sound is heard once it is turned on', async ({ browser, page, viewport }) => {
  await beCreator(page);
  const [one] = await person(browser, { viewport });
  await signUp(one);
  const address = await makeEvent(page, 14, 1);
  const heard: string[] = [];
  one.on('request', request => {
    if (request.url().endsWith('.wav')) heard.push(request.url().split('/').pop()!);
  });
  await one.goto(address);
  await live(one);
  await one.waitForTimeout(1000);
  expect(heard).toEqual([]);
  const sound = (pressed: boolean) => one.getByRole('button', { name: '소리', exact: true, pressed });
  await sound(false).click();
  await expect(sound(true)).toBeVisible();
  await expect(one.getByRole('button', { name: '지금 참여하기' })).toBeVisible({ timeout: 30_000 });
  await one.getByRole('button', { name: '지금 참여하기' }).click();
  await expect(one.locator('.result.won')).toBeVisible();
  await expect.poll(() => heard).toContain('won.wav');
  expect(heard).toContain('tick.wav');
  expect(heard).toContain('open.wav');
});
