import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import type { Load } from './load.js';

/** Requests under way at a time in each session. */
const streams = 4;

async function ask(session: ClientHttp2Session): Promise<void> {
  const stream = session.request({ ':path': '/orders/42', accept: 'application/json' });
  let body = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  await once(stream, 'close');
  if (!body.includes('"paid":true}')) throw new Error(`Expected the order, got ${body.slice(0, 80)}`);
}

/** Sessions of HTTP/2 in the clear, with a few requests in each at a time. */
export async function openHttp2(port: number, connections: number): Promise<Load> {
  const sessions = Array.from({ length: connections }, () => connect(`http://127.0.0.1:${port}`));
  await Promise.all(sessions.map(ask));
  return {
    async send(total) {
      let sent = 0;
      const client = async (session: ClientHttp2Session) => {
        while (sent < total) {
          sent += 1;
          await ask(session);
        }
      };
      await Promise.all(
        sessions.flatMap((session) => Array.from({ length: streams }, () => client(session))),
      );
    },
    async close() {
      await Promise.all(
        sessions.map((session) => {
          session.close();
          return once(session, 'close');
        }),
      );
    },
  };
}
