import { errorCodes, frameTypes } from '../frames.js';
import { type Http2Scenario, type Http2Trial, type Needs, roomy } from '../trial.js';

const inTheClear: Needs = ({ tls }) => !tls;

/** More than 1,000 at once, and Node itself ends the session, with errors on streams that nobody listens to. */
const rapid = 900;

/** A client beside the hostile one, whose work must be done. */
async function beside(trial: Http2Trial, hostile: () => Promise<void>): Promise<void> {
  const session = await trial.connect();
  const work = session.send({ path: '/hold?id=work' });
  await trial.service.entered('work');
  trial.signal();
  await trial.service.state('lame-duck');
  await hostile();
  await trial.service.state('draining');
  trial.service.release('work');
  await work.answer();
  await session.closed;
}

/** Frames that no client may send, and that Node ends the session for. */
const malformed: Readonly<Record<string, (stream: number) => Buffer>> = {
  'a frame larger than was agreed': (stream) => {
    const head = Buffer.from([0xff, 0xff, 0xff, frameTypes.data, 0, 0, 0, 0, stream]);
    return head;
  },
  'a window that overflows': () => {
    const frame = Buffer.from([0, 0, 4, frameTypes.windowUpdate, 0, 0, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff]);
    return frame;
  },
  'fields that cannot be decoded': (stream) => {
    const fields = Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff]);
    const head = Buffer.from([0, 0, fields.length, frameTypes.headers, 0x5, 0, 0, 0, stream + 2]);
    return Buffer.concat([head, fields]);
  },
  'something that is not HTTP': () => Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n'.repeat(40)),
};

export const hostile: readonly Http2Scenario[] = [
  ...Object.entries(malformed).map(
    ([what, bytes]): Http2Scenario => ({
      name: `survives ${what}, in the lame-duck`,
      wants: roomy,
      needs: inTheClear,
      run: (trial) =>
        beside(trial, async () => {
          // Not in the books: nothing is owed to it.
          const client = await trial.connectHostile();
          const stream = client.request({ path: '/' });
          await client.ended(stream);
          const open = client.request({ path: '/never?id=hostile' });
          client.write(bytes(open));
          await client.closed;
        }),
      outcome: { requests: { dropped: 0 } },
    }),
  ),
  {
    name: 'survives a flood of SETTINGS and PING',
    wants: roomy,
    needs: inTheClear,
    run: (trial) =>
      beside(trial, async () => {
        const client = await trial.connectHostile();
        for (let count = 0; count < 5_000; count++) {
          client.send({ type: frameTypes.settings, flags: 0, stream: 0, payload: Buffer.alloc(0) });
          client.send({ type: frameTypes.ping, flags: 0, stream: 0, payload: Buffer.alloc(8) });
        }
        await client.closed;
      }),
  },
  {
    name: 'survives a flood of streams that are taken back at once, and counts none of them',
    wants: roomy,
    needs: inTheClear,
    run: (trial) =>
      beside(trial, async () => {
        const client = await trial.connectHostile();
        for (let count = 0; count < rapid; count++) {
          client.cancel(client.request({ path: '/never?id=rapid' }), errorCodes.cancel);
        }
        await client.closed;
      }),
    outcome: { requests: { inFlightAtStart: 1, served: 1, dropped: 0 } },
  },
  {
    name: 'survives streams that are taken back while their responses are held back',
    needs: inTheClear,
    async run(trial) {
      const client = await trial.connectFrames({ deaf: true });
      const [one, two] = [client.request({ path: '/hold?id=one' }), client.request({ path: '/hold?id=two' })];
      await Promise.all(['one', 'two'].map((id) => trial.service.entered(id)));
      trial.signal();
      await trial.service.state('draining');
      trial.service.release('one');
      await trial.service.entered('one');
      // Neither has ended: the service waits for a PING that nobody answers.
      client.cancel(one, errorCodes.cancel);
      client.cancel(two, errorCodes.cancel);
      await client.closed;
    },
    outcome: { requests: { inFlightAtStart: 2, dropped: 0 }, connections: { told: 1 }, drainMs: [0, 2_000] },
  },
];
