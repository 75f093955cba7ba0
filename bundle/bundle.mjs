// Makes target/site, all that browsers load but pages: code, style sheet, and what lies in public/.
// Usage: node bundle/bundle.mjs COMPILED.wasm [release]   Called by scripts/front. In a release it is small, and compressed beforehand.
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { transform } from 'esbuild';
import { bundle } from 'lightningcss';

const [compiled, kind = 'dev'] = process.argv.slice(2);
const release = kind === 'release';
const tool = 'target/bundle/release/bundle';
const site = 'target/site';

/**
 * Functions with one caller stay functions unless they are tiny: those of one generic are alike, and compress to next to nothing as
 * long as they are not each in another place (13 KB of 185). Nothing of ours stands in the first kilobyte of memory. Once, and not
 * until nothing changes any more: that is 1.4 KB less of 190, for twice the time.
 */
const OPTIMISE = [
  '-Oz', '--one-caller-inline-max-function-size=20', '--low-memory-unused', '--enable-bulk-memory',
  '--enable-nontrapping-float-to-int',
];
/** The oldest browsers that know the layers of our style sheet, by major version. */
const BROWSERS = Object.fromEntries(
  Object.entries({ chrome: [99], edge: [99], firefox: [97], safari: [15, 4], ios_saf: [15, 4], samsung: [18] })
    .map(([browser, [major, minor = 0]]) => [browser, major << 16 | minor << 8]),
);
/** Which files are worth compressing: pictures and sounds are compressed already. */
const TEXTS = /\.(wasm|js|mjs|json|css|svg|txt|html|webmanifest)$/;

const run = promisify(execFile);
const [brotli, zip] = [promisify(brotliCompress), promisify(gzip)];

const files = folder =>
  readdirSync(folder, { recursive: true }).map(name => join(folder, name)).filter(file => statSync(file).isFile());

/** Does something with every one of many, a few at once. */
async function each(many, work) {
  const waiting = [...many];
  const next = async () => { for (let one; (one = waiting.shift()) !== undefined;) await work(one); };
  await Promise.all(Array.from({ length: availableParallelism() }, next));
}

/** Writes beside each file the same in Brotli, and in gzip for browsers that take no Brotli. */
const compress = folder => each(files(folder).filter(file => TEXTS.test(file)), async file => {
  const bytes = readFileSync(file);
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
  writeFileSync(`${file}.br`, await brotli(bytes, best));
  writeFileSync(`${file}.gz`, await zip(bytes, { level: 9 }));
});

/** Makes the folder of code, unless the one that is there was made of the same; where it is. */
async function code() {
  const folder = join(dirname(compiled), 'pkg');
  const of = join(dirname(compiled), 'pkg.of');
  const made = createHash('sha256');
  for (const file of [compiled, tool, 'bundle/package-lock.json', 'bundle/bundle.mjs']) made.update(readFileSync(file));
  const now = made.digest('hex');
  if (existsSync(of) && readFileSync(of, 'utf8') === now) return folder;
  // What is cut short is not taken for whole.
  for (const old of [of, folder]) rmSync(old, { recursive: true, force: true });
  execFileSync(tool, [compiled, folder], { stdio: 'inherit' });
  if (release) {
    // The largest first: it takes as long as many others.
    const parts = files(folder).filter(file => file.endsWith('.wasm')).sort((a, b) => statSync(b).size - statSync(a).size);
    await each(parts, part => run('bundle/node_modules/.bin/wasm-opt', [...OPTIMISE, part, '-o', part]));
    await each(files(folder).filter(file => file.endsWith('.js')), async file => {
      const { code } = await transform(readFileSync(file, 'utf8'), { minify: true, format: 'esm' });
      writeFileSync(file, code);
    });
    await compress(folder);
  }
  writeFileSync(of, now);
  return folder;
}

const from = await code();
const sheet = bundle({ filename: 'style/main.css', minify: release, targets: BROWSERS }).code;
rmSync(site, { recursive: true, force: true });
cpSync('public', site, { recursive: true });
const style = join(site, 'style');
mkdirSync(style);
writeFileSync(join(style, 'fiftynine.css'), sheet);
if (release) await compress(site);
cpSync(from, join(site, 'pkg'), { recursive: true });
for (const file of readdirSync(style)) cpSync(join(style, file), join(site, 'pkg', file));
rmSync(style, { recursive: true });
const page = files(join(site, 'pkg')).filter(file => basename(file) === 'fiftynine.wasm' + (release ? '.br' : ''));
console.log(`· ${site}: what every page loads has ${(statSync(page[0]).size / 1000).toFixed(0)} KB${release ? ' compressed' : ''}`);
