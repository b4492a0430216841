import { createServer as createNetServer } from 'node:net';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createGraceful } from '../src/create-graceful.js';
import type { Drainable } from '../src/drain/drainable.js';
import { type GracefulErrorCode, isGracefulError } from '../src/errors.js';
import type { GracefulOptions } from '../src/options.js';
import { quietGraceful, thrownBy } from './support/graceful.js';
import { closeServer, serve } from './support/http.js';

/** Values that users of JavaScript hand over and that the types forbid. */
const any = (value: unknown) => value as never;

/** The call must throw `code`, in words that name each of `words`. */
async function refuses(call: () => unknown, code: GracefulErrorCode, ...words: string[]): Promise<void> {
  const error = await thrownBy(call);
  if (!isGracefulError(error)) throw error;
  expect(error.code).toBe(code);
  // The code stands first, for many tools show nothing but the message.
  expect(error.message).toMatch(new RegExp(`^${code}: Expected `));
  for (const word of words) expect(error.message).toContain(word);
}

const drainable = (overrides: Record<string, unknown> = {}): Drainable => ({
  name: 'queue',
  stopAccepting() {},
  drained: async () => {},
  force: () => 0,
  ...overrides,
});

const range = 'milliseconds from 0 to 2147483647';

describe('createGraceful refuses', () => {
  const wrong: [what: string, options: unknown, ...words: string[]][] = [
    ['options that are no object', 5, 'the options', 'an object', '5'],
    ['options that are null', null, 'null'],
    ['an option that is misspelt', { logge: false }, 'logger', '"logge"'],

    ['a negative budget', { drain: { delayMs: -1 } }, '`drain.delayMs`', range, '-1'],
    ['a budget that is text', { drain: { requestsMs: '15s' } }, '`drain.requestsMs`', range, '"15s"'],
    ['a budget that is text of digits', { drain: { requestsMs: '15000' } }, '`drain.requestsMs`', '"15000"'],
    ['a budget that is not a number', { drain: { hooksMs: Number.NaN } }, '`drain.hooksMs`', range, 'NaN'],
    ['a budget without end', { drain: { requestsMs: Infinity } }, '`drain.requestsMs`', 'Infinity'],
    [
      'a budget longer than a timer can wait',
      { drain: { idleMs: 2 ** 31 } },
      '`drain.idleMs`',
      range,
      '2147483648',
    ],
    ['a budget that is null', { drain: { delayMs: null } }, '`drain.delayMs`', 'null'],
    ['a budget that is a bigint', { drain: { delayMs: 5n } }, '`drain.delayMs`'],
    ['a budget that is misspelt', { drain: { delay: 5 } }, 'delayMs', '"delay"'],
    ['budgets that are no object', { drain: 5_000 }, '`drain`', '5000'],
    [
      'an adaptive delay without its end',
      { drain: { delayMs: { minMs: 0, quietMs: 1 } } },
      '`drain.delayMs.maxMs`',
      'undefined',
    ],
    [
      'an adaptive delay with another key',
      { drain: { delayMs: { minMs: 0, maxMs: 1, quietMs: 1, max: 2 } } },
      '"max"',
    ],
    [
      'an adaptive delay that begins after its end',
      { drain: { delayMs: { minMs: 9, maxMs: 8, quietMs: 1 } } },
      'minMs',
      '8',
      '9',
    ],
    ['an adaptive delay that is an array', { drain: { delayMs: [1, 2] } }, '`drain.delayMs'],

    [
      'a probe path without its slash',
      { probes: { liveness: 'healthz' } },
      '`probes.liveness`',
      '"/healthz"',
      '"healthz"',
    ],
    [
      'a probe path with a query',
      { probes: { readiness: '/readyz?full' } },
      '`probes.readiness`',
      '"/readyz?full"',
    ],
    ['a probe path that is true', { probes: { startup: true } }, '`probes.startup`', 'true'],
    ['an empty probe path', { probes: { startup: '' } }, '`probes.startup`', '""'],
    [
      'one path for two probes',
      { probes: { liveness: '/x', readiness: '/x' } },
      '`probes.readiness`',
      '"/x"',
      '`probes.liveness`',
    ],
    ['a probe that does not exist', { probes: { health: '/x' } }, 'liveness, readiness, startup', '"health"'],
    ['a probe port that is none', { probes: { port: 70_000 } }, '`probes.port`', 'from 0 to 65535', '70000'],
    ['a probe port that is text', { probes: { port: '9090' } }, '`probes.port`', '"9090"'],
    ['probes that are true', { probes: true }, '`probes`', 'true'],

    ['a logger that is a function', { logger: console.log }, '`logger`', 'function'],
    ['a logger that is true', { logger: true }, '`logger`', 'true'],
    ['a logger that cannot warn', { logger: { info() {}, error() {} } }, '`logger.warn`', 'undefined'],
    ['metrics without a registry', { metrics: {} }, '`metrics.register`', 'undefined'],
    ['metrics that are true', { metrics: true }, '`metrics`', 'true'],
    ['a registry that is none', { metrics: { register: {} } }, '`metrics.register`', 'prom-client'],

    ['signals that are no array', { signals: 'SIGTERM' }, '`signals`', 'an array', '"SIGTERM"'],
    ['a signal that is misspelt', { signals: ['SIGTREM'] }, '`signals`', '"SIGTREM"'],
    ['a signal in small letters', { signals: ['sigterm'] }, '"sigterm"'],
    ['a signal that is a number', { signals: [15] }, '15'],
    ['a signal that nobody can catch', { signals: ['SIGTERM', 'SIGKILL'] }, 'may handle', '"SIGKILL"'],
    ['an exit that is a code', { exit: 0 }, '`exit`', 'a function', '0'],
  ];

  it.each(wrong)('%s', async (_, options, ...words) => {
    const before = process.eventNames().map((name) => [name, process.listenerCount(name)]);
    await refuses(() => createGraceful(any(options)), 'ERR_GRACEFUL_OPTION', ...words);
    // And leaves nothing behind.
    expect(process.eventNames().map((name) => [name, process.listenerCount(name)])).toEqual(before);
  });

  const right: [string, GracefulOptions][] = [
    ['no option at all', {}],
    ['budgets of 0', { drain: { delayMs: 0, requestsMs: 0, hooksMs: 0, idleMs: 0 } }],
    ['the longest budget that a timer can wait', { drain: { requestsMs: 2 ** 31 - 1 } }],
    ['parts of a millisecond', { drain: { delayMs: 0.5 } }],
    [
      'undefined for "not given"',
      any({ drain: { delayMs: undefined }, probes: undefined, metrics: undefined }),
    ],
    ['an adaptive delay that may end at once', { drain: { delayMs: { minMs: 0, maxMs: 0, quietMs: 0 } } }],
    ['probes switched off', { probes: false }],
    ['one probe switched off', { probes: { liveness: false } }],
    ['signals named twice', { signals: ['SIGHUP', 'SIGHUP'] }],
  ];

  it.each(right)('not %s', (_, options) => {
    expect(quietGraceful(options).state).toBe('starting');
  });
});

describe('onShutdown refuses', () => {
  const graceful = () => {
    const made = quietGraceful();
    made.onShutdown('pool', () => {});
    return made;
  };

  const options: [what: string, options: unknown, code: GracefulErrorCode, ...words: string[]][] = [
    ['an unknown phase', { phase: 'end' }, 'ERR_GRACEFUL_PHASE', '"drain", "close", "flush"', '"end"'],
    ['an unknown phase of null', { phase: null }, 'ERR_GRACEFUL_PHASE', 'null'],
    ['a misspelt option', { phse: 'drain' }, 'ERR_GRACEFUL_OPTION', 'phase', '"phse"'],
    ['options that are text', 'drain', 'ERR_GRACEFUL_OPTION', '"drain"'],
    ['a negative timeout', { timeoutMs: -5 }, 'ERR_GRACEFUL_OPTION', '`timeoutMs`', '"x"', range, '-5'],
    ['an `after` that is a number', { after: 5 }, 'ERR_GRACEFUL_OPTION', '`after`', '"x"', '5'],
    ['an `after` with an empty name', { after: ['pool', ''] }, 'ERR_GRACEFUL_OPTION', '`after`', '""'],
    ['a hook that comes after itself', { after: 'x' }, 'ERR_GRACEFUL_HOOK_CYCLE', '"x" after "x"'],
  ];

  it.each(options)('%s', async (_, given, code, ...words) => {
    const made = graceful();
    await refuses(() => made.onShutdown('x', () => {}, any(given)), code, ...words);
    // What was refused is not there: its name is free.
    made.onShutdown('x', () => {});
  });

  it('a name that is taken', () =>
    refuses(
      () => graceful().onShutdown('pool', () => {}),
      'ERR_GRACEFUL_DUPLICATE_HOOK',
      '"pool"',
      'another name',
    ));

  it.each([undefined, '', 5])('%o for a name', (name) =>
    refuses(() => graceful().onShutdown(any(name), () => {}), 'ERR_GRACEFUL_OPTION', 'the name of a hook'),
  );

  it('something that cannot be run', () =>
    refuses(
      () => graceful().onShutdown('x', any(Promise.resolve())),
      'ERR_GRACEFUL_OPTION',
      '"x"',
      'a function',
      'Promise',
    ));

  it('a circle, and draws it', async () => {
    const made = graceful();
    made.onShutdown('a', () => {}, { after: 'b' });
    made.onShutdown('b', () => {}, { after: 'c' });
    await refuses(
      () => made.onShutdown('c', () => {}, { after: 'a' }),
      'ERR_GRACEFUL_HOOK_CYCLE',
      'circle',
      '"a"',
      '"b"',
      '"c"',
    );
  });

  it('to come after a hook of a later phase', async () => {
    const made = graceful();
    await refuses(
      () => made.onShutdown('consumer', () => {}, { phase: 'drain', after: 'pool' }),
      'ERR_GRACEFUL_HOOK_CYCLE',
      '"consumer"',
      '"drain"',
      '"pool"',
      '"close"',
    );
  });

  it('a hook of a later phase that another one comes after already', async () => {
    const made = quietGraceful();
    made.onShutdown('pool', () => {}, { after: 'log' });
    await refuses(
      () => made.onShutdown('log', () => {}, { phase: 'flush' }),
      'ERR_GRACEFUL_HOOK_CYCLE',
      '"pool"',
      '"log"',
    );
  });

  it('nothing for a name that may still be registered', () => {
    const made = quietGraceful();
    made.onShutdown('pool', () => {}, { after: 'consumer' });
    made.onShutdown('consumer', () => {}, { phase: 'drain' });
    made.ready();
    expect(made.state).toBe('ready');
  });
});

describe('an `after` that names nobody', () => {
  const incomplete = () => {
    const made = quietGraceful({ drain: { delayMs: 0 } });
    made.onShutdown('pool', () => {}, { after: 'cosumer' });
    made.onShutdown('consumer', () => {}, { phase: 'drain' });
    return made;
  };

  it('is an error at the start, never at the shutdown: ready()', async () => {
    const made = incomplete();
    await refuses(
      () => made.ready(),
      'ERR_GRACEFUL_HOOK_UNKNOWN',
      '"pool"',
      '"cosumer"',
      'There are "consumer"',
    );
    expect(made.state).toBe('starting');
    expect(await made.shutdown('test')).toMatchObject({ verdict: 'clean' });
  });

  it('is an error at the start, never at the shutdown: listen()', async () => {
    await refuses(
      () => incomplete().listen(() => {}, { port: 0 }),
      'ERR_GRACEFUL_HOOK_UNKNOWN',
      '"pool"',
      '"cosumer"',
    );
  });

  it('says so where there is no other hook at all', async () => {
    const made = quietGraceful();
    made.onShutdown('pool', () => {}, { after: 'consumer' });
    await refuses(() => made.ready(), 'ERR_GRACEFUL_HOOK_UNKNOWN', 'no other hook');
  });
});

describe('addCheck refuses', () => {
  it('a name that is taken', async () => {
    const made = quietGraceful();
    made.addCheck('postgres', () => {});
    await refuses(
      () => made.addCheck('postgres', () => {}),
      'ERR_GRACEFUL_DUPLICATE_CHECK',
      '"postgres"',
      'another name',
    );
  });

  const options: [what: string, options: unknown, ...words: string[]][] = [
    ['a negative timeout', { timeoutMs: -1 }, '`timeoutMs`', '"x"', range, '-1'],
    ['an interval that is text', { everyMs: '5s' }, '`everyMs`', '"5s"'],
    ['a limit that is no number', { staleMs: Number.NaN }, '`staleMs`', 'NaN'],
    ['a misspelt option', { timeout: 5 }, 'timeoutMs', '"timeout"'],
  ];

  it.each(options)('%s', (_, given, ...words) =>
    refuses(() => quietGraceful().addCheck('x', () => {}, any(given)), 'ERR_GRACEFUL_OPTION', ...words),
  );

  it('an empty name, and something that cannot be asked', async () => {
    await refuses(() => quietGraceful().addCheck('', () => {}), 'ERR_GRACEFUL_OPTION', 'the name of a check');
    await refuses(
      () => quietGraceful().addCheck('x', any(true)),
      'ERR_GRACEFUL_OPTION',
      '"x"',
      'a function',
      'true',
    );
  });

  it('not an interval of days, whose staleness limit nobody gave', () => {
    quietGraceful().addCheck('x', () => {}, { everyMs: 1_000_000_000 });
  });
});

describe('drains refuses', () => {
  it('a name that is taken', async () => {
    const made = quietGraceful();
    made.drains(drainable());
    await refuses(
      () => made.drains(drainable()),
      'ERR_GRACEFUL_DUPLICATE_DRAINABLE',
      '"queue"',
      'another name',
    );
  });

  it.each(['stopAccepting', 'drained', 'force'])('one that has no %s()', (step) =>
    refuses(
      () => quietGraceful().drains(drainable({ [step]: undefined })),
      'ERR_GRACEFUL_OPTION',
      step,
      '"queue"',
      'a function',
    ),
  );

  it('one without a name, and what is no object', async () => {
    await refuses(
      () => quietGraceful().drains(drainable({ name: undefined })),
      'ERR_GRACEFUL_OPTION',
      '`name`',
    );
    await refuses(
      () => quietGraceful().drains(any(undefined)),
      'ERR_GRACEFUL_OPTION',
      'a drainable',
      'undefined',
    );
  });
});

describe('attach refuses', () => {
  it.each([
    ['a server of node:net', () => createNetServer()],
    ['an app', () => () => {}],
    ['nothing', () => undefined],
  ])('%s, and says what to do instead', async (_, make) => {
    await refuses(() => quietGraceful().attach(any(make())), 'ERR_GRACEFUL_SERVER', 'node:http', 'drains()');
  });

  it('a name that is taken, or empty, and leaves the server as it was', async () => {
    const made = quietGraceful();
    made.attach(createServer(), { name: 'web' });
    const server = createServer();
    const { emit } = server;
    await refuses(() => made.attach(server, { name: 'web' }), 'ERR_GRACEFUL_DUPLICATE_DRAINABLE', '"web"');
    await refuses(() => made.attach(server, { name: '' }), 'ERR_GRACEFUL_OPTION', '`name`');
    expect(server.emit).toBe(emit);
    made.attach(server, { name: 'other' });
  });

  it('not the same server twice: it is attached once', async () => {
    const made = quietGraceful();
    const server = createServer();
    made.attach(server);
    made.attach(server);
    expect(
      (await made.shutdown('test')).drainables.filter(({ name }) => name.startsWith('http')),
    ).toHaveLength(1);
  });
});

describe('listen refuses', () => {
  const listens = (address: unknown) => () => quietGraceful().listen(() => {}, any(address));

  const addresses: [what: string, address: unknown, ...words: string[]][] = [
    ['no address', undefined, 'undefined'],
    ['a port alone, as servers of Node take it', 3_000, '3000'],
    ['neither a port nor a path', { host: '127.0.0.1' }, 'either `port` or `path`', 'neither'],
    ['both a port and a path', { port: 0, path: '/tmp/x.sock' }, 'either `port` or `path`', 'both'],
    [
      'a port that is text, as the environment gives it',
      { port: '3000' },
      '`port`',
      'from 0 to 65535',
      '"3000"',
    ],
    ['a port that is none', { port: 65_536 }, '`port`', '65536'],
    ['a port that is not a number', { port: Number.NaN }, '`port`', 'NaN'],
    ['an empty path', { path: '' }, '`path`', '""'],
    ['a host by the name that others give it', { port: 0, hostname: '127.0.0.1' }, 'host', '"hostname"'],
    ['a host that is a number', { port: 0, host: 42 }, '`host`', '42'],
  ];

  it.each(addresses)('%s', (_, address, ...words) =>
    refuses(listens(address), 'ERR_GRACEFUL_OPTION', ...words),
  );

  it('what is neither a server nor a handler', () =>
    refuses(() => quietGraceful().listen(any({}), { port: 0 }), 'ERR_GRACEFUL_SERVER', 'node:http'));

  it('a port that is taken, with the original error as its cause', async () => {
    const { server, port } = await serve(() => {});
    onTestFinished(() => closeServer(server));
    const call = () => quietGraceful().listen(() => {}, { port, host: '127.0.0.1' });
    await refuses(
      call,
      'ERR_GRACEFUL_PORT_IN_USE',
      `127.0.0.1:${port}`,
      'Stop it, or choose another address',
    );
    expect(((await thrownBy(call)) as Error).cause).toMatchObject({ code: 'EADDRINUSE' });
  });

  it('an address that this machine does not have', async () => {
    // Of the block for documentation (RFC 5737): nobody has it.
    const call = () => quietGraceful().listen(() => {}, { port: 0, host: '192.0.2.1' });
    await refuses(call, 'ERR_GRACEFUL_LISTEN', '192.0.2.1');
    expect(((await thrownBy(call)) as Error).cause).toMatchObject({ code: 'EADDRNOTAVAIL' });
  });

  it('the path of a socket in a folder that is not there', () =>
    refuses(
      listens({ path: join(tmpdir(), 'no-such-folder', 'x.sock') }),
      'ERR_GRACEFUL_LISTEN',
      'no-such-folder',
    ));

  it('a server that listens already, and leaves it as it was', async () => {
    const { server } = await serve(() => {});
    onTestFinished(() => closeServer(server));
    const made = quietGraceful();
    const before = [server.listenerCount('error'), server.listenerCount('listening'), server.emit];
    await refuses(() => made.listen(server, { port: 0 }), 'ERR_GRACEFUL_LISTEN', 'attach()');
    expect([server.listenerCount('error'), server.listenerCount('listening'), server.emit]).toEqual(before);
    made.attach(server);
    expect(made.state).toBe('ready');
  });

  it('and leaves nothing behind: another try finds everything as it was', async () => {
    const { server: blocker, port } = await serve(() => {});
    onTestFinished(() => closeServer(blocker));
    const made = quietGraceful({ drain: { delayMs: 0 } });
    await refuses(
      () => made.listen(() => {}, { port, host: '127.0.0.1', name: 'api' }),
      'ERR_GRACEFUL_PORT_IN_USE',
    );
    expect(made.state).toBe('starting');
    await made.listen(() => {}, { port: 0, host: '127.0.0.1', name: 'api' });
    const report = await made.shutdown('test');
    expect(report.drainables.filter(({ name }) => name === 'api')).toHaveLength(1);
  });
});

describe('after the shutdown began', () => {
  const late: [string, (made: ReturnType<typeof quietGraceful>) => unknown][] = [
    ['attach()', (made) => made.attach(createServer())],
    ['listen()', (made) => made.listen(() => {}, { port: 0 })],
    ['onShutdown()', (made) => made.onShutdown('late', () => {})],
    ['addCheck()', (made) => made.addCheck('late', () => {})],
    ['drains()', (made) => made.drains(drainable())],
  ];

  it.each(late)('%s is refused, with the state and what to ask first', async (call, run) => {
    const made = quietGraceful({ drain: { delayMs: 0 } });
    const leaving = made.shutdown('test');
    await refuses(
      () => run(made),
      'ERR_GRACEFUL_SHUTDOWN_BEGUN',
      call,
      `"${made.state}"`,
      '`draining.aborted`',
    );
    await leaving;
    await refuses(() => run(made), 'ERR_GRACEFUL_SHUTDOWN_BEGUN', call, '"stopped"');
  });

  it('track(), notReady(), ready(), on() and shortenDeadline() are not', async () => {
    const made = quietGraceful({ drain: { delayMs: 0 } });
    const leaving = made.shutdown('test');
    expect(await made.track(Promise.resolve(5))).toBe(5);
    made.notReady('leaving');
    made.ready();
    made.on('report', () => {});
    made.shortenDeadline(1_000);
    await leaving;
  });
});

describe('other calls refuse', () => {
  it.each([
    ['shortenDeadline(-1)', (made) => made.shortenDeadline(-1), range, '-1'],
    ['notReady() without a reason', (made) => made.notReady(any(undefined)), 'reason', 'undefined'],
    ['an empty reason for the shutdown', (made) => made.shutdown(''), 'reason', '""'],
    ['track() of what is no promise', (made) => made.track(any(5)), 'a promise', '5'],
    ['an event that does not exist', (made) => made.on(any('stat'), () => {}), 'state', '"stat"'],
    ['a listener that is none', (made) => made.on('state', any(5)), '"state"', 'a function', '5'],
  ] as [string, (made: ReturnType<typeof quietGraceful>) => unknown, ...string[]][])(
    '%s',
    async (_, call, ...words) => {
      const made = quietGraceful();
      await refuses(() => call(made), 'ERR_GRACEFUL_OPTION', ...words);
      expect(made.inFlight).toBe(0);
    },
  );
});
