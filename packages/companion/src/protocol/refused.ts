import type { Refusal } from './wire.js';

/** Why a request is refused, for programs, with the status of HTTP (RFC 9110) that says so, too. */
const refusalStatus = {
  malformed: 400,
  unauthorized: 401,
  'not-found': 404,
  method: 405,
  slow: 408,
  conflict: 409,
  'too-large': 413,
  'content-type': 415,
  invalid: 422,
  'too-many': 429,
  'head-too-large': 431,
  internal: 500,
} as const;

/** Why, for programs. */
export type RefusalCode = keyof typeof refusalStatus;

/** A request that is refused: thrown wherever that turns out, answered in one place. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly code: RefusalCode;
  /** Of the answer, beside those that every answer has. */
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: RefusalCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.headers = headers;
  }

  get status(): number {
    return refusalStatus[this.code];
  }

  /** As it goes over the wire. */
  toJSON(): Refusal {
    return { error: { code: this.code, message: this.message } };
  }
}
