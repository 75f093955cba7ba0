// Pictures of every page, to be looked at side by side: follows all links as each person of the demonstration, and shows each kind
// of address once or twice on a phone, a tablet and a desktop; and states that no link leads to, which it brings about (`--only` goes by
// their names).
// Usage: node scripts/shots.mjs ADDRESS FOLDER [--as shopper,creator] [--only PATTERN] [--sizes phone,desktop] [--langs ko,en] [--themes light,dark]
//        (a demonstration server with an admin; `make shots` starts one)
import { mkdirSync, writeFileSync } from 'node:fs';
import { chromium } from '../end2end/node_modules/playwright-core/index.mjs';
import pages from './pages.cjs';

const { PEOPLE, pagesOf, signIn, startsOf, states, unseen } = pages;

const [base, folder, ...rest] = process.argv.slice(2);
const option = (name, otherwise) => (rest.includes(`--${name}`) ? rest[rest.indexOf(`--${name}`) + 1] : otherwise);
const SIZES = { phone: { width: 360, height: 780 }, tablet: { width: 820, height: 1180 }, desktop: { width: 1280, height: 900 } };
const sizes = option('sizes', 'phone,tablet,desktop').split(',');
const langs = option('langs', 'ko,en').split(',');
const themes = option('themes', 'light,dark').split(',');
const people = option('as', [...PEOPLE, 'admin'].join(',')).split(',');
const only = new RegExp(option('only', '.'));
const name = path => path.replace(/^\//, '').replace(/[0-9A-Z]{18}([0-9A-Z]{8})/g, '$1').replace(/[^0-9A-Za-z가-힣]+/g, '-').slice(0, 60) || 'home';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});

/** A browser of somebody, with a size, a language and a theme. */
async function context(who, size, lang, theme) {
  const context = await browser.newContext({
    baseURL: base, viewport: SIZES[size], hasTouch: size === 'phone', colorScheme: theme, reducedMotion: 'reduce',
    locale: lang === 'ko' ? 'ko-KR' : 'en-GB', timezoneId: 'Asia/Seoul',
  });
  await signIn(context, who);
  return context;
}

/** Every kind of page that somebody finds. */
async function found(who) {
  const reading = await context(who, 'desktop', langs[0], 'light');
  const paths = await pagesOf(reading, { starts: startsOf(who) });
  await reading.close();
  return paths;
}

mkdirSync(folder, { recursive: true });
const shown = [];
const done = new Set();

/** Takes a picture of what somebody sees at a path, once they did there what they are to do. */
async function take(looking, { who, path, label, act }, [size, lang, theme]) {
  const page = await looking.newPage();
  const complaints = [];
  page.on('pageerror', error => complaints.push(String(error)));
  const answer = await page.goto(path, { waitUntil: 'load' }).catch(() => null);
  if (act) await act(page);
  await page.waitForTimeout(400);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  const file = `${who}-${label}-${size}-${lang}-${theme}.png`;
  await page.screenshot({ path: `${folder}/${file}`, fullPage: true });
  if (wide > 0) complaints.push(`wider than the screen by ${wide} px`);
  shown.push({ who, path, size, lang, theme, file, status: answer?.status(), complaints });
  if (complaints.length || !answer || answer.status() >= 500) console.log(who, path, size, lang, theme, answer?.status(), ...complaints);
  await page.close();
}

for (const who of people) {
  // What one person was shown is not shown again as another, but for what is each one's own.
  const paths = (await found(who)).filter(path => only.test(path) && (!done.has(path) || /^\/(my|$)/.test(path)));
  paths.forEach(path => done.add(path));
  for (const size of sizes) for (const lang of langs) for (const theme of themes) {
    const looking = await context(who, size, lang, theme);
    for (const path of paths) await take(looking, { who, path, label: name(path) }, [size, lang, theme]);
    await looking.close();
  }
}
// Some make them and others see them: where only some people were asked for, there are none.
const brought = people.length === PEOPLE.length + 1 ? await states(who => context(who, 'desktop', langs[0], 'light')) : [];
for (const { name, who, path, act } of brought.filter(({ name }) => only.test(name))) {
  for (const size of sizes) for (const lang of langs) for (const theme of themes) {
    const looking = await context(who, size, lang, theme);
    const there = await path();
    done.add(there);
    await take(looking, { who, path: there, label: name, act }, [size, lang, theme]);
    await looking.close();
  }
}
await browser.close();
if (only.source === '.') for (const page of unseen(done)) console.log('no picture of', page);
const figures = shown.map(({ who, path, size, lang, theme, file }) => `<figure><a href="${file}"><img loading="lazy" src="${file}"></a><figcaption>${who} ${path} · ${size} ${lang} ${theme}</figcaption></figure>`);
writeFileSync(`${folder}/index.html`, `<!doctype html><meta charset="utf-8"><title>59초</title><style>body{display:flex;flex-wrap:wrap;gap:16px;font:12px sans-serif}figure{margin:0;width:300px}img{width:100%;border:1px solid #ccc}</style>${figures.join('\n')}`);
console.log(`${shown.length} pictures of ${done.size} addresses: ${folder}/index.html`);
