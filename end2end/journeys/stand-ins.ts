// Servers in the place of those beside the site: who takes payments, who says who somebody is, who knows businesses, and who takes mail.
import { spawn, type ChildProcess } from 'node:child_process';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { type Page, expect } from '@playwright/test';

export interface StandIns {
  kakaopay: { url: string; key: string; cid: string };
  portone: { url: string; secret: string; store: string; channel: string; webhookSecret: string };
  kakao: { url: string; id: string; secret: string };
}

/** The options of a site by which people pay at KakaoPay and PortOne. */
export function payingAt({ kakaopay, portone }: StandIns): string[] {
  return [
    '--kakaopay-url', kakaopay.url, '--kakaopay-key', kakaopay.key, '--kakaopay-cid', kakaopay.cid,
    '--portone-url', portone.url, '--portone-sdk', `${portone.url}/v2/browser-sdk.js`, '--portone-secret', portone.secret,
    '--portone-store', portone.store, '--portone-channel', portone.channel, '--portone-webhook-secret', portone.webhookSecret,
  ];
}

/** The options of a site where people sign in by Kakao. */
export function signingInAt({ kakao }: StandIns): string[] {
  return ['--kakao-issuer', kakao.url, '--kakao-client-id', kakao.id, '--kakao-client-secret', kakao.secret];
}

/** Somebody agrees at Kakao, as whoever they are. */
export async function agree(page: Page, id: string, email = '') {
  await expect(page.getByRole('heading', { name: '카카오 로그인' })).toBeVisible();
  await page.getByLabel('누구').fill(id);
  await page.getByLabel('이메일').fill(email);
  await page.getByRole('button', { name: '동의하고 계속하기' }).click();
}

/** All of them, until the program that they are ends. */
export async function standIns(): Promise<[StandIns, ChildProcess]> {
  const program = spawn('../target/debug/stand-ins', { stdio: ['pipe', 'pipe', 'inherit'] });
  const started = await new Promise<string>((done, failed) => {
    program.once('error', failed);
    program.stdout.once('data', said => done(String(said)));
  });
  return [JSON.parse(started), program];
}

/** Knows every business, each of which goes on, as the national tax service says it (engine/src/sellers/tax_service.rs). */
export class TaxService {
  readonly key = 'a-key-of-the-portal';
  private readonly server = createHttpServer(async (request, response) => {
    let asked = '';
    for await (const part of request) asked += part;
    const { pathname, searchParams } = new URL(request.url!, 'http://stand-in');
    if (searchParams.get('serviceKey') !== this.key) return response.writeHead(401).end();
    const { businesses, b_no } = JSON.parse(asked);
    const number = businesses?.[0].b_no ?? b_no[0];
    const status = { b_no: number, b_stt_cd: '01' };
    const about = pathname === '/validate' ? { b_no: number, valid: '01', status } : status;
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ status_code: 'OK', data: [about] }));
  });

  static async start(): Promise<TaxService> {
    const service = new TaxService();
    await new Promise<void>(done => { service.server.listen(0, '127.0.0.1', done); });
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop() {
    this.server.close();
    this.server.closeAllConnections();
  }
}

/** Takes letters by SMTP (RFC 5321), and keeps them. */
export class Mails {
  private readonly letters: { to: string; text: string }[] = [];
  private readonly server: Server;

  private constructor() {
    this.server = createServer(socket => {
      const say = (answer: string) => socket.write(`${answer}\r\n`);
      let [rest, to] = ['', ''];
      let letter: string[] | undefined;
      const take = (line: string) => {
        if (letter && line !== '.') return letter.push(line.replace(/^\./, ''));
        if (letter) {
          this.letters.push({ to, text: letter.join('\r\n') });
          letter = undefined;
          return say('250 taken');
        }
        switch (line.slice(0, 4).toUpperCase()) {
          case 'EHLO': return say('250-stand-in\r\n250-8BITMIME\r\n250 SMTPUTF8');
          case 'RCPT':
            to = line.match(/<(.*?)>/)?.[1] ?? '';
            return say('250 ok');
          case 'DATA':
            letter = [];
            return say('354 go on');
          case 'QUIT':
            say('221 bye');
            return socket.end();
          default: return say('250 ok');
        }
      };
      socket.setEncoding('utf8');
      socket.on('error', () => {});
      socket.on('data', (data: string) => {
        const lines = (rest + data).split('\r\n');
        rest = lines.pop() ?? '';
        lines.forEach(take);
      });
      say('220 stand-in ready');
    });
  }

  static async start(): Promise<Mails> {
    const mails = new Mails();
    await new Promise<void>(done => { mails.server.listen(0, '127.0.0.1', done); });
    return mails;
  }

  get url(): string {
    return `smtp://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Waits for a letter to an address that leads to a page of the site whose address has `path` in it: where it leads. */
  async link(to: string, path: string): Promise<string> {
    const found = () => {
      const leads = this.letters.filter(letter => letter.to === to).flatMap(letter => words(letter.text).match(/https?:\/\/[^\s<>"]+/g) ?? []);
      return leads.find(lead => lead.includes(path));
    };
    await expect.poll(found, { message: `a letter to ${to}`, timeout: 30_000 }).toBeDefined();
    return found()!;
  }

  stop() {
    this.server.close();
  }
}

/** What a letter says as plain text, which is its first part, in whichever way that is written (RFC 2045). */
function words(letter: string): string {
  const boundary = letter.match(/boundary="?([^"\r\n;]+)/)?.[1];
  const [head, ...body] = letter.split(`--${boundary}`)[1]?.split('\r\n\r\n') ?? [''];
  const text = body.join('\r\n\r\n');
  const way = head.match(/content-transfer-encoding: *(\S+)/i)?.[1].toLowerCase();
  if (way === 'base64') return Buffer.from(text, 'base64').toString();
  if (way !== 'quoted-printable') return text;
  const bytes = text.replace(/=\r\n/g, '').replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
