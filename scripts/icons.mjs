// Draws the site's icons into public/icons: the dial of twelve ticks whose last one is lit, as in public/favicon.svg. Run by hand when the
// sign changes; what it wrote is part of the repository, since phones want pixels.
// Usage: node scripts/icons.mjs
import { writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const [PAPER, INK, SIGNAL] = [[250, 248, 244, 255], [21, 23, 28, 255], [255, 74, 28, 255]];
const WHITE = [255, 255, 255, 255];
/** Samples of a pixel in each direction. */
const FINE = 4;

/** The ticks: from and to, in parts of the picture's side around its middle, and which colour. */
function ticks(scale, ink, last) {
  return Array.from({ length: 12 }, (_, i) => {
    const angle = (i * Math.PI) / 6;
    const at = radius => [0.5 + Math.sin(angle) * radius * scale, 0.5 - Math.cos(angle) * radius * scale];
    return { from: at(17 / 60), to: at(27 / 60), colour: i === 11 ? last : ink };
  });
}

/** How far a point is from a line. */
function distance([x, y], [ax, ay], [bx, by]) {
  const [dx, dy] = [bx - ax, by - ay];
  const part = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)));
  return Math.hypot(x - ax - part * dx, y - ay - part * dy);
}

/** Whether a point is in a square of the whole side with round corners. */
function inside(x, y, corner) {
  const [dx, dy] = [Math.max(corner - x, x - 1 + corner, 0), Math.max(corner - y, y - 1 + corner, 0)];
  return Math.hypot(dx, dy) <= corner;
}

function chunk(name, data) {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** Draws one: the side in pixels, how large the dial is, how round the corners are, and on what it stands. */
function draw(file, side, { scale = 1, corner = 0, paper = PAPER, ink = INK, last = SIGNAL } = {}) {
  const lines = ticks(scale, ink, last);
  const half = (3 / 60) * scale;
  const rows = Buffer.alloc(side * (1 + 4 * side));
  for (let y = 0; y < side; y++) for (let x = 0; x < side; x++) {
    const sum = [0, 0, 0, 0];
    for (let i = 0; i < FINE * FINE; i++) {
      const point = [(x + ((i % FINE) + 0.5) / FINE) / side, (y + (Math.floor(i / FINE) + 0.5) / FINE) / side];
      const line = lines.find(({ from, to }) => distance(point, from, to) <= half);
      const colour = line?.colour ?? (paper && inside(...point, corner) ? paper : [0, 0, 0, 0]);
      for (const part of [0, 1, 2]) sum[part] += colour[part] * colour[3];
      sum[3] += colour[3];
    }
    const at = y * (1 + 4 * side) + 1 + 4 * x;
    for (const part of [0, 1, 2]) rows[at + part] = sum[3] ? Math.round(sum[part] / sum[3]) : 0;
    rows[at + 3] = Math.round(sum[3] / (FINE * FINE));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(side, 0);
  head.writeUInt32BE(side, 4);
  head.set([8, 6, 0, 0, 0], 8);
  const sign = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  const png = Buffer.concat([sign, chunk('IHDR', head), chunk('IDAT', deflateSync(rows, { level: 9 })), chunk('IEND', Buffer.alloc(0))]);
  writeFileSync(new URL(`../public/icons/${file}`, import.meta.url), png);
  console.log(file, png.length);
}

// Room around the dial where a system cuts its own shape out of it: all that matters is in the middle four fifths.
draw('192.png', 192, { scale: 0.88, corner: 14 / 60 });
draw('512.png', 512, { scale: 0.88, corner: 14 / 60 });
draw('maskable-512.png', 512, { scale: 0.78 });
draw('apple-180.png', 180, { scale: 0.84 });
// A system draws only its shape, in a colour of its own.
draw('badge-96.png', 96, { paper: null, ink: WHITE, last: WHITE });

const line = ({ from, to, colour }) => {
  const [a, b, c, d] = [...from, ...to].map(part => (60 * part).toFixed(2));
  return `<line x1="${a}" y1="${b}" x2="${c}" y2="${d}" stroke="#${colour.slice(0, 3).map(part => part.toString(16).padStart(2, '0')).join('')}"/>`;
};
const svg = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 60" stroke-width="4.68" stroke-linecap="round"><rect width="60" height="60" fill="#faf8f4" stroke="none"/>${ticks(0.78, INK, SIGNAL).map(line).join('')}</svg>\n`;
writeFileSync(new URL('../public/icons/maskable.svg', import.meta.url), svg);
