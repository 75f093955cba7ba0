// Which pages there are: whatever somebody finds by following links from the home page on, of each kind of address a few, since they
// differ by state. The one list for pictures of them (scripts/shots.mjs) and for what is checked on all of them
// (end2end/journeys/accessible.spec.ts).

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

module.exports = { PEOPLE, kind, pagesOf, signIn, startsOf };
