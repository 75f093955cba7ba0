// What the browser's shared code is made of: crates, generic functions (all copies together) and single functions, by bytes
// before the optimiser. Usage: node scripts/size.mjs FILE [LINES]   Called by `make size`.
import { readFileSync } from 'node:fs';

const [file, lines = '30'] = process.argv.slice(2);
const bytes = readFileSync(file);
let at = 8;

/** A number in LEB128 (the binary format of WebAssembly, 5.2.2). */
function number() {
  for (let value = 0, shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (!(byte & 128)) return value;
  }
}

function text() {
  const length = number();
  return bytes.toString('utf8', at, (at += length));
}

const limits = () => { const kind = number(); number(); if (kind & 1) number(); };
let imported = 0;
const sizes = [];
const names = new Map();
while (at < bytes.length) {
  const id = bytes[at++];
  const end = number() + at;
  if (id === 2) {
    for (let count = number(); count > 0; count--) {
      text();
      text();
      const kind = bytes[at++];
      if (kind === 0) { number(); imported++; } else if (kind === 1) { at++; limits(); } else if (kind === 2) limits(); else at += 2;
    }
  } else if (id === 10) {
    for (let count = number(); count > 0; count--) {
      const size = number();
      sizes.push(size);
      at += size;
    }
  } else if (id === 0 && text() === 'name') {
    while (at < end) {
      const part = bytes[at++];
      const stop = number() + at;
      if (part === 1) for (let count = number(); count > 0; count--) names.set(number(), text());
      at = stop;
    }
  }
  at = end;
}

const signs = { SP: '@', BP: '*', RF: '&', LT: '<', GT: '>', LP: '(', RP: ')', C: ',' };

/** Rust's mangled names, as far as this list needs them. */
function readable(name) {
  if (name.startsWith('_ZN')) {
    const parts = [];
    for (let i = 3; /\d/.test(name[i] ?? ''); ) {
      const [digits] = name.slice(i).match(/^\d+/);
      i += digits.length;
      const part = name.slice(i, (i += Number(digits)));
      if (!/^h[0-9a-f]{16}$/.test(part)) parts.push(part.replace(/\$(u[0-9a-f]+|[A-Z]+)\$/g, (_, sign) => (sign[0] === 'u' ? String.fromCodePoint(parseInt(sign.slice(1), 16)) : (signs[sign] ?? '?'))).replace(/\.\./g, '::').replace(/^_</, '<'));
    }
    return parts.join('::');
  }
  if (name.startsWith('_R')) return [...name.matchAll(/(\d+)_?([a-z_]\w*)/g)].map(([, length, rest]) => rest.slice(0, Number(length))).join('::');
  return name;
}

const functions = sizes.map((size, i) => ({ size, name: readable(names.get(i + imported) ?? '?') }));

/** A name without what it is generic over. */
function bare(name) {
  const trait_ = name.match(/^<.* as ([\w:]+).*?>(.*)$/);
  return trait_ ? `<_ as ${trait_[1]}>${trait_[2].replace(/<.*>/g, '<_>')}` : name.replace(/<.*>/g, '<_>');
}

const crate = name => name.match(/(?:^|[< &])([a-z]\w*)::/)?.[1] ?? 'other';

function list(title, key) {
  const groups = new Map();
  for (const { size, name } of functions) {
    const group = groups.get(key(name)) ?? { size: 0, count: 0 };
    groups.set(key(name), { size: group.size + size, count: group.count + 1 });
  }
  console.log(`\n${title}\n   bytes  copies`);
  const heaviest = [...groups].sort(([, a], [, b]) => b.size - a.size).slice(0, Number(lines));
  for (const [name, { size, count }] of heaviest) console.log(`${String(size).padStart(8)} ${String(count).padStart(6)}  ${name.slice(0, 150)}`);
}

console.log(`${sizes.length} functions, ${sizes.reduce((sum, size) => sum + size, 0)} bytes of code`);
if (names.size === 0) throw new Error('this file has no names: take what rustc made, not what is shipped');
list('crates', crate);
list('functions, all copies together', bare);

console.log('\nsingle functions\n   bytes');
const largest = functions.sort((a, b) => b.size - a.size).slice(0, Number(lines));
for (const { size, name } of largest) console.log(`${String(size).padStart(8)}  ${name.slice(0, 150)}`);
