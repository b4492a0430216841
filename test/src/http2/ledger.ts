import { type Address, Http2Client, type Http2Exchange } from './client.js';

/** Opens sessions and remembers everything that was done on them. */
export class Http2Ledger {
  readonly sessions: Http2Client[] = [];

  async connect(address: Address): Promise<Http2Client> {
    const session = await Http2Client.open(address);
    this.sessions.push(session);
    return session;
  }

  get exchanges(): Http2Exchange[] {
    return this.sessions.flatMap(({ exchanges }) => exchanges);
  }

  /** Requests that somebody waited for and nobody answered: the number that must be 0. */
  get lost(): Http2Exchange[] {
    return this.exchanges.filter(({ fate, request }) => fate === 'lost' && !request.doomed);
  }

  /** Requests that crossed GOAWAY: the client may send them again. */
  get refused(): Http2Exchange[] {
    return this.exchanges.filter(({ fate }) => fate === 'refused');
  }

  /** Drop what is still open, so that nothing outlives a trial. */
  destroy(): void {
    for (const session of this.sessions) session.destroy();
  }
}
