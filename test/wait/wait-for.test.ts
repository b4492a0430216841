import { getEventListeners } from 'node:events';
import { renameSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '@graceful/conformance/client';
import { waitFor, type WaitOptions, type WaitProgress } from '@graceful/companion/wait';
import { testFolder } from '../src/command-line/place.js';
import { Program } from '../src/command-line/program.js';
import { Door } from '../src/waiting/door.js';

const abandoned = fileURLToPath(new URL('../dist/waiting/abandoned.js', import.meta.url));

/** As fast as it goes; whoever waits for nothing hears of it by the timeout of the test. */
const eager = { timeoutMs: 30_000, everyMs: 1, maxEveryMs: 20 };

/** Wait, and at the first look that finds nothing let it come. */
async function comesLate(target: string, come: () => unknown, options: WaitOptions = {}) {
  const seen: WaitProgress[] = [];
  let coming: Promise<unknown> | undefined;
  const onProgress = (progress: WaitProgress) => {
    seen.push(progress);
    coming ??= Promise.resolve(come());
  };
  const [there] = await waitFor([target], { ...eager, ...options, onProgress });
  await coming;
  const [first] = seen;
  expect(first).toMatchObject({ state: 'missing', target, tries: 1 });
  expect(seen.at(-1)).toEqual(there);
  expect(there?.tries).toBe(seen.length);
  return { there, first, seen };
}

/** Why it is missing, by the first look. */
async function because(target: string, options: WaitOptions = {}): Promise<string> {
  const enough = new AbortController();
  let reason = '';
  const onProgress = (progress: WaitProgress) => {
    if (progress.state === 'missing') reason = progress.because;
    enough.abort(new Error('enough'));
  };
  await expect(
    waitFor([target], { ...eager, ...options, onProgress, signal: enough.signal }),
  ).rejects.toThrow('enough');
  return reason;
}

describe('a port', () => {
  it('is there when it accepts, and the connection is closed again', async () => {
    const port = await freePort();
    let door: Door | undefined;
    const { there, first } = await comesLate(`tcp://127.0.0.1:${port}`, async () => {
      door = await Door.tcp({ port });
    });
    expect(first).toMatchObject({ because: `connection refused at 127.0.0.1:${port} (ECONNREFUSED)` });
    expect(there).toMatchObject({ state: 'there', kind: 'tcp' });
    await door?.empty();
    expect(door?.came).toBe(1);
  });

  it('of a name with several addresses is there when one of them accepts', async () => {
    const port = await freePort();
    const { first } = await comesLate(`tcp://localhost:${port}`, () => Door.tcp({ port }));
    expect(first).toMatchObject({
      because: expect.stringMatching(/^connection refused at [^]*\(ECONNREFUSED\)$/),
    });
  });

  it('of a name that does not resolve is not there', async () => {
    // RFC 6761: there is no such domain, wherever it is asked for; without a name server nobody says so.
    expect(await because('tcp://nowhere.invalid:80')).toMatch(/\((?:ENOTFOUND|EAI_AGAIN)\)$/);
  });
});

describe('a Unix socket', () => {
  it('is there when it accepts, not when its file is', async () => {
    const path = join(testFolder(), 'app.sock');
    const { first } = await comesLate(`unix:${path}`, () => Door.tcp({ path }));
    expect(first).toMatchObject({ because: 'there is no such file (ENOENT)' });
    const file = join(testFolder(), 'file.sock');
    writeFileSync(file, '');
    expect(await because(`unix:${file}`)).toBe('connection refused (ECONNREFUSED)');
  });
});

describe('a file', () => {
  it('is there when it exists, and a link when what it leads to does', async () => {
    const folder = testFolder();
    const [path, link] = [join(folder, 'ready'), join(folder, 'link')];
    symlinkSync(path, link);
    const create = () => {
      writeFileSync(`${path}~`, '');
      renameSync(`${path}~`, path);
    };
    const { first } = await comesLate(`file:${link}`, create);
    expect(first).toMatchObject({ because: 'there is no such file (ENOENT)' });
    expect(await waitFor([`file:${folder}`, `file:${path}`])).toMatchObject([{ tries: 1 }, { tries: 1 }]);
    expect(await because(`file:${path}/below`)).toBe('a folder of the path is a file (ENOTDIR)');
  });
});

describe('a name', () => {
  it('is there when it resolves, and says to what', async () => {
    const [there] = await waitFor(['dns:localhost'], eager);
    expect(there?.found).toMatch(/^(?:127\.0\.0\.1|::1)(?:, |$)/);
    expect(await because('dns:nowhere.invalid')).toMatch(/\((?:ENOTFOUND|EAI_AGAIN)\)$/);
  });
});

describe('an HTTP answer', () => {
  it('is there when its status is from 200 to 299, each question on a connection of its own', async () => {
    let status = 503;
    const asked: unknown[] = [];
    const door = await Door.http({ port: 0 }, ({ method, url, headers }, response) => {
      asked.push({ method, url, connection: headers.connection });
      response.writeHead(status).end('{"status":"…"}');
    });
    const { there, first } = await comesLate(
      `http://127.0.0.1:${door.port}/readyz?full`,
      () => (status = 204),
    );
    expect(first).toMatchObject({ because: 'it answers 503 Service Unavailable' });
    expect(there).toMatchObject({ found: '204 No Content' });
    expect(asked[0]).toEqual({ method: 'GET', url: '/readyz?full', connection: 'close' });
    expect(door.came).toBe(asked.length);
    await door.empty();
  });

  it('of a redirect is not there, and says where it leads', async () => {
    const door = await Door.http({ port: 0 }, (_request, response) => {
      response.writeHead(302, { location: '/login' }).end();
    });
    expect(await because(`http://127.0.0.1:${door.port}/`)).toBe(
      'it answers 302 Found, to /login; redirects are not followed',
    );
    expect(door.came).toBe(1);
  });

  it('is told from what is no HTTP, no end, no TLS, or no answer at all', async () => {
    const babble = await Door.tcp({ port: 0 }, (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'));
    expect(await because(`http://127.0.0.1:${babble.port}/`)).toMatch(
      /^what answers there speaks no HTTP\/1\.1 \(HPE_/,
    );
    const rude = await Door.tcp({ port: 0 }, (socket) => socket.destroy());
    expect(await because(`http://127.0.0.1:${rude.port}/`)).toMatch(/\(ECONNRESET\)$/);
    const plain = await Door.http({ port: 0 }, (_request, response) => response.end());
    expect(await because(`https://127.0.0.1:${plain.port}/`)).toMatch(
      /\((?:EPROTO|ECONNRESET|ERR_SSL_\w+)\)$/,
    );
    const upgraded = await Door.tcp({ port: 0 }, (socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'),
      );
    });
    expect(await because(`http://127.0.0.1:${upgraded.port}/`)).toBe(
      'the connection ended without an answer',
    );
    const silent = await Door.tcp({ port: 0 });
    expect(await because(`http://127.0.0.1:${silent.port}/`, { attemptMs: 50 })).toMatch(
      /^no answer within \d+ ms$/,
    );
    for (const door of [babble, rude, plain, upgraded, silent]) await door.empty();
  });

  it('that never ends is there with its head', async () => {
    const door = await Door.http({ port: 0 }, (_request, response) => void response.write('data: …\n\n'));
    await waitFor([`http://127.0.0.1:${door.port}/events`], eager);
    await door.empty();
  });

  it('over TLS needs a certificate that is trusted, or `insecure`', async () => {
    const door = await Door.https({ port: 0 }, (_request, response) => response.end());
    const target = `https://localhost:${door.port}/`;
    expect(await because(target)).toMatch(/NODE_EXTRA_CA_CERTS \(DEPTH_ZERO_SELF_SIGNED_CERT\)$/);
    expect(await waitFor([target], { ...eager, insecure: true })).toMatchObject([{ found: '200 OK' }]);
    await door.empty();
  });

  it('is asked for with the password of its URL, of which nothing is told', async () => {
    const seen: WaitProgress[] = [];
    const door = await Door.http({ port: 0 }, ({ headers }, response) => {
      const [, encoded = ''] = headers.authorization?.split(' ') ?? [];
      const right = Buffer.from(encoded, 'base64').toString() === 'me:secret';
      response.writeHead(right && seen.length > 0 ? 200 : 401).end();
    });
    await waitFor([`http://me:secret@127.0.0.1:${door.port}/`], {
      ...eager,
      onProgress: (progress) => void seen.push(progress),
    });
    expect(seen.length).toBeGreaterThan(1);
    expect(JSON.stringify(seen)).not.toContain('secret');
  });
});

describe('several targets', () => {
  it('are looked at beside each other, and each only until it is there', async () => {
    let speak!: () => void;
    const spoken = new Promise<void>((resolve) => (speak = resolve));
    const slow = await Door.http({ port: 0 }, (_request, response) => void spoken.then(() => response.end()));
    const door = await Door.tcp({ port: 0 });
    const path = join(testFolder(), 'ready');
    const targets = [`http://127.0.0.1:${slow.port}/`, `tcp://127.0.0.1:${door.port}`, `file:${path}`];
    const order: string[] = [];
    const outcomes = await waitFor(targets, {
      ...eager,
      attemptMs: 20_000,
      onProgress({ target, state }) {
        if (state === 'missing') return;
        order.push(target);
        if (target === targets[1]) writeFileSync(path, '');
        if (target === targets[2]) speak();
      },
    });
    expect(outcomes.map(({ target }) => target)).toEqual(targets);
    expect(order).toEqual([targets[1], targets[2], targets[0]]);
    expect([door.came, slow.came]).toEqual([1, 1]);
  });

  it('may be many, or none', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error) => void warnings.push(warning);
    process.on('warning', warn);
    onTestFinished(() => void process.off('warning', warn));
    const door = await Door.tcp({ port: 0 });
    const path = join(testFolder(), 'ready');
    let looks = 0;
    const outcomes = await waitFor(
      Array.from({ length: 100 }, (_, index) =>
        index % 2 === 0 ? `tcp://127.0.0.1:${door.port}` : `file:${path}`,
      ),
      // Each of those that are missing has been looked at before the first of them comes.
      {
        ...eager,
        onProgress: ({ state }) => void (state === 'missing' && ++looks === 50 && writeFileSync(path, '')),
      },
    );
    expect(outcomes).toHaveLength(100);
    await door.empty();
    expect(warnings).toEqual([]);
    expect(await waitFor([])).toEqual([]);
  });
});

describe('the end of the waiting', () => {
  it('is an error that says what is missing, and why', async () => {
    const port = await freePort();
    const path = join(testFolder(), 'ready');
    const error: unknown = await waitFor([`tcp://127.0.0.1:${port}`, 'dns:localhost', `file:${path}`], {
      ...eager,
      timeoutMs: 200,
    }).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'CompanionError',
      code: 'ERR_COMPANION_WAIT_TIMEOUT',
      message:
        'ERR_COMPANION_WAIT_TIMEOUT: Expected all 3 to be there within 200 ms, got 2 missing: ' +
        `tcp://127.0.0.1:${port}: connection refused at 127.0.0.1:${port} (ECONNREFUSED); ` +
        `file:${path}: there is no such file (ENOENT).`,
      targets: [{ state: 'missing' }, { state: 'there', tries: 1 }, { state: 'missing' }],
    });
  });

  it('cuts the look that is under way, which closes its connection', async () => {
    const silent = await Door.http({ port: 0 }, () => {});
    const error: unknown = await waitFor([`http://127.0.0.1:${silent.port}/`], { timeoutMs: 100 }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({
      targets: [{ tries: 1, because: expect.stringMatching(/^no answer within \d+ ms$/) }],
    });
    await silent.empty();
  });

  it('comes with the signal, at once, with its reason, and leaves nothing behind', async () => {
    let arrive!: () => void;
    let look!: () => void;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const looked = new Promise<void>((resolve) => (look = resolve));
    const silent = await Door.http({ port: 0 }, arrive);
    const stop = new AbortController();
    const reason = new Error('no longer wanted');
    const seen: WaitProgress[] = [];
    const waiting = waitFor([`http://127.0.0.1:${silent.port}/`, `file:${join(testFolder(), 'ready')}`], {
      timeoutMs: 60_000,
      everyMs: 30_000,
      maxEveryMs: 30_000,
      signal: stop.signal,
      onProgress(progress) {
        seen.push(progress);
        look();
      },
    });
    // In the look at one, and in a pause of the other.
    await Promise.all([arrived, looked]);
    stop.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    expect(seen).toMatchObject([{ state: 'missing', tries: 1 }]);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
    await silent.empty();
    await expect(waitFor([`http://127.0.0.1:${silent.port}/`], { signal: stop.signal })).rejects.toBe(reason);
    expect(silent.came).toBe(1);
  });

  it('lets a process end that has nothing else to do', async () => {
    let arrive!: () => void;
    const arrived = new Promise<void>((resolve) => (arrive = resolve));
    const silent = await Door.http({ port: 0 }, arrive);
    const node = process.env['GRACEFUL_TEST_NODE'] ?? process.execPath;
    const missing = `file:${join(testFolder(), 'ready')}`;
    const program = Program.of([node, abandoned, `http://127.0.0.1:${silent.port}/`, missing]);
    onTestFinished(() => program.destroy());
    // In the look at one, and in a pause of the other.
    await Promise.all([arrived, program.prints(/looked at file:/)]);
    program.child.kill('SIGUSR2');
    expect(await program.ended()).toMatchObject({
      code: 0,
      out: `looked at ${missing}\nno longer wanted\n`,
    });
    await silent.empty();
  });

  it('is what the listener throws', async () => {
    const silent = await Door.http({ port: 0 }, () => {});
    const thrown = new Error('of the listener');
    const waiting = waitFor([`http://127.0.0.1:${silent.port}/`, 'dns:localhost'], {
      onProgress: () => {
        throw thrown;
      },
    });
    await expect(waiting).rejects.toBe(thrown);
    await silent.empty();
  });
});
