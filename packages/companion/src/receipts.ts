/// <reference types="node" preserve="true" />
/**
 * Receipts of departures: made, written, read and judged. Loads nothing of the
 * daemon.
 *
 * @packageDocumentation
 */
export { CompanionError, type CompanionErrorCode } from './companion-error.js';
export type { Farewell } from './protocol/wire.js';
export {
  type ExpectedReceipts,
  judgeReceipts,
  type ReceiptFinding,
  type ReceiptsJudgement,
} from './receipts/judge-receipts.js';
export { type DamagedLine, readReceipts, type ReadReceipts } from './receipts/read-receipts.js';
export type {
  DrainReceipt,
  ExitWay,
  ReceiptBody,
  ReceiptHook,
  ReceiptVerdict,
  SeenDeparture,
  SocketsAtExit,
} from './receipts/receipt.js';
export { ReceiptBook, type ReceiptBookOptions } from './receipts/receipt-book.js';
export { receiptOf } from './receipts/receipt-of.js';
export { type CompanionExitCode, exitCodeOf, verdictOf } from './receipts/verdict.js';
