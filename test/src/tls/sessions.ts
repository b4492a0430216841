import { constants } from 'node:crypto';
import { once } from 'node:events';
import type { ConnectionOptions, TLSSocket } from 'node:tls';
import { type Connection } from '@graceful/conformance/client';
import type { Trial } from '../harness/trial.js';
import type { Scenario } from '../scenarios/scenario.js';
import { shakeHands } from './handshake.js';

/** The ways in which a client comes back without a whole handshake. */
const ways: Readonly<Record<string, ConnectionOptions>> = {
  'TLS 1.2, by session ID': { maxVersion: 'TLSv1.2', secureOptions: constants.SSL_OP_NO_TICKET },
  'TLS 1.2, by ticket': { maxVersion: 'TLSv1.2' },
  'TLS 1.3, by ticket': { minVersion: 'TLSv1.3' },
};

interface Visit {
  readonly socket: TLSSocket;
  readonly connection: Connection;
  /** To come back with. */
  readonly session: Promise<Buffer>;
}

async function visit(trial: Trial, options: ConnectionOptions): Promise<Visit> {
  const socket = await shakeHands(trial.service.address(), options);
  // In TLS 1.2 it is known by now; in TLS 1.3 a ticket comes with the first answer.
  const known = socket.getProtocol() === 'TLSv1.2' ? socket.getSession() : undefined;
  const session = known ? Promise.resolve(known) : once(socket, 'session').then(([fresh]) => fresh as Buffer);
  return { socket, connection: trial.clients.over(socket), session };
}

/** Comes once, asks, and is gone; what it may come back with. */
async function sessionOf(trial: Trial, options: ConnectionOptions): Promise<Buffer> {
  const { connection, session } = await visit(trial, options);
  await connection.ask({ path: '/' });
  connection.close();
  return session;
}

async function comeBack(trial: Trial, how: string, session: Buffer): Promise<Visit> {
  const again = await visit(trial, { ...ways[how], session });
  trial.check(again.socket.isSessionReused(), `not resumed: ${how}`);
  return again;
}

const names = Object.keys(ways);

export const sessions: readonly Scenario[] = [
  {
    name: 'resumes sessions in the lame-duck, those from before it, more than once, and those begun in it',
    wants: { drain: { delayMs: 3_000 } },
    async run(trial) {
      const before = await Promise.all(Object.values(ways).map((options) => sessionOf(trial, options)));
      trial.signal();
      await trial.service.state('lame-duck');
      for (const [index, how] of names.entries()) {
        for (const session of [before[index], before[index]] as Buffer[]) {
          const { connection } = await comeBack(trial, how, session);
          trial.check((await connection.ask({ path: '/' })).saysClose, `${how}: not told`);
        }
        const fresh = await sessionOf(trial, ways[how] as ConnectionOptions);
        await (await comeBack(trial, how, fresh)).connection.ask({ path: '/' });
      }
    },
    outcome: { requests: { servedInLameDuck: 4 * names.length }, connections: { told: 4 * names.length } },
  },
  {
    name: 'answers on a resumed connection that was silent until the listener had closed',
    async run(trial) {
      const before = await Promise.all(Object.values(ways).map((options) => sessionOf(trial, options)));
      const silent = await Promise.all(
        names.map((how, index) => comeBack(trial, how, before[index] as Buffer)),
      );
      trial.signal();
      await trial.service.state('draining');
      await Promise.all(silent.map(({ connection }) => connection.ask({ path: '/' })));
    },
    outcome: { requests: { served: names.length }, connections: { told: names.length, idle: 0 } },
  },
];
