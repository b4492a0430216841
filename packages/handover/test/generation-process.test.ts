import { expect, it } from 'vitest';
import { GenerationProcess } from '../src/generation/generation-process.js';

it('a descriptor that is not open (EBADF) is a failed start, and no process is left of it', async () => {
  const process_ = new GenerationProcess({
    generation: 2,
    form: 'process',
    launch: { command: [process.execPath, '--eval', ''], cwd: process.cwd(), environment: {} },
    sockets: [{ name: 'http', fd: 9_999, kind: 'tcp' }],
    inheritance: {},
    readyMs: 20_000,
    listenMs: 20_000,
    terminateMs: 1_000,
    detached: false,
    stopSignal: 'SIGTERM',
  });
  expect(await process_.reaches('prepared')).toMatchObject({
    ok: false,
    failure: { code: 'spawn', message: expect.stringContaining('EBADF') as string },
  });
  expect(process_.pid).toBeUndefined();
});
