// Fails a run of all that is checked on pages (accessible.spec.ts) in which a page of the site was checked by nothing: one that loses its
// last link is found by nobody who follows links.
import { readFileSync } from 'node:fs';
import type { FullConfig, FullResult, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter';
import { unseen } from '../../scripts/pages.cjs';

const isOne = (test: TestCase) => test.location.file.endsWith('accessible.spec.ts');

export default class EveryPage implements Reporter {
  private all = false;
  private checked = new Set<string>();

  onBegin(_config: FullConfig, suite: Suite) {
    // Of some of its journeys nothing follows, whether they are named, of a line or the only ones; and of a list of them.
    const some = process.argv.some(argument => /^-[gG]|^--(grep|grep-invert|list|shard|last-failed|only-changed|project|test-list)(=|$)|:\d+$/.test(argument));
    const first = suite.allTests().find(isOne);
    this.all = !some && !!first && !/\btest(\.describe)?\.only\(/.test(readFileSync(first.location.file, 'utf8'));
  }

  onTestEnd(test: TestCase, result: TestResult) {
    if (!isOne(test)) return;
    for (const { type, description } of [...test.annotations, ...(result.annotations ?? [])]) {
      if (type === 'checked' && description) this.checked.add(description);
    }
  }

  onEnd(result: FullResult) {
    if (!this.all || result.status !== 'passed') return;
    const missing = unseen(this.checked);
    if (!missing.length) return;
    console.error(`No journey of accessible.spec.ts checked ${missing.join(', ')}: a page needs a link, or a place in scripts/pages.cjs or there.`);
    return { status: 'failed' as const };
  }
}
