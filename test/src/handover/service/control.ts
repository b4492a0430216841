import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Request } from '../config.js';

/** Answer what is asked on this process's own socket: one line for a line. */
export function obey(answer: (request: Request) => unknown): void {
  const folder = process.env['HANDOVER_CONTROL'];
  if (folder === undefined) return;
  const server = createServer((socket) => {
    socket.unref();
    socket.on('error', () => {});
    createInterface({ input: socket }).on('line', (line) => {
      void Promise.resolve(answer(JSON.parse(line) as Request)).then((value) =>
        socket.write(`${JSON.stringify(value ?? null)}\n`),
      );
    });
  });
  // Nothing of the harness may keep the service alive.
  server.listen(`${folder}/${process.pid}.sock`).unref();
}
