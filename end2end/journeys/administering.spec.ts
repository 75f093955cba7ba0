// Whoever looks after the demonstration: from what waits to a decision, and to the row that says so.
import { expect } from '@playwright/test';
import { noComplaints, person, test } from './people';
import { Site } from './site';

test('the admin of the demonstration decides a report, and the log has it', async ({ browser, viewport }) => {
  test.skip(viewport!.width > 400, 'on a phone');
  const site = await Site.start('--demo', '--demo-admin');
  try {
    const [admin] = await person(browser, { viewport, baseURL: site.url, locale: 'en-GB' });
    const calm = noComplaints(admin);
    await admin.goto('/');
    // Everybody whom one can be is in sight, and the page is no wider for it.
    const strip = admin.locator('.demo-strip');
    for (const name of ['As a shopper', 'As a creator', 'As a neighbour', 'As a seller', 'As an administrator']) {
      await expect(strip.getByRole('button', { name })).toBeInViewport();
    }
    expect(await admin.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBe(0);
    expect((await strip.boundingBox())!.height).toBeLessThan(160);
    await strip.getByRole('button', { name: 'As an administrator' }).click();

    await expect(admin).toHaveURL(/\/admin$/);
    await expect(admin.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
    await admin.screenshot({ path: 'test-results/administering-overview.png', fullPage: true });
    await admin.locator('tbody').getByRole('link', { name: 'Reported messages' }).click();
    await expect(admin.getByRole('heading', { level: 1, name: 'Reported messages' })).toBeVisible();
    await admin.screenshot({ path: 'test-results/administering-reports.png', fullPage: true });

    // Two lines of the same member, and one of somebody else: what is done about a member is done about all of theirs.
    const lines = admin.locator('li').filter({ has: admin.locator('summary', { hasText: 'Do something about this member' }) });
    await expect(lines).toHaveCount(3);
    // Beside each stands what was said around it.
    const line = lines.filter({ has: admin.locator('p', { hasText: '계좌 먼저' }) });
    await expect(line).toContainText('3 reports');
    await line.locator('summary', { hasText: 'Do something about this member' }).click();
    await line.getByLabel('Reason').fill('No trading in the chat');
    await line.getByRole('button', { name: 'Warn', exact: true }).click();
    await expect(admin.getByText('The reports are decided.').first()).toBeVisible();
    await expect(lines).toHaveCount(1);

    await admin.getByRole('link', { name: 'Audit log' }).click();
    const row = admin.locator('tbody tr').filter({ hasText: 'No trading in the chat' });
    await expect(row).toContainText('Warned a member');
    await expect(row).toContainText('급매 전하는 여우');
    await admin.screenshot({ path: 'test-results/administering-audit.png', fullPage: true });
    calm();
  } finally {
    await site.stop();
  }
});
