// Which pages there are: whatever somebody finds by following links from the home page on, of each kind of address a few, since they
// differ by state, and states that no link leads to for sure. The one list for pictures of them (scripts/shots.mjs) and for what is
// checked on all of them (end2end/journeys/accessible.spec.ts); whether all were seen is held against the table of the program itself.
const { readFileSync } = require('node:fs');
const { join } = require('node:path');

/** Everybody who finds other pages than the others. */
const PEOPLE = ['nobody', 'shopper', 'creator', 'seller', 'neighbour'];
/** Kinds of an address are told apart by what is no id. */
const kind = path => path.replace(/\/[0-9A-Z]{26}(?=\/|$)/g, '/:id').replace(/\/D?\d[\d-]*(?=\/|$)/g, '/:n').replace(/=[^&]*/g, '=');
/** What is no page, and what leads away to another site. */
const FILE = /\/(table|export|feed|calendar)\b|\.(ics|csv|xlsx|svg|webp|png|jpg)$|\/(sign-in|account|leave)\/kakao$/;
/** The most pages of one person. */
const MOST = 400;
/** What no link of the site leads to, by who sees it: what stands in the place of a page, and where links of one's own lead, which are
 * over here. (The others are those of Kakao, of a payment, and of what is bought: journeys go through them.) */
const UNLINKED = {
  nobody: ['/offline', '/nowhere', '/sign-in?kakao=refused', '/forgot?sent=yes', '/forgot/new?token=x', '/mail/confirm/x', '/mail/stop/x'],
  shopper: ['/my/account/email?sent=yes', '/my/account/email?done=yes', '/my/account/email?token=x', '/admin/join?token=x', '/parties/new', '/my/phone'],
};
/** Where an admin looks from. */
const ADMIN = ['/admin', '/my'];

/** Where whoever somebody is begins to look. */
const startsOf = who => [...(who === 'admin' ? ADMIN : ['/']), ...(UNLINKED[who] ?? [])];

/** Has a browser's cookies say who somebody is: `nobody`, one of the demonstration's people, or its `admin`, where it has one. */
async function signIn(context, who) {
  if (who !== 'nobody') await context.request.post('/demo/sign-in', { form: { as: who }, maxRedirects: 0 });
}

/** The pages that whoever a browser is signed in as finds from `starts` on, `each` of every kind, by links to what is `within`. */
async function pagesOf(context, { starts = ['/'], each = 3, within = /^/ } = {}) {
  const page = await context.newPage();
  const [found, seen, queue] = [[], new Map(), [...starts]];
  while (queue.length && found.length < MOST) {
    const path = queue.shift();
    const count = seen.get(kind(path)) ?? 0;
    if (count >= each || found.includes(path)) continue;
    const answer = await page.goto(path).catch(() => null);
    if (!answer || !(answer.headers()['content-type'] ?? '').includes('html')) continue;
    seen.set(kind(path), count + 1);
    found.push(path);
    const links = await page.locator('a[href^="/"]').evaluateAll(all => all.map(link => link.getAttribute('href')));
    for (const link of links) {
      const plain = link.split('#')[0];
      if (within.test(plain) && !FILE.test(plain.split('?')[0])) queue.push(plain);
    }
  }
  await page.close();
  return found;
}

/** The table of pages in the program: each one's name and its patterns of addresses. */
function table() {
  const source = readFileSync(join(__dirname, '../app/src/features/mod.rs'), 'utf8');
  const rows = [...source.matchAll(/^ {4}\w+ (\w+): ("[^=]+") =>/gm)];
  const pages = rows.map(([, name, patterns]) => ({ name, patterns: patterns.match(/[^", ]+/g) }));
  if (pages.length < 50) throw new Error(`only ${pages.length} pages are read from the table`);
  return pages;
}

/** The names of the pages that are at none of these paths. */
function unseen(paths) {
  const pages = table();
  const fits = (pattern, path) => new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+')}$`).test(path);
  const at = path => pages.find(({ patterns }) => patterns.includes(path)) ?? pages.find(({ patterns }) => patterns.some(pattern => fits(pattern, path)));
  const seen = new Set([...paths].map(path => at(path.split('?')[0])?.name));
  return pages.filter(({ name }) => !seen.has(name)).map(({ name, patterns }) => `${name} (${patterns.join(', ')})`);
}

/** An id that a form sends with what it makes, as ids are written. */
const newRequest = () => `01${Array.from({ length: 24 }, () => '0123456789ABCDEFGHJKMNPQRSTVWXYZ'[Math.floor(Math.random() * 32)]).join('')}`;
/** A Korean date and time for a form, seconds from now. */
const inSeconds = seconds => new Date(Date.now() + (seconds + 9 * 3600) * 1000).toISOString().slice(0, 19);
/** What the crowd of a demonstration does not know: what is made here is for those who are to have it. */
const CODE = '겨울59';

/**
 * States that no link leads to for sure, brought about in a demonstration by its people, of whom `contextOf` opens a browser: what each is
 * called, who sees it where, and what they do there first.
 */
async function states(contextOf) {
  const browsers = {};
  for (const who of ['creator', 'seller', 'shopper', 'neighbour']) browsers[who] = await contextOf(who);
  const publish = async (who, seconds, fields) => {
    const multipart = {
      request: newRequest(), summary: '', description: '', rules: '', entry_code: CODE, save: 'publish',
      opens_at: inSeconds(seconds), closes_at: inSeconds(seconds + 3600), ...fields,
    };
    const answer = await browsers[who].request.post('/creator/new?do=create-event', { multipart, maxRedirects: 0 });
    if (answer.status() !== 303) throw new Error(`${who} publishes nothing: ${answer.status()}`);
    return answer.headers().location;
  };
  const mug = (seconds, fields) => publish('creator', seconds, {
    title: '따끈한 겨울 머그', category: 'living', prize_name: '겨울 머그', prize_kind: 'goods', prize_winners: '1', ...fields,
  });
  /** Presses until it is open, half a minute at most. */
  const press = async (who, address, expected, form = {}) => {
    let status;
    for (let tries = 0; tries < 60; tries++) {
      const answer = await browsers[who].request.post(`${address}/enter`, { form: { code: CODE, ...form }, headers: { accept: 'application/json' } });
      status = answer.status();
      if (status === 200 || status === 201) {
        const { state } = await answer.json();
        if (state !== expected) throw new Error(`${who} is ${state} at ${address} and not ${expected}`);
        return;
      }
      await new Promise(done => setTimeout(done, 500));
    }
    throw new Error(`${who} cannot press at ${address}: ${status}`);
  };
  const prize = await mug(10);
  await press('shopper', prize, 'won');
  await press('neighbour', prize, 'standby');
  await press('seller', prize, 'lost');
  const night = await publish('seller', 10, {
    title: '작은 서점 재즈의 밤', kind: 'ticket', category: 'culture', place: '소극장', address: '서울 성동구 연무장길 47', coordinates: '',
    starts_at: inSeconds(40 * 24 * 3600), seats: '1', price: '15000', limit: '1', minutes: '', at_once: '',
  });
  await press('shopper', night, 'checkout', { quantity: 1 });
  await press('neighbour', night, 'standby', { quantity: 1 });
  for (const browser of Object.values(browsers)) if (browser !== browsers.creator) await browser.close();
  // Its last 59 seconds are over soon: another one then.
  let opening = { until: 0 };
  const lastMinute = async () => {
    if (opening.until < Date.now() + 20_000) opening = { address: await mug(55, { entry_code: '' }), until: Date.now() + 55_000 };
    return opening.address;
  };
  const there = address => async () => address;
  const sendEmpty = field => async page => {
    // As without scripts, and past what a browser itself asks for.
    const form = page.locator('main form').filter({ has: page.locator(`[name=${field}]`) }).first();
    await Promise.all([page.waitForEvent('load'), form.evaluate(form => form.submit())]);
  };
  return [
    { name: 'room-won', who: 'shopper', path: there(prize) },
    { name: 'result-won', who: 'shopper', path: there(`${prize}/result`) },
    { name: 'room-standby', who: 'neighbour', path: there(prize) },
    { name: 'result-standby', who: 'neighbour', path: there(`${prize}/result`) },
    { name: 'room-lost', who: 'seller', path: there(prize) },
    { name: 'room-last-59', who: 'shopper', path: lastMinute },
    { name: 'checkout', who: 'shopper', path: there(`${night}/checkout`) },
    { name: 'line', who: 'neighbour', path: there(`${night}/checkout`) },
    { name: 'refused-sign-up', who: 'nobody', path: there('/sign-up'), act: sendEmpty('email') },
    { name: 'refused-event', who: 'creator', path: there('/creator/new'), act: sendEmpty('title') },
  ];
}

module.exports = { PEOPLE, kind, pagesOf, signIn, startsOf, states, unseen };
