// Figure 16: what the room page makes a browser load, cold, until idle, one entry included. Compressed kilobytes.
// Usage: node bench/run.mjs ADDRESS   (a demonstration server of the release build)
import { chromium } from '../end2end/node_modules/playwright-core/index.mjs';

const base = process.argv[2];
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage();
const session = await page.context().newCDPSession(page);
await session.send('Network.enable');
const kinds = new Map();
const bytes = new Map();
session.on('Network.responseReceived', ({ requestId, response }) => kinds.set(requestId, [new URL(response.url).pathname, response.headers['content-encoding'] ?? response.headers['Content-Encoding'] ?? '-']));
session.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => bytes.set(requestId, encodedDataLength));
await page.request.post(base + '/demo/sign-in', { form: { as: 'shopper' }, maxRedirects: 0 });
const home = await (await page.request.get(base + '/', { headers: { accept: 'text/html' } })).text();
const event = home.match(/class="next"[\s\S]*?href="(\/events\/[0-9A-Z]+)"/)[1];
await page.goto(base + event);
await page.waitForFunction(() => document.querySelector('.dial .error')?.textContent?.includes('±'));
await page.locator('.dock button').click();
await page.waitForTimeout(2000);
let sum = 0;
for (const [id, [path, encoding]] of kinds) {
  if (/\.(js|wasm)$/.test(path)) {
    sum += bytes.get(id) ?? 0;
    console.log(`${path}: ${((bytes.get(id) ?? 0) / 1024).toFixed(1)} KB (${encoding})`);
  }
}
console.log(`ratio entry_page_kb ${(sum / 1024).toFixed(1)}`);
await browser.close();
if (sum === 0) process.exit(1);
