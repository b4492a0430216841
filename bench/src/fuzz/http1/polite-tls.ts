import { once } from 'node:events';
import { connect, type TLSSocket } from 'node:tls';
import type { Kind, Visit } from '../protocol.js';
import { inPieces, Relay, straight } from '../suite.js';
import { goOn, openOrNothing } from './pace.js';

/** A handshake that takes its time; who gets through it is owed an answer. */
async function shakeHandsSlowly(visit: Visit): Promise<void> {
  const { trial, random } = visit;
  using line = await Relay.to(
    trial.service.address(),
    inPieces(random.between(60, 400), random.between(1, 8)),
    straight,
  );
  await goOn(
    visit,
    { thinkMs: () => 0, once: true, connect: () => openOrNothing(trial.clients.connect(line.address)) },
    (connection) => connection.send({ path: '/' }).settled(),
  );
}

/** Comes back with the session of the last time. */
async function resume(visit: Visit): Promise<void> {
  const { trial, random } = visit;
  const { host, port } = trial.service.address();
  const maxVersion = random.pick(['TLSv1.2', 'TLSv1.3'] as const);
  let session: Buffer | undefined;
  const open = async (): Promise<TLSSocket | undefined> => {
    const socket = connect({
      host,
      port,
      maxVersion,
      rejectUnauthorized: false,
      ...(session && { session }),
    });
    socket.on('session', (fresh: Buffer) => {
      session = fresh;
    });
    try {
      await once(socket, 'secureConnect');
      return socket;
    } catch {
      return undefined;
    }
  };
  await goOn(
    visit,
    {
      thinkMs: () => random.between(0, 20),
      once: true,
      async connect() {
        const hadSession = session !== undefined;
        const socket = await open();
        if (!socket) return undefined;
        trial.equal(socket.isSessionReused(), hadSession, `a ${maxVersion} session was resumed`);
        return trial.clients.over(socket);
      },
    },
    (connection) => connection.send({ path: '/' }).settled(),
  );
}

/** Clients to whom a service owes an answer, over HTTP/1.1 with TLS. */
export const politeTls: readonly Kind[] = [
  { name: 'TLS: slow handshakes', manners: 'good', visit: shakeHandsSlowly },
  { name: 'TLS: resumed sessions', manners: 'good', visit: resume },
];
