/** A way to a service manager's socket. Node has none of its own: Unix datagrams are not among what `node:dgram` speaks. */
export interface Sender {
  /** What it is, in the log. */
  readonly name: string;
  /** Hand over one datagram. Rejects if it was not taken. */
  send(message: string): Promise<void>;
}
