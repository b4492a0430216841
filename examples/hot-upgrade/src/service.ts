import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGraceful } from '@graceful/core';
import { handover } from '@graceful/handover';

/** A service that can be replaced while it runs: two lines more than one that cannot. */
export async function serve(version: string): Promise<void> {
  const graceful = createGraceful();
  const { generation } = handover(graceful, { pidFile: process.env['PID_FILE'] ?? 'service.pid' });

  const server = createServer((request, response) => {
    // `GET /?ms=2000` takes two seconds: something that an upgrade must not cut.
    const { searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const ms = Math.min(Number(searchParams.get('ms')) || 0, 30_000);
    void sleep(ms).then(() => {
      response.setHeader('Generation', generation);
      response.end(`version ${version}, generation ${generation}, pid ${process.pid}\n`);
    });
  });
  await graceful.listen(server, { port: Number(process.env['PORT'] || 3_000), name: 'http' });
}
