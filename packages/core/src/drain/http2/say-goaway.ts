import type { Connection } from '../connection.js';
import { halfClose } from '../linger.js';
import type { Session } from './session.js';

const noError = 0;
/** The highest there can be: whatever comes until the next GOAWAY is begun. */
const everyStream = 2 ** 31 - 1;
/** How many turns of the event loop a GOAWAY may take to leave, to a client that reads slowly. */
const turns = 500;

/**
 * Say that the session takes no more, and close it when its last stream is
 * done, at once if there is none.
 *
 * By two GOAWAY frames, as RFC 9113, section 6.8 has it, though the second
 * comes right behind the first and says which stream was the last. Closing
 * the session at once would refuse a request that comes before its GOAWAY has
 * left, and that makes Node use memory it has freed (nodejs/node#64113).
 */
export function sayGoaway(connection: Connection): void {
  const { session, socket } = connection;
  if (!session || session.told) return;
  connection.end ??= 'told';
  session.isLeaving = true;
  // When its last stream is done, Node says that nothing more will come, and then waits for the client to say so too.
  socket.once('finish', () => halfClose(socket));
  session.http2.goaway(noError, everyStream);
  closeOnceSaid(session, turns);
}

function closeOnceSaid(session: Session, turnsLeft: number): void {
  setImmediate(() => {
    const { http2 } = session;
    if (http2.destroyed) return;
    const { outboundQueueSize: queued = 0 } = http2.state;
    if (turnsLeft > 0 && (queued > 0 || session.hears)) closeOnceSaid(session, turnsLeft - 1);
    else http2.close();
  });
}
