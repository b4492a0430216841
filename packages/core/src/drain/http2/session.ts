import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';

/** What is known of an HTTP/2 connection beyond its socket. */
export class Session {
  readonly http2: ServerHttp2Session;
  /** The streams that carry a request, from its head to its end. */
  readonly streams: Set<ServerHttp2Stream> = new Set();
  /** The highest there ever was; a client counts upwards (RFC 9113, section 5.1.1). */
  newest = 0;
  /** Whether its client has ever had more than one request open at once. */
  multiplexes = false;
  /** It was this session's turn to go; it goes at its next quiet moment. */
  due = false;
  /** GOAWAY was sent by us. */
  isLeaving = false;
  /** It is waited whether it stays quiet. */
  rests = false;
  /** Once the service is leaving: the streams whose responses have not begun to end. */
  readonly unanswered: Set<ServerHttp2Stream> = new Set();
  /** Ends of responses that are held back while it is looked what else is on its way here. */
  held: (() => void)[] | undefined;

  constructor(http2: ServerHttp2Session) {
    this.http2 = http2;
  }

  begin(stream: ServerHttp2Stream): void {
    this.streams.add(stream);
    if (this.streams.size > 1) this.multiplexes = true;
    this.newest = Math.max(this.newest, stream.id ?? 0);
  }

  get quiet(): boolean {
    return this.streams.size === 0;
  }

  /** Whether it has asked once at most: nobody knows yet whether its client asks several things at once. */
  get isNew(): boolean {
    return this.newest <= 1;
  }

  /** Whether a request head is half received: GOAWAY would name its stream, as if it were answered. */
  get hears(): boolean {
    const { lastProcStreamID: last = 0 } = this.http2.state;
    return last > this.newest;
  }

  /** Whether GOAWAY was sent, by whomever. */
  get told(): boolean {
    return this.isLeaving || this.http2.closed || this.http2.destroyed;
  }
}

/** The socket itself: `session.socket` is a stand-in, which refuses what would break the session and goes before the socket does. */
export function socketOf(session: ServerHttp2Session): Socket {
  // An emitter's methods return the emitter.
  return session.socket.removeListener('close', nobody);
}

function nobody(): void {}
