import { Duplex } from 'node:stream';
import { connect, type ConnectionOptions } from 'node:tls';

/** The first bytes of a TLS client, as Node writes them. */
export function clientHello(options: ConnectionOptions = {}): Promise<Buffer> {
  return new Promise((resolve) => {
    const nowhere = new Duplex({
      read() {},
      write(bytes: Buffer, _encoding, done) {
        resolve(bytes);
        done();
      },
    });
    const client = connect({ ...options, socket: nowhere, rejectUnauthorized: false });
    client.on('error', () => {});
  });
}
