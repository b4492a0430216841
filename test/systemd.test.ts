import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { harm } from './src/examples/harm.js';
import { Deployment } from './src/systemd/deployment.js';
import { adapted, unitFolder } from './src/systemd/unit.js';

const required = process.env['REQUIRE_SYSTEMD'] === '1';
const how = '.ci/with-systemd npx --yes pnpm@12 exec vitest run test/systemd.test.ts';
const slowStart = fileURLToPath(new URL('./src/systemd/slow-start.sh', import.meta.url));

if (unitFolder === undefined) console.warn(`NOT RUN: units under a real systemd. To run them: ${how}`);

it.runIf(required)('there is a systemd at hand, as REQUIRE_SYSTEMD=1 demands', () => {
  expect(unitFolder, how).toBeTruthy();
});

const { stdout: systemdVersion } = spawnSync('systemctl', ['--version'], { encoding: 'utf8' });
// Type=notify-reload came with 253.
const knowsNotifyReload = unitFolder !== undefined && Number(/\d+/.exec(systemdVersion)) >= 253;

const running = { ActiveState: 'active', SubState: 'running', NRestarts: '0', Result: 'success' };
const states = ['ActiveState', 'SubState', 'NRestarts', 'Result'] as const;

describe.runIf(unitFolder !== undefined)('the units of deploy/systemd', () => {
  it.each(['app.service', 'app.socket', 'app-in-process.service'])(
    'are what systemd-analyze takes them for: %s',
    (file) => {
      const folder = mkdtempSync(join(tmpdir(), 'verify-'));
      try {
        // The programs of a machine that this is not.
        writeFileSync(
          join(folder, file),
          adapted(file, {}).replaceAll(/\/usr\/bin\/(graceful|node)/g, '/bin/true'),
        );
        if (file === 'app.socket')
          writeFileSync(join(folder, 'app.service'), '[Service]\nExecStart=/bin/true\n');
        const { status, stdout, stderr } = spawnSync(
          'systemd-analyze',
          ['verify', '--man=no', join(folder, file)],
          {
            encoding: 'utf8',
          },
        );
        expect({ status, said: stdout + stderr }).toEqual({ status: 0, said: '' });
      } finally {
        rmSync(folder, { recursive: true });
      }
    },
  );
});

describe.runIf(unitFolder !== undefined)('a service under graceful run, as a unit', () => {
  it('is started when it serves, and not before', async () => {
    const app = await Deployment.supervised();
    expect(await app.unit.start()).toEqual({ code: 0, said: '' });
    expect(await app.answer()).toMatch(/^one /);
    expect(await app.unit.show('StatusText', ...states)).toEqual({
      StatusText: 'generation 1 serves',
      ...running,
    });
  });

  it('keeps what is between systemd and the supervisor from its processes', async () => {
    const app = await Deployment.supervised();
    await app.unit.start();
    const names = JSON.parse(await app.answer('/environment')) as string[];
    // Proof that systemd's variables come through at all.
    expect(names).toContain('INVOCATION_ID');
    expect(
      names.filter((name) => /^(NOTIFY_SOCKET|WATCHDOG|LISTEN|GRACEFUL_(?!CONTROL))/.test(name)),
    ).toEqual([]);
  });

  it('is upgraded by a reload, three times under load, without a loss', async () => {
    const app = await Deployment.supervised();
    await app.unit.start();
    const supervisor = await app.unit.mainPid();
    const clients = await app.underLoad(async () => {
      for (const version of ['two', 'three', 'four']) {
        app.release(version);
        expect(await app.unit.reload()).toEqual({ code: 0, said: '' });
        expect(await app.answer()).toMatch(version);
      }
    });
    expect(harm(clients)).toEqual([]);
    expect(await app.unit.show('StatusText', 'MainPID', ...states)).toEqual({
      StatusText: 'generation 4 serves',
      MainPID: String(supervisor),
      ...running,
    });
  });

  it('fails a reload when the new version does not come up, and serves on', async () => {
    const app = await Deployment.supervised();
    await app.unit.start();
    const before = await app.answer();
    app.release('two', 'exit');
    const { code, said } = await app.unit.reload();
    expect(code, said).not.toBe(0);
    expect(await app.answer()).toBe(before);
    expect(await app.unit.show('StatusText', ...states)).toEqual({
      StatusText: expect.stringMatching(
        /^generation 1 serves; the upgrade to generation 2 failed in start: .*code 7/,
      ),
      ...running,
    });
    app.release('three');
    expect(await app.unit.reload()).toEqual({ code: 0, said: '' });
    expect(await app.answer()).toMatch('three');
  });

  it('is reloading while it is upgraded, whoever asked for it', async () => {
    const app = await Deployment.supervised({ settings: ['ExecReload='] });
    await app.unit.start();
    const supervisor = await app.unit.mainPid();
    app.release('two');
    process.kill(supervisor, 'SIGUSR2');
    await app.unit.until('ActiveState', (state) => state === 'reloading');
    await app.unit.until('ActiveState', (state) => state === 'active');
    expect(await app.unit.show('StatusText', ...states)).toEqual({
      StatusText: 'generation 2 serves',
      ...running,
    });
    app.release('three', 'exit');
    process.kill(supervisor, 'SIGUSR2');
    await app.unit.until('StatusText', (text) => text.startsWith('generation 2 serves; the upgrade'));
    expect(await app.unit.show(...states)).toEqual(running);
  });

  it('finishes its work at a stop', async () => {
    const app = await Deployment.supervised();
    await app.unit.start();
    const pid = await app.servingPid();
    const connection = await Connection.open(app.address);
    const held = connection.send({ path: '/hold' });
    await held.begun();
    expect(await app.unit.stop()).toEqual({ code: 0, said: '' });
    expect((await held.answer()).body).toBe(`one ${pid}`);
    expect(await app.unit.show('ActiveState', 'Result', 'ExecMainStatus')).toEqual({
      ActiveState: 'inactive',
      Result: 'success',
      ExecMainStatus: '0',
    });
    expect(existsSync(`/proc/${pid}`)).toBe(false);
  });

  it('says at once that it cannot be started', async () => {
    const app = await Deployment.supervised({ settings: ['Restart=no'] });
    app.release('one', 'exit');
    const { code } = await app.unit.start();
    expect(code).toBe(1);
    expect(await app.unit.show('ActiveState', 'Result', 'ExecMainStatus')).toEqual({
      ActiveState: 'failed',
      Result: 'exit-code',
      ExecMainStatus: '7',
    });
  });

  it('may take longer to start than its unit says, when it asks', async () => {
    const app = await Deployment.supervised({
      settings: ['TimeoutStartSec=1500ms'],
      command: `${slowStart} 3`,
    });
    expect(await app.unit.start()).toEqual({ code: 0, said: '' });
    expect(await app.unit.show(...states)).toEqual(running);
  });

  it('keeps the watchdog quiet while it is well, and is started again when it hangs', async () => {
    const app = await Deployment.supervised({ settings: ['WatchdogSec=1', 'TimeoutAbortSec=100ms'] });
    await app.unit.start();
    let last = '';
    for (let beat = 0; beat < 6; beat++) {
      last = await app.unit.until('WatchdogTimestampMonotonic', (value) => value !== last && value !== '0');
    }
    expect(await app.unit.show(...states)).toEqual(running);
    process.kill(await app.unit.mainPid(), 'SIGSTOP');
    await app.unit.until('NRestarts', (times) => times === '1');
    await app.unit.until('StatusText', (text) => text === 'generation 1 serves');
    expect(await app.answer()).toMatch(/^one /);
  });
});

describe.runIf(knowsNotifyReload)('a service under graceful run, with notify-reload.conf', () => {
  const settings = adapted('notify-reload.conf', {})
    .split('\n')
    .filter((line) => /^\w+=/.test(line));

  it('is upgraded by a reload, which waits', async () => {
    const app = await Deployment.supervised({ settings });
    await app.unit.start();
    for (const release of ['two', 'three']) {
      app.release(release);
      expect(await app.unit.reload()).toEqual({ code: 0, said: '' });
      expect(await app.answer()).toMatch(release);
    }
    expect(await app.unit.show('StatusText', ...states)).toEqual({
      StatusText: 'generation 3 serves',
      ...running,
    });
  });

  it('says by its status that an upgrade failed; the reload cannot', async () => {
    const app = await Deployment.supervised({ settings });
    await app.unit.start();
    app.release('two', 'exit');
    expect(await app.unit.reload()).toEqual({ code: 0, said: '' });
    expect(await app.answer()).toMatch(/^one /);
    expect(await app.unit.show('StatusText', ...states)).toEqual({
      StatusText: expect.stringMatching(/^generation 1 serves; the upgrade to generation 2 failed/),
      ...running,
    });
  });

  it('is not waited for when nothing can be upgraded now', async () => {
    const app = await Deployment.supervised({ settings });
    await app.unit.start();
    const connection = await Connection.open(app.address);
    await connection.send({ path: '/stuck' }).begun();
    // It drains until the request that it holds is let go.
    const drained = app.tell('drain');
    await app.unit.prints('state draining');
    expect(await app.unit.reload()).toEqual({ code: 0, said: '' });
    expect(await app.unit.show('StatusText')).toEqual({
      StatusText: expect.stringMatching(/an upgrade was refused: the service is draining$/),
    });
    connection.destroy();
    expect(await drained).toMatchObject({ code: 0 });
  });
});

describe.runIf(unitFolder !== undefined)('a service under graceful run, with the sockets of a unit', () => {
  it('is started by the first connection, and is restarted and upgraded without refusing one', async () => {
    const app = await Deployment.supervised({ socket: true });
    expect(await app.unit.show('ActiveState')).toEqual({ ActiveState: 'inactive' });
    const pid = await app.servingPid();
    const clients = await app.underLoad(async () => {
      app.release('two');
      expect(await app.unit.restart()).toEqual({ code: 0, said: '' });
      expect(await app.answer()).toMatch(/^two /);
      app.release('three');
      expect(await app.unit.reload()).toEqual({ code: 0, said: '' });
      expect(await app.answer()).toMatch(/^three /);
    });
    expect(harm(clients)).toEqual([]);
    expect(await app.servingPid()).not.toBe(pid);
    expect(await app.unit.show(...states)).toEqual(running);
  });

  it('keeps the queue as long as the unit made it', async () => {
    const app = await Deployment.supervised({ socket: true });
    await app.answer();
    const { stdout } = spawnSync('ss', ['-Hltn', `sport = :${app.address.port}`], { encoding: 'utf8' });
    expect(stdout.trim().split(/\s+/).slice(0, 3)).toEqual(['LISTEN', '0', '4096']);
  });

  it('refuses nobody when the supervisor is killed', async () => {
    const app = await Deployment.supervised({ socket: true });
    await app.answer();
    const clients = await app.underLoad(async () => {
      process.kill(await app.unit.mainPid(), 'SIGKILL');
      await app.unit.until('NRestarts', (times) => times === '1');
      await app.unit.until('StatusText', (text) => text === 'generation 1 serves');
    });
    expect(clients.refusals).toEqual([]);
    expect(await app.answer()).toMatch(/^one /);
  });
});

async function startInProcess(): Promise<Deployment> {
  const app = await Deployment.inProcess();
  expect(await app.unit.start()).toEqual({ code: 0, said: '' });
  // Type=simple: systemd does not know when it serves.
  await app.unit.prints('state ready');
  return app;
}

describe.runIf(unitFolder !== undefined)('a service that replaces itself, as a unit', () => {
  it('is upgraded three times under load without a loss, and systemd follows', async () => {
    const app = await startInProcess();
    const clients = await app.underLoad(async () => {
      for (const version of ['two', 'three', 'four']) {
        const old = await app.unit.mainPid();
        app.release(version);
        expect(await app.unit.reload()).toEqual({ code: 0, said: '' });
        await app.unit.until('MainPID', (pid) => pid !== String(old));
        const [now, pid] = (await app.answer()).split(' ');
        expect([now, Number(pid)]).toEqual([version, await app.unit.mainPid()]);
      }
    });
    expect(harm(clients)).toEqual([]);
    expect(await app.unit.show(...states)).toEqual(running);
  });

  it('stays as it is when the new version does not come up', async () => {
    const app = await startInProcess();
    const pid = await app.unit.mainPid();
    app.release('two', 'exit');
    await app.unit.reload();
    await app.unit.prints('upgrade to generation 2 failed');
    expect(await app.answer()).toBe(`one ${pid}`);
    app.release('three');
    await app.unit.reload();
    await app.unit.until('MainPID', (now) => now !== String(pid));
    expect(await app.answer()).toMatch(/^three /);
    expect(await app.unit.show(...states)).toEqual(running);
  });

  it('is started when it serves, where it says so, and followed all the same', async () => {
    const app = await Deployment.inProcess(['Type=notify', 'NotifyAccess=all']);
    expect(await app.unit.start()).toEqual({ code: 0, said: '' });
    const old = await app.servingPid();
    app.release('two');
    await app.unit.reload();
    await app.unit.until('MainPID', (pid) => pid !== String(old));
    expect(await app.answer()).toBe(`two ${await app.unit.mainPid()}`);
    expect(await app.unit.show(...states)).toEqual(running);
  });

  it('is stopped as a whole, and one that was replaced may finish first', async () => {
    const app = await startInProcess();
    const connection = await Connection.open(app.address);
    const old = await app.unit.mainPid();
    await connection.send({ path: '/stuck' }).begun();
    app.release('two');
    await app.unit.reload();
    await app.unit.prints('upgrade to generation 2: success');
    const newer = await app.servingPid();
    const stopped = app.unit.stop();
    await app.unit.gone(newer);
    expect(existsSync(`/proc/${old}`), app.unit.log).toBe(true);
    connection.destroy();
    expect(await stopped).toEqual({ code: 0, said: '' });
    await app.unit.gone(old);
    expect(await app.unit.show('ActiveState', 'Result')).toEqual({
      ActiveState: 'inactive',
      Result: 'success',
    });
  });

  it('is started again when the new one dies while the old one still drains', async () => {
    const app = await startInProcess();
    const old = await app.unit.mainPid();
    const connection = await Connection.open(app.address);
    // Keeps the old one until it is let go.
    await connection.send({ path: '/stuck' }).begun();
    app.release('two');
    await app.unit.reload();
    await app.unit.prints('upgrade to generation 2: success');
    const newer = await app.servingPid();
    expect(await app.unit.mainPid()).toBe(old);
    process.kill(newer, 'SIGKILL');
    connection.destroy();
    await app.unit.until('NRestarts', (times) => times === '1');
    await app.unit.prints('state ready', 3);
    expect([old, newer]).not.toContain(await app.servingPid());
    expect(await app.unit.show('ActiveState')).toEqual({ ActiveState: 'active' });
  });
});
