import { existsSync } from 'node:fs';
import { type DrainReceipt, judgeReceipts, readReceipts } from '@graceful/companion/receipts';
import type { Ledger } from '@graceful/conformance/client';
import type { ShutdownReport } from '@graceful/core';
import type { Pod, PodEnd } from '@graceful/rehearsal/kubelet';
import { receiptsFile } from '@graceful/test/kubelet/templates.js';
import type { Outcome } from './outcome.js';
import type { Plan } from './plan.js';

/** A machine that does other work stands still for so long at times, in milliseconds. */
const standstillMs = 1_000;

/** All that is known when a run is over. */
export interface Evidence {
  readonly plan: Plan;
  readonly killed: boolean;
  readonly pod: Pod;
  readonly end: PodEnd;
  readonly ledger: Ledger;
  readonly folder: string;
  readonly reports: readonly ShutdownReport[];
}

type Judged = Pick<Outcome, 'deadlineMs' | 'lost' | 'told' | 'verdicts' | 'violations'>;

/** Hold a run against what must be true of each: it ends in time, and nobody is told anything that is not so. */
export async function judge(evidence: Evidence): Promise<Judged> {
  const { plan, end, ledger } = evidence;
  const violations: string[] = [];
  // What is spent is rounded down to seconds, for the hook and for the turn; then 2 s.
  const deadlineMs = (end.graceSeconds + 2 + 2) * 1_000;
  if (end.durationMs > deadlineMs + standstillMs)
    violations.push(`it took ${end.durationMs.toFixed(0)} ms, and ${deadlineMs} ms are allowed`);
  const lost = ledger.lost.length;
  const of = plan.topology === 'companion' ? await ofReceipts(evidence, lost) : ofReports(evidence, lost);
  return { deadlineMs, lost, ...of, violations: [...violations, ...of.violations] };
}

function hit({ plan, killed }: Evidence): boolean {
  return killed && (plan.victim === 'app' || plan.victim === 'worker');
}

/** Without a companion: who leaves by itself says what it dropped; who is killed says nothing. */
function ofReports(evidence: Evidence, lost: number): Omit<Judged, 'deadlineMs' | 'lost'> {
  const { reports, pod, plan, end } = evidence;
  const violations: string[] = [];
  const told = reports.reduce((sum, { requests }) => sum + requests.dropped, 0);
  const killedByKubelet = end.containers.some(({ name, killed }) => name === 'app' && killed);
  // Of an eviction no network is told: who comes to a door that is just being closed is lost, and the service cannot know of them.
  const comparable = plan.end === 'deletion' && !hit(evidence) && !killedByKubelet;
  if (comparable && told !== lost) violations.push(`${lost} requests were lost, and the reports say ${told}`);
  // A service that was killed left no report, and every other one did.
  const starts = pod.events.filter((event) => event.type === 'started').length;
  const fewest = starts - (hit(evidence) || killedByKubelet ? 1 : 0);
  if (plan.topology === 'plain' && (reports.length > starts || reports.length < fewest))
    violations.push(`${starts} starts, and ${reports.length} reports`);
  return { told, verdicts: reports.map(({ verdict }) => verdict), violations };
}

/** With one: a chain that holds, no departure without a receipt, and none called clean in which something was lost. */
async function ofReceipts(evidence: Evidence, lost: number): Promise<Omit<Judged, 'deadlineMs' | 'lost'>> {
  const { folder, pod, plan, killed } = evidence;
  const file = receiptsFile(folder, pod);
  const read = existsSync(file) ? await readReceipts([file]) : { receipts: [], damaged: [] };
  const { receipts } = read;
  const judgement = judgeReceipts(read);
  const violations = judgement.findings
    .filter(({ code }) => code !== 'not-clean' && code !== 'none')
    .map(({ message }) => `the chain: ${message}`);
  const verdicts = receipts.map(({ verdict }) => verdict);
  const told = receipts.reduce((sum, { dropped }) => sum + dropped, 0);
  if (lost > 0 && judgement.ok && plan.end === 'deletion')
    violations.push(`${lost} requests were lost, and every receipt says clean`);
  violations.push(...ofKilled(evidence, receipts));
  // Nobody of the service was harmed, and the companion had time to come back: its departure was seen.
  const undisturbed = !killed || (plan.victim === 'companion' && plan.phase === 'serving');
  if (undisturbed && plan.end === 'deletion') {
    const expected = plan.stuck > 0 ? 'dropped' : 'clean';
    if (receipts.length !== 1 || verdicts[0] !== expected)
      violations.push(`expected one receipt, ${expected}, got ${verdicts.join(', ') || 'none'}`);
    if (lost !== told) violations.push(`${lost} requests were lost, and the receipts say ${told}`);
  }
  return { told, verdicts, violations };
}

/** Whoever was killed in the middle of its work said no goodbye, and nobody may say one for it. */
function ofKilled({ plan, killed, pod, reports }: Evidence, receipts: readonly DrainReceipt[]): string[] {
  if (!killed || plan.victim !== 'app') return [];
  const starts = pod.events.filter(
    (event) => event.type === 'started' && 'container' in event && event.container === 'app',
  ).length;
  const violations: string[] = [];
  const clean = receipts.filter(({ verdict }) => verdict === 'clean').length;
  if (clean > reports.length) violations.push(`${clean} clean receipts, and ${reports.length} reports`);
  if (receipts.length > starts) violations.push(`${starts} starts, and ${receipts.length} receipts`);
  // The first one had registered, whatever became of it.
  if (receipts.length === 0) violations.push('a service was killed, and there is no receipt of it');
  return violations;
}
