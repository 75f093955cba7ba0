// Servers in the place of those beside the site: who takes payments, and who says who somebody is.
import { spawn, type ChildProcess } from 'node:child_process';

export interface StandIns {
  kakaopay: { url: string; key: string; cid: string };
  portone: { url: string; secret: string; store: string; channel: string; webhookSecret: string };
  kakao: { url: string; id: string; secret: string };
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
