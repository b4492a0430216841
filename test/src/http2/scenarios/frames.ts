import type { FrameClient } from '../frame-client.js';
import { errorCodes } from '../frames.js';
import { type Http2Scenario, type Http2Trial, type Needs, roomy } from '../trial.js';

/** Frames are written in the clear. */
const inTheClear: Needs = ({ tls }) => !tls;

/** What every in-order farewell looks like on the wire. */
async function expectInOrder(
  trial: Http2Trial,
  client: FrameClient,
  streams: readonly number[],
): Promise<void> {
  await Promise.all(streams.map((stream) => client.ended(stream)));
  const goaway = await client.lastGoaway();
  trial.equal(goaway.code, errorCodes.noError, 'the code of GOAWAY');
  trial.equal(goaway.lastStream, Math.max(...streams), 'the last stream of GOAWAY');
  trial.equal(client.resets.length, 0, 'RST_STREAM frames');
  trial.equal((await client.closed).how, 'server', 'how the connection ended');
}

/** A response whose end must come after GOAWAY: a client that asks only then asks elsewhere. */
function goawayFirst(path: string, needs: Needs = inTheClear, method = 'GET'): Http2Scenario {
  return {
    name: `says GOAWAY before a session's only response ends: ${method} ${path}`,
    wants: roomy,
    needs,
    async run(trial) {
      const client = await trial.connectFrames();
      trial.signal();
      await trial.service.state('lame-duck');
      const stream = client.request({ path, method });
      await expectInOrder(trial, client, [stream]);
      const end = client.frames[client.indexOfEnd(stream)];
      const told = client.frames[client.indexOfGoaway];
      // Together is as good: the client reads both before it acts.
      trial.check((told?.at ?? Infinity) <= (end?.at ?? 0), 'GOAWAY came after the end of the response');
    },
    outcome: { requests: { servedInLameDuck: 1, served: 1 }, connections: { told: 1 } },
  };
}

/** The same with several streams: the last end waits until nothing else is on its way here. */
function goawayBeforeLast(path: string, needs: Needs = inTheClear): Http2Scenario {
  return {
    name: `says GOAWAY before the last of several responses ends: ${path}`,
    wants: roomy,
    needs,
    async run(trial) {
      const client = await trial.connectFrames();
      const held = client.request({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      await trial.service.state('lame-duck');
      const other = client.request({ path });
      await client.ended(other);
      const last = client.request({ path });
      trial.service.release('held');
      await expectInOrder(trial, client, [held, other, last]);
      const ends = [held, other, last].map((stream) => client.indexOfEnd(stream));
      trial.check(client.indexOfGoaway < Math.max(...ends), 'GOAWAY came after the last end');
    },
    outcome: { requests: { inFlightAtStart: 1, servedInLameDuck: 2, served: 3 }, connections: { told: 1 } },
  };
}

export const frames: readonly Http2Scenario[] = [
  ...['/', '/slow?ms=5', '/big?bytes=40000', '/empty', '/unchanged'].map((path) => goawayFirst(path)),
  goawayFirst('/', inTheClear, 'HEAD'),
  goawayFirst('/trailers'),
  goawayBeforeLast('/'),
  goawayBeforeLast('/empty'),
  goawayBeforeLast('/unchanged'),
  goawayBeforeLast('/trailers'),
  {
    name: 'serves a request that crosses the end of the last response',
    wants: roomy,
    needs: inTheClear,
    async run(trial) {
      const client = await trial.connectFrames();
      const [one, two] = [client.request({ path: '/hold?id=one' }), client.request({ path: '/hold?id=two' })];
      await Promise.all(['one', 'two'].map((id) => trial.service.entered(id)));
      trial.signal();
      await trial.service.state('lame-duck');
      trial.service.release('one');
      await client.ended(one);
      // Asked in answer to the first, while the second ends.
      const three = client.request({ path: '/hold?id=three' });
      trial.service.release('two');
      await trial.service.entered('three');
      trial.service.release('three');
      await expectInOrder(trial, client, [one, two, three]);
    },
    outcome: { requests: { inFlightAtStart: 2, served: 3 }, connections: { told: 1 } },
  },
  {
    name: 'refuses a request that comes after GOAWAY, and says that it may be sent again',
    needs: inTheClear,
    async run(trial) {
      const client = await trial.connectFrames();
      const stream = client.request({ path: '/hold?id=held' });
      await trial.service.entered('held');
      trial.signal();
      // The first announces it, the second names the last stream.
      await client.untilGoaways(2);
      const late = client.request({ path: '/hold?id=late' });
      trial.service.release('held');
      await client.ended(stream);
      trial.equal((await client.lastGoaway()).lastStream, stream, 'the last stream of GOAWAY');
      trial.equal(client.indexOfEnd(late), -1, 'an answer to what was refused');
      trial.equal(
        trial.service.notices.find((notice) => notice.type === 'entered' && notice.id === 'late'),
        undefined,
        'what the app saw of it',
      );
    },
    outcome: { requests: { inFlightAtStart: 1, served: 1 }, connections: { told: 1 } },
  },
  ...['in the lame-duck', 'at its end'].map((when): Http2Scenario => {
    const inLameDuck = when === 'in the lame-duck';
    return {
      name: `waits for a request head that is half received when an idle session is told, ${when}`,
      wants: { drain: { delayMs: inLameDuck ? 4_000 : 300 } },
      needs: inTheClear,
      async run(trial) {
        const client = await trial.connectFrames();
        const first = client.request({ path: '/' });
        await client.ended(first);
        const half = client.halfRequest({ path: '/hold?id=half' }, 20);
        // What comes behind it proves that the half is here: SETTINGS would be answered before.
        const other = await trial.connectFrames();
        await other.ended(other.request({ path: '/' }));
        trial.signal();
        await (inLameDuck ? other.untilGoaway() : trial.service.state('draining'));
        client.write(half.rest);
        await trial.service.entered('half');
        trial.service.release('half');
        await expectInOrder(trial, client, [first, half.stream]);
      },
      outcome: { requests: { served: 1 }, connections: { told: 2 } },
    };
  }),
  {
    name: 'does not wait for ever for a request head that stays half received',
    needs: inTheClear,
    async run(trial) {
      const client = await trial.connectFrames();
      await client.ended(client.request({ path: '/' }));
      client.halfRequest({ path: '/' }, 20);
      const other = await trial.connectFrames();
      await other.ended(other.request({ path: '/' }));
      trial.signal();
      await client.closed;
    },
    outcome: { requests: { served: 0, dropped: 0 }, connections: { told: 2 }, drainMs: [0, 3_500] },
  },
];
