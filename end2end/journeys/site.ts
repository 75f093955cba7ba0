// A server of a journey's own, whose clock can be set ahead: for what happens days later.
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Where `clock_ahead_us` stands in the control file of testing/src/shim.c: the fifth of six numbers. */
const CLOCK_AHEAD = 4;

async function freePort(): Promise<number> {
  return new Promise(done => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

/** Options that are secrets: they are told by their variables, since the program takes none from its command line. */
const SECRETS = ['--smtp-url', '--tax-service-key', '--kakao-client-secret', '--kakaopay-key', '--portone-secret', '--portone-webhook-secret'];

export class Site {
  private readonly folder = mkdtempSync(join(tmpdir(), 'fiftynine-journey-'));
  private readonly shim = join(this.folder, 'shim.so');
  private readonly control = join(this.folder, 'faults');
  private program?: ChildProcess;
  private constructor(readonly url: string, private readonly options: string[]) {}

  /** A site with nobody on it, and such `options` of its command, in which `{url}` stands for its own address. */
  static async start(...options: string[]): Promise<Site> {
    const site = new Site(`http://127.0.0.1:${await freePort()}`, options);
    await site.run();
    return site;
  }

  /** The same data, so many seconds later: the program ends and starts again. */
  async later(seconds: number) {
    await this.end();
    if (!existsSync(this.shim)) execFileSync('cc', ['-shared', '-fPIC', '-O1', '-o', this.shim, '../testing/src/shim.c']);
    const faults = new BigInt64Array(6);
    faults[CLOCK_AHEAD] = BigInt(seconds) * 1_000_000n;
    writeFileSync(this.control, Buffer.from(faults.buffer));
    await this.run({ LD_PRELOAD: this.shim, FAULTS_CONTROL: this.control });
  }

  /** Makes whoever signed up with an email an admin, beside the running server. */
  makeAdmin(email: string) {
    execFileSync('../target/debug/fiftynine', ['admin', email, '--data-dir', join(this.folder, 'data')]);
  }

  /** A link by which whoever signed up with an email sets another password, as whoever runs the site passes it on. */
  passwordLink(email: string): string {
    return execFileSync('../target/debug/fiftynine', ['password-link', email, '--data-dir', join(this.folder, 'data')], { encoding: 'utf8' }).trim();
  }

  /** The path of a link that makes an admin of the first who opens it, signed in. */
  adminLink(): string {
    const printed = execFileSync('../target/debug/fiftynine', ['admin-link', '--data-dir', join(this.folder, 'data')], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    const { pathname, search } = new URL(printed.trim());
    return pathname + search;
  }

  /** As if all members had accepted older documents than those of today: the program starts again, and finds it so. */
  async ageTerms() {
    await this.end();
    execFileSync('../target/debug/stand-ins', ['age-terms', join(this.folder, 'data', 'fiftynine.db')]);
    await this.run();
  }

  private async run(clock: Record<string, string> = {}) {
    const options: string[] = [];
    const secrets: Record<string, string> = {};
    for (let i = 0; i < this.options.length; i++) {
      const option = this.options[i].replace('{url}', this.url);
      if (SECRETS.includes(option)) secrets[`FIFTYNINE_${option.slice(2).replaceAll('-', '_').toUpperCase()}`] = this.options[++i];
      else options.push(option);
    }
    const args = [
      'serve', '--weak-passwords', '--trusted-proxies', '1', '--addr', this.url.slice('http://'.length),
      '--data-dir', join(this.folder, 'data'), '--site-dir', '../target/site', ...options,
    ];
    this.program = spawn('../target/debug/fiftynine', args, {
      env: { ...process.env, ...secrets, ...clock, RUST_LOG: 'error' }, stdio: 'inherit',
    });
    // A demonstration that is new writes what it has to show, and waits for the disk a thousand times.
    for (let i = 0; i < 1200; i++) {
      if (await fetch(`${this.url}/readyz`).then(response => response.ok, () => false)) return;
      await new Promise(done => setTimeout(done, 50));
    }
    // Nobody else ends it then.
    await this.end();
    throw new Error('the server did not start');
  }

  private async end(signal: NodeJS.Signals = 'SIGTERM') {
    const program = this.program;
    if (!program || program.exitCode !== null || program.signalCode !== null) return;
    const ended = new Promise(done => program.once('exit', done));
    program.kill(signal);
    await ended;
  }

  async stop() {
    // Nothing of it is kept, and nobody is there who would be answered.
    await this.end('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }
}
