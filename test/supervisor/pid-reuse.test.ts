import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { canMakePidNamespace, childOf, inPidNamespace } from '../src/harness/pid-namespace.js';
import { nodeService } from '../src/supervisor/behaviour.js';
import { SupervisorProcess } from '../src/supervisor/supervisor-process.js';

const listen = [{ name: 'http', port: 0, host: '127.0.0.1' }];

if (!canMakePidNamespace())
  console.warn('NOT RUN: pids that are used again. `unshare --pid` is not permitted here.');

/** A stranger inside the namespace of process 1 `init`, by the number `pid` there. */
async function strangerAs(pid: number, init: number) {
  const script = `echo ${pid - 1} > /proc/sys/kernel/ns_last_pid && { sleep 120 & } && echo $! && wait $!; echo ended $?`;
  const stranger = spawn('nsenter', ['--target', `${init}`, '--pid', '--mount', 'sh', '-c', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  const lines = createInterface({ input: stranger.stdout });
  lines.on('line', (line) => said.push(line));
  await once(lines, 'line');
  return { said };
}

describe.runIf(canMakePidNamespace())('a pid that is used again', () => {
  it('is nobody’s whom the supervisor knew: a stranger with the number of a generation that has left is not killed at its deadline', async () => {
    await using supervisor = await SupervisorProcess.serving(
      { listen, command: nodeService({ drain: { requestsMs: 600_000 } }), drainMs: 1_500 },
      inPidNamespace,
    );
    const [first = 0] = await supervisor.pidsOf(1);
    expect(await supervisor.upgrade()).toEqual({ done: 'ok' });
    await supervisor.logged('it leaves', ({ message }) => message === 'generation 1 has left');
    const { said } = await strangerAs(first, childOf(supervisor.pid));
    expect(said).toEqual([`${first}`]);

    // Another generation is killed at a deadline that began later: that of the first one has passed.
    const connection = await Connection.open(await supervisor.address());
    void connection.ask({ path: '/slow?ms=600000' }).catch(() => {});
    const [second = 0] = await supervisor.pidsOf(2);
    expect(await supervisor.upgrade()).toEqual({ done: 'ok' });
    await supervisor.logged('it is killed', ({ message }) => message === 'generation 2 has left');
    connection.destroy();
    expect(second).not.toBe(first);
    expect(said).toEqual([`${first}`]);
  });
});
