// Told outside the site: this browser asks to be, is listed, shows what is pushed, and is removed.
import { expect } from '@playwright/test';
import { fits, newEmail, noComplaints, person, signUp, test } from './people';
import { Site } from './site';
import { Mails } from './stand-ins';

test.use({ serviceWorkers: 'allow' });

const PAGE = '/notices/delivery';

test('a browser is told on the press of a button, and shows what is pushed', async ({ page, context }) => {
  await context.grantPermissions(['notifications']);
  // No browser of a journey reaches a push service: what it would be given stands here, as it stays over a page.
  await page.addInitScript((endpoint: string) => {
    const subscription = {
      endpoint,
      toJSON: () => ({
        endpoint,
        keys: {
          p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
          auth: 'BTBZMqHH6r4Tts7J_aSIgg',
        },
      }),
      unsubscribe: async () => {
        sessionStorage.removeItem('subscribed');
        return true;
      },
    };
    PushManager.prototype.getSubscription = async () => (sessionStorage.getItem('subscribed') ? subscription : null) as never;
    PushManager.prototype.subscribe = async () => {
      sessionStorage.setItem('subscribed', 'yes');
      return subscription as never;
    };
  }, `https://push.example.com/send/${Date.now()}-${Math.random()}`);
  const complaints = noComplaints(page);
  await signUp(page);
  await page.goto(PAGE);
  const on = page.getByRole('button', { name: '이 기기로 알림 받기' });
  await expect(on).toBeVisible();
  await expect(page.locator('.devices')).toHaveCount(0);
  await on.focus();
  await page.keyboard.press('Enter');
  await expect(page.locator('.devices')).toContainText('Chrome');
  await expect(page.getByText('이 기기로 알림을 받고 있어요.')).toBeVisible();
  const script = await page.evaluate(async () => (await navigator.serviceWorker.ready).active?.scriptURL);
  expect(new URL(script!).pathname).toBe('/sw.js');

  // What is pushed is shown, one of each name.
  const browser = await context.newCDPSession(page);
  const registered = new Promise<string>((resolve) => {
    browser.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      if (registrations[0]) resolve(registrations[0].registrationId);
    });
  });
  await browser.send('ServiceWorker.enable');
  const registrationId = await registered;
  const origin = new URL(page.url()).origin;
  for (const body of ['하나', '둘']) {
    const data = JSON.stringify({ title: '59초', body, url: '/notices', tag: 'notice-1', lang: 'ko' });
    await browser.send('ServiceWorker.deliverPushMessage', { origin, registrationId, data });
  }
  const shown = () => page.evaluate(async () => {
    const notices = await (await navigator.serviceWorker.ready).getNotifications();
    return notices.map((notice) => notice.body);
  });
  await expect.poll(shown).toEqual(['둘']);

  await page.getByRole('button', { name: '이 기기에서 끄기' }).click();
  await expect(page.locator('.devices')).toHaveCount(0);
  await expect(on).toBeVisible();
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth);
  expect(wide).toBe(false);
  complaints();
});

test('a device is removed without scripts', async ({ browser, page }) => {
  await signUp(page);
  const fields = {
    endpoint: `https://push.example.com/send/${Date.now()}-${Math.random()}`,
    p256dh: 'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
    auth: 'BTBZMqHH6r4Tts7J_aSIgg',
    label: 'Firefox · Linux',
  };
  const added = await page.request.post('/api/add-push-endpoint', { form: fields });
  expect(added.status()).toBe(200);
  const context = await browser.newContext({ javaScriptEnabled: false, storageState: await page.context().storageState() });
  const plain = await context.newPage();
  await plain.goto(PAGE);
  await expect(plain.getByText('스크립트를 켜 주세요')).toBeVisible();
  await expect(plain.getByRole('button', { name: '이 기기로 알림 받기' })).toBeHidden();
  await plain.getByRole('button', { name: 'Firefox · Linux 끄기' }).click();
  await expect(plain.locator('.devices')).toHaveCount(0);
  await context.close();
});

test('notices are mailed once the address is confirmed by a mail, until its owner wants none', { tag: '@once' }, async ({ browser, viewport }) => {
  const mails = await Mails.start();
  const site = await Site.start('--public-url', '{url}', '--smtp-url', mails.url, '--mail-from', '59초 <notices@test.example>');
  try {
    const options = { viewport, locale: 'en-GB', baseURL: site.url };
    const [page] = await person(browser, options);
    // A mail is read wherever one reads mail: nobody is signed in there.
    const [elsewhere] = await person(browser, options);
    const email = newEmail();
    await signUp(page, '', email);
    await page.goto(PAGE);
    await expect(page.getByText(`No notices are mailed to ${email}.`)).toBeVisible();
    await page.getByRole('button', { name: 'Mail them to me' }).click();
    await expect(page.getByText(`A mail is on its way to ${email}.`)).toBeVisible();
    await fits(page);
    const link = await mails.link(email, '/mail/confirm/');
    // Looking at it changes nothing: programs look at links too.
    await elsewhere.goto(link);
    await page.reload();
    await expect(page.getByText(`A mail is on its way to ${email}.`)).toBeVisible();
    await elsewhere.getByRole('button', { name: 'Mail me my notices' }).click();
    await expect(elsewhere.getByText('Your notices are mailed to this address.', { exact: true })).toBeVisible();
    await fits(elsewhere);
    await page.reload();
    await expect(page.getByText(`Notices are mailed to ${email}.`)).toBeVisible();
    await page.getByRole('button', { name: 'No mail any more' }).click();
    await expect(page.getByText(`No notices are mailed to ${email}.`)).toBeVisible();
  } finally {
    await site.stop();
    mails.stop();
  }
});
