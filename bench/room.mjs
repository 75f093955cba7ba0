// What the room page weighs (figure 16), and what a slow phone feels of it and of the home page.
// Usage: node bench/room.mjs ADDRESS [weight|speed]   (a demonstration server with the browser's code as it is shipped)
import { chromium } from '../end2end/node_modules/playwright-core/index.mjs';

const [base, part] = process.argv.slice(2);
// A slow phone on a slow line, as Lighthouse's mobile profile has it: 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back, a
// processor four times slower.
const LINE = { offline: false, latency: 150, downloadThroughput: (1.6 * 1024 * 1024) / 8, uploadThroughput: (750 * 1024) / 8 };
const SLOWER = 4;
const ROUNDS = 5;
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** A page in a browser that has nothing yet and never was here, signed in as a shopper of the demonstration; and the room of what opens next. */
async function fresh() {
  const context = await browser.newContext({ viewport: { width: 360, height: 780 } });
  await context.request.post(`${base}/demo/sign-in`, { form: { as: 'shopper' }, maxRedirects: 0 });
  const home = await (await context.request.get(`${base}/`, { headers: { accept: 'text/html' } })).text();
  const room = base + home.match(/class="next"[\s\S]*?href="(\/events\/[0-9A-Z]+)"/)[1];
  // Reading that was a visit, and whoever comes again is sent no style sheet in the page.
  await context.clearCookies({ name: 'visitor' });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send('Network.enable');
  return { context, page, session, room };
}

/** What is there once a press counted. */
const COUNTED = '.dock a.btn.done';
/** What is there once a press was answered: why it was refused, which most are since nothing is open yet, or that it counted. */
const ANSWERED = `.dock .note.bad, ${COUNTED}`;

/** The room of an event that the demonstration's creator makes for this, and that opens in some seconds. */
async function opening() {
  const context = await browser.newContext();
  await context.request.post(`${base}/demo/sign-in`, { form: { as: 'creator' }, maxRedirects: 0 });
  // In Korean time, as in the form.
  const at = seconds => new Date(Date.now() + (seconds + 9 * 3600) * 1000).toISOString().slice(0, 19);
  const letter = () => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Math.floor(Math.random() * 32)];
  const answer = await context.request.post(`${base}/creator/new?do=create-event`, {
    multipart: {
      request: `01${Array.from({ length: 24 }, letter).join('')}`, save: 'publish', title: '따끈한 겨울 머그', summary: '손으로 빚은 머그', category: 'living',
      description: '**머그**', rules: '', entry_code: '', prize_name: '겨울 머그', prize_kind: 'goods', prize_winners: '2', opens_at: at(15), closes_at: at(615),
    },
    maxRedirects: 0,
  });
  const [status, { location }] = [answer.status(), answer.headers()];
  await context.close();
  if (status !== 303) throw new Error(`no event was made: ${status}`);
  return base + location;
}

/** Compressed kilobytes of all WASM and JavaScript until idle, the opening and one entry included. */
async function weight() {
  const { context, page, session } = await fresh();
  const room = await opening();
  const files = new Map();
  session.on('Network.responseReceived', ({ requestId, response }) => files.set(requestId, { path: new URL(response.url).pathname, encoding: response.headers['content-encoding'] ?? '-', bytes: 0 }));
  session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => { if (files.has(requestId)) files.get(requestId).bytes = encodedDataLength; });
  await page.goto(room);
  await page.waitForFunction(() => document.querySelector('.dial .error')?.textContent?.includes('±'));
  await page.locator('.dock button.go').click();
  await page.waitForSelector(COUNTED);
  await page.waitForTimeout(2000);
  let sum = 0;
  for (const { path, encoding, bytes } of files.values()) {
    if (!/\.(js|wasm)$/.test(path)) continue;
    if (encoding !== 'br') throw new Error(`${path} is not compressed: scripts/front release does that`);
    sum += bytes;
    console.log(`${path}: ${(bytes / 1024).toFixed(1)} KB`);
  }
  await context.close();
  if (sum === 0) throw new Error('the room loaded no code');
  console.log(`ratio entry_page_kb ${(sum / 1024).toFixed(1)}`);
}

/** Milliseconds until a press of the button is answered over the socket, until all is loaded when our code is left out, the largest paint, and for how long in all the page could not react (tasks longer than 50 ms, as Lighthouse counts). */
async function visit(address, ours) {
  const { context, page, session, room } = await fresh();
  if (!ours) await page.route(/\/pkg\/.*\.(js|wasm)$/, route => route.abort());
  await page.addInitScript(answered => {
    new PerformanceObserver(list => { window.painted = list.getEntries().at(-1).startTime; }).observe({ type: 'largest-contentful-paint', buffered: true });
    window.blocked = 0;
    new PerformanceObserver(list => {
      const painted = performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity;
      for (const task of list.getEntries()) if (task.startTime + task.duration > painted) window.blocked += Math.max(0, task.duration - 50);
    }).observe({ type: 'longtask', buffered: true });
    // As soon as the socket takes it: before, the form would.
    let pressed = false;
    const look = () => {
      if (pressed && document.querySelector(answered)) {
        window.ready = performance.now();
        return;
      }
      const button = document.querySelector('.dock form button');
      if (!pressed && button && document.querySelector('.dial .error')?.textContent?.includes('±')) {
        pressed = true;
        button.click();
      }
      setTimeout(look, 20);
    };
    look();
  }, ANSWERED);
  await session.send('Network.emulateNetworkConditions', LINE);
  await session.send('Emulation.setCPUThrottlingRate', { rate: SLOWER });
  await page.goto(address === 'room' ? room : base);
  if (ours && address === 'room') await page.waitForFunction(() => window.ready, null, { timeout: 60_000 });
  await page.waitForTimeout(1500);
  const seen = await page.evaluate(() => ({ ready: window.ready, painted: window.painted, blocked: window.blocked, sheets: document.querySelectorAll('link[rel=stylesheet]').length, loaded: performance.getEntriesByType('navigation')[0].loadEventEnd }));
  await context.close();
  if (seen.sheets) throw new Error('whoever comes for the first time is to find the style sheet in the page');
  return seen;
}

async function speed() {
  const rounds = { ready: [], bare: [], room: [], home: [], roomBlocked: [], homeBlocked: [] };
  for (let i = 0; i < ROUNDS; i++) {
    const ours = await visit('room', true);
    rounds.ready.push(ours.ready);
    rounds.room.push(ours.painted);
    rounds.roomBlocked.push(ours.blocked);
    rounds.bare.push((await visit('room', false)).loaded);
    const home = await visit('home', true);
    rounds.home.push(home.painted);
    rounds.homeBlocked.push(home.blocked);
  }
  console.log(`room_ready_ms ${median(rounds.ready).toFixed(0)} (the page without our code is loaded after ${median(rounds.bare).toFixed(0)})`);
  console.log(`blocked_home_ms ${median(rounds.homeBlocked).toFixed(0)}, blocked_room_ms ${median(rounds.roomBlocked).toFixed(0)}`);
  console.log(`lcp_home_s ${(median(rounds.home) / 1000).toFixed(2)}`);
  console.log(`lcp_room_s ${(median(rounds.room) / 1000).toFixed(2)}`);
}

if (part !== 'speed') await weight();
if (part !== 'weight') await speed();
await browser.close();
