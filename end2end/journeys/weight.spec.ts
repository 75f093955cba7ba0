// How much code the room page makes a phone load: on a slow one that is the difference between ready and not.
import { execFileSync } from 'node:child_process';
import { expect, test } from '@playwright/test';

/** Kilobytes in brotli of all WASM and JavaScript. Whoever changes it says why: what pays is written in ARCHITECTURE.md. */
const WEIGHT = 195;
/** How much more or less is no news. */
const ROOM = 5;

test('the room page weighs what it is said to weigh', { tag: ['@core', '@once'] }, ({ baseURL }, { project }) => {
  test.skip(!process.env.SHIPPED, 'only of the code as it is shipped: `make test` and `make bench` build it');
  test.skip(project.name !== 'phone', 'the same on every screen');
  const measured = execFileSync('node', ['../bench/room.mjs', baseURL ?? '', 'weight'], { encoding: 'utf8' });
  const weight = Number(measured.match(/ratio entry_page_kb ([\d.]+)/)?.[1]);
  expect(weight, measured).toBeLessThan(WEIGHT + ROOM);
  expect(weight, `write the new number down: ${measured}`).toBeGreaterThan(WEIGHT - ROOM);
});
