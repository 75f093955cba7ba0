// Browser journeys against a real server with demonstration data, on a port and a data folder of its own; or, within
// scripts/cluster, against its nodes. Those tagged @core are everybody's main paths, which `make test` goes; `make journeys`
// goes all of them, and `make faults` all of them on two nodes. Of the core, what is tagged @once as well says nothing new at the second
// size, and is left out there when SHORT is set.
import { defineConfig } from '@playwright/test';

// Sellers of journeys open deals at once: their hours cost nothing, and have room for all of them. Sites of a journey's own go by this as
// well, unless they say otherwise (slots.spec.ts).
process.env.FIFTYNINE_SLOT_PRICE ??= '0';
process.env.FIFTYNINE_DEALS_PER_HOUR ??= '1000';

const port = process.env.PORT ?? '3159';
const nodes = process.env.CLUSTER_NODES?.split(' ');
// Beside the build, unless there is a place for what nobody keeps.
const data = process.env.TMPDIR ? `${process.env.TMPDIR}/fiftynine-journeys` : '../target/journeys';

export default defineConfig({
  testDir: './journeys',
  testIgnore: nodes ? [] : ['**/cluster.spec.ts'],
  // One event opens for everybody at one second: journeys that wait for it run beside one another.
  workers: 3,
  fullyParallel: true,
  // Two cores that are busy take a minute for what takes ten seconds alone.
  timeout: 180_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['./journeys/every-page.ts']],
  forbidOnly: !!process.env.CI,
  // A shared machine may stall for seconds; what fails twice is broken, what fails once is printed as flaky.
  retries: process.env.CI ? 1 : 0,
  use: {
    baseURL: nodes?.[0] ?? `http://127.0.0.1:${port}`,
    locale: 'ko-KR',
    timezoneId: 'Asia/Seoul',
    screenshot: 'only-on-failure',
    // What a journey stands in the way of is asked by the page itself; those about the worker say so (installing.spec.ts, channels.spec.ts).
    serviceWorkers: 'block',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'phone', use: { viewport: { width: 360, height: 780 }, hasTouch: true } },
    { name: 'desktop', grepInvert: process.env.SHORT ? /@once/ : undefined, use: { viewport: { width: 1280, height: 900 } } },
  ],
  webServer: nodes ? undefined : {
    command: `rm -rf ${data} && ../target/debug/fiftynine serve --demo --weak-passwords --trusted-proxies 1 --addr 127.0.0.1:${port} --data-dir ${data} --site-dir ../target/site`,
    url: `http://127.0.0.1:${port}/readyz`,
    timeout: 60_000,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
  },
});
