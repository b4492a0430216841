import { knownKeys, wrong } from '../options.js';
import { terminationMessage } from './termination-log.js';
import { ReceiptFile, TerminationLog } from './receipt-file.js';
import { receiptOf } from './receipt-of.js';
import type { DrainReceipt, ReceiptVerdict, SeenDeparture } from './receipt.js';
import { isSealed, sealed } from './seal.js';
import { type CompanionExitCode, exitCodeOf } from './verdict.js';

/** How many receipts are kept at hand: as many as there can be instances. */
const mostAtHand = 256;

/** Where receipts are written to. */
export interface ReceiptBookOptions {
  /**
   * Writes a line to the log; `false` writes none. A pod's log outlives it
   * where somebody collects it, and needs no permission.
   *
   * @defaultValue standard output
   */
  readonly log?: ((line: string) => void) | false;
  /**
   * A file that receipts are added to, in a folder that outlives the container.
   * The book goes on from what is there.
   *
   * @defaultValue none
   */
  readonly file?: string;
  /**
   * The container's termination log (`terminationMessagePath`), where there is
   * one: Kubernetes shows it in the status of the pod.
   *
   * @defaultValue false
   */
  readonly terminationLog?: string | false;
  /**
   * A receipt could not be written to one of them. That keeps nobody from leaving.
   *
   * @defaultValue nothing
   */
  readonly onError?: (error: Error, where: string) => void;
}

/** Where a chain of receipts stands. */
interface Link {
  readonly seq: number;
  readonly hash: string;
}

const before: Link = { seq: 0, hash: '' };

/**
 * The receipts of a companion: numbered, each with the hash of the one before,
 * so that one that is missing or was changed is found out.
 */
export class ReceiptBook {
  readonly #log: (line: string) => void;
  readonly #file: ReceiptFile | undefined;
  readonly #terminationLog: TerminationLog | undefined;
  readonly #onError: (error: Error, where: string) => void;
  readonly #verdicts = new Set<ReceiptVerdict>();
  /** By pod: several companions may share a file. */
  readonly #chains = new Map<string, Link>();
  #receipts: DrainReceipt[] = [];

  /** @throws CompanionError `ERR_COMPANION_OPTION` */
  constructor(options: ReceiptBookOptions = {}) {
    const { log = toStandardOutput, file, terminationLog = false, onError = () => {} } = resolve(options);
    this.#log = log === false ? () => {} : log;
    this.#onError = onError;
    if (terminationLog !== false) this.#terminationLog = new TerminationLog(terminationLog);
    if (file === undefined) return;
    const receiptFile = new ReceiptFile(file);
    this.#file = receiptFile;
    this.#attempt(file, () => {
      for (const receipt of receiptFile.read()) if (isSealed(receipt)) this.#goOnFrom(receipt);
    });
  }

  /** The newest of this process, in order. */
  get receipts(): readonly DrainReceipt[] {
    return this.#receipts;
  }

  /** For what this process has seen leave: 0 clean, 64 forced, 65 dropped, 66 nobody knows. */
  get exitCode(): CompanionExitCode {
    return exitCodeOf(this.#verdicts);
  }

  /** Make the receipt of a departure, and write it everywhere. Never throws. */
  write(seen: SeenDeparture): DrainReceipt {
    const { seq, hash } = this.#chains.get(chainOf(seen)) ?? before;
    const receipt = sealed(receiptOf(seen), seq + 1, hash);
    this.#goOnFrom(receipt);
    this.#verdicts.add(receipt.verdict);
    this.#receipts = [...this.#receipts, receipt].slice(-mostAtHand);

    const line = JSON.stringify(receipt);
    this.#attempt('the log', () => this.#log(line));
    this.#attempt('the file', () => this.#file?.append(line));
    this.#attempt('the termination log', () =>
      this.#terminationLog?.write(terminationMessage(this.#receipts)),
    );
    return receipt;
  }

  #goOnFrom(receipt: DrainReceipt): void {
    if (Number.isSafeInteger(receipt.seq + 1)) this.#chains.set(chainOf(receipt), receipt);
  }

  #attempt(where: string, write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#onError(error instanceof Error ? error : new Error(String(error)), where);
    }
  }
}

function chainOf({ pod, podUid }: { readonly pod: string; readonly podUid: string }): string {
  return JSON.stringify([pod, podUid]);
}

function resolve(options: ReceiptBookOptions): ReceiptBookOptions {
  knownKeys('the options of receipts', options, ['log', 'file', 'terminationLog', 'onError']);
  const { log, file, terminationLog = false, onError } = options;
  if (log !== undefined && log !== false && typeof log !== 'function')
    throw wrong('`log` of receipts to be a function or false', log);
  if (file !== undefined && (typeof file !== 'string' || file === ''))
    throw wrong('`file` of receipts to be a path', file);
  if (terminationLog !== false && (typeof terminationLog !== 'string' || terminationLog === ''))
    throw wrong('`terminationLog` of receipts to be a path or false', terminationLog);
  if (onError !== undefined && typeof onError !== 'function')
    throw wrong('`onError` of receipts to be a function', onError);
  return options;
}

/** Whoever read it may have gone; that must not end the companion. */
function toStandardOutput(line: string): void {
  if (!process.stdout.listeners('error').includes(ignore)) process.stdout.on('error', ignore);
  process.stdout.write(`${line}\n`);
}

function ignore(): void {}
