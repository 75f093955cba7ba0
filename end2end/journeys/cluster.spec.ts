// Several nodes, one site. Runs within scripts/cluster alone, and alone: it restarts the nodes.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, type BrowserContext, type Page } from '@playwright/test';
import { beCreator, live, makeEvent, nodes, noComplaints, person, signUp, test } from './people';

const balancer = process.env.CLUSTER!;
const button = { name: '지금 참여하기' };
const say = async (page: Page, text: string) => {
  const line = page.getByPlaceholder('다른 분들과 이야기해 보세요');
  await line.fill(text);
  // Not by the button, which moves down while others say something.
  await line.press('Enter');
};

test('people of one room are on different nodes and stay while the nodes are restarted', { tag: '@once' }, async ({ browser, viewport }) => {
  test.setTimeout(180_000);
  const [host] = await person(browser, { viewport });
  await beCreator(host);
  const address = await makeEvent(host, 20, 2);
  // One on each of two nodes, and one who comes through the balancer as people do.
  const everybody: Page[] = [];
  const names: string[] = [];
  for (const baseURL of [nodes[0], nodes[1], balancer]) {
    const [one] = await person(browser, { viewport, baseURL });
    // At a node, which believes where people say they are from: the balancer tells the truth. Cookies do not know ports.
    names.push(await signUp(one, nodes[0]));
    await one.goto(address);
    // A page that was reloaded does not have this.
    await one.evaluate(() => { (window as never as { kept: boolean }).kept = true; });
    everybody.push(one);
  }
  const [left, right, outside] = everybody;
  // Through the balancer there is always somebody: no connection fails.
  const calm = noComplaints(outside, ['WebSocket is already in CLOSING or CLOSED state']);
  for (const one of everybody) await live(one);
  for (const one of everybody) await expect(one.locator('.facts dd').first()).toHaveText('3');

  // Later, these press by the balancer.
  const latecomers: BrowserContext[] = [];
  for (let n = 0; n < 16; n++) {
    const late = await browser.newContext({ baseURL: balancer });
    await signUp(late, nodes[0]);
    latecomers.push(late);
  }

  // Who is answered first is first, on whichever node; who stands by does so for everybody.
  for (const one of everybody) await expect(one.getByRole('button', button)).toBeVisible({ timeout: 40_000 });
  await right.getByRole('button', button).click();
  await expect(right.locator('.result .rank')).toHaveText('1위');
  await left.getByRole('button', button).click();
  await expect(left.locator('.result .rank')).toHaveText('2위');

  // They talk, all at once: everybody reads the same in the same order.
  const lines = (page: Page) => page.locator('.chat li:not(.sys)').allInnerTexts();
  const said = async (page: Page) => (await lines(page)).map(line => line.match(/말 \d+-\d+/)?.[0]).filter(Boolean);
  let talks = 0;
  const talk = async () => {
    const before = (await said(left)).length;
    await Promise.all(everybody.map((one, n) => say(one, `말 ${talks}-${n}`)));
    talks++;
    for (const one of everybody) await expect.poll(async () => (await said(one)).length).toBe(before + 3);
    expect(await said(right)).toEqual(await said(left));
    expect(await said(outside)).toEqual(await said(left));
  };
  await talk();

  // The nodes are restarted, one after the other, while people read, write and press.
  let restarting = true;
  const restarted = promisify(execFile)('../scripts/rolling-restart').finally(() => { restarting = false; });
  const ranks: number[] = [];
  while (restarting || ranks.length < 2) {
    const late = latecomers.pop();
    if (!late) break;
    // Which tries the next node: whoever presses is answered.
    const answer = await late.request.post(`${address}/enter`, { headers: { accept: 'application/json' } });
    expect(answer.status(), await answer.text()).toBe(201);
    ranks.push((await answer.json()).rank);
    await outside.waitForTimeout(250);
  }
  console.log(`${(await restarted).stdout}· ${ranks.length} pressed meanwhile`);
  expect(ranks).toEqual(ranks.map((_, n) => n + 3));

  // Nobody reloaded; everybody is back, sees everybody, and has the rank they had.
  for (const one of everybody) {
    await expect(one.locator('.dock .connection')).toHaveCount(0, { timeout: 30_000 });
    expect(await one.evaluate(() => (window as never as { kept?: boolean }).kept)).toBe(true);
    await expect(one.locator('.facts dd').first()).toHaveText(String(2 + ranks.length), { timeout: 30_000 });
  }
  await expect(right.locator('.result .rank')).toHaveText('1위');
  await expect(left.locator('.result .rank')).toHaveText('2위');
  await talk();
  await outside.getByRole('button', button).click();
  const rank = 3 + ranks.length;
  await expect(outside.locator('.result .rank')).toHaveText(`${rank}위`);
  // Boards that were kept, and boards that are read anew, on every node.
  // Ten from the top; below, everybody has those around themselves.
  const board = async (page: Page) => {
    const rows = await page.locator('.board li').allInnerTexts();
    return rows.slice(0, 10).map(row => row.replace('(나)', '').replace(/\s+/g, ' '));
  };
  for (const one of everybody) await expect(one.locator('.board')).toContainText(names[1]);
  await expect.poll(async () => [await board(right), await board(outside)]).toEqual([await board(left), await board(left)]);
  const stored = await Promise.all(nodes.map(async node => (await host.request.get(`${node}${address}/board?from=1`)).json()));
  expect(stored[0].total).toBe(rank);
  expect(stored[1]).toEqual(stored[0]);
  expect(stored[0].entries.slice(0, 2).map((entry: { nickname: string }) => entry.nickname)).toEqual([names[1], names[0]]);
  calm();
});
