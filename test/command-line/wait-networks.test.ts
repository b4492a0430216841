import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { start, testFolder } from '../src/command-line/place.js';
import { canMakeNetworkNamespace, inNetworkNamespace } from '../src/harness/network-namespace.js';

const possible = canMakeNetworkNamespace();

if (!possible) {
  console.warn(
    'NOT RUN: waiting in networks that are no good. `unshare --net --mount` is not permitted here, or there is no `ip`; REQUIRE_NETWORK_NAMESPACE=1 makes this a failure.',
  );
}
it.runIf(process.env['REQUIRE_NETWORK_NAMESPACE'] === '1')(
  'a network namespace can be made, as is demanded',
  () => {
    expect(possible).toBe(true);
  },
);

/** RFC 5737: nobody has these addresses. What is sent there goes to the loopback device, which drops it. */
const blackHole = 'ip route add 192.0.2.0/24 dev lo';

describe.runIf(possible)('graceful wait, in a network', () => {
  it('where a port leads back to whoever asks: nobody is there', async () => {
    // One port for all clients: the first that asks for it is given it, too.
    const furnish = 'echo 40001 40001 >/proc/sys/net/ipv4/ip_local_port_range';
    const program = start(['wait', 'tcp://127.0.0.1:40001', '--timeout', '2s'], {
      through: (command) => inNetworkNamespace(furnish, command),
    });
    await program.prints(/not yet: .*: nobody listens there: the connection came back to itself/);
    expect(await program.ended()).toMatchObject({ code: 1 });
  });

  it('that drops what is sent: each look is bounded, and a signal ends it', async () => {
    const program = start(['wait', 'tcp://192.0.2.1:80', 'http://192.0.2.1/', '--attempt', '200ms'], {
      through: (command) => inNetworkNamespace(blackHole, command),
    });
    await program.prints(/not yet: tcp:.*: no answer within \d+ ms/);
    await program.prints(/not yet: http:.*: no answer within \d+ ms/);
    process.kill(program.pid, 'SIGTERM');
    expect(await program.ended()).toMatchObject({ code: 143 });
  });

  it('with a name server that is silent: it ends soon all the same, with the question still open', async () => {
    const resolv = join(testFolder(), 'resolv.conf');
    writeFileSync(resolv, 'nameserver 192.0.2.53\n');
    const furnish = `${blackHole}\nmount --bind ${resolv} /etc/resolv.conf`;
    const program = start(['wait', 'dns:orders.example', 'tcp://orders.example:80', '--attempt', '200ms'], {
      through: (command) => inNetworkNamespace(furnish, command),
    });
    // The look is over, and the resolver's question is not.
    await program.prints(/not yet: dns:.*: no answer within \d+ ms/);
    const at = performance.now();
    process.kill(program.pid, 'SIGTERM');
    expect(await program.ended()).toMatchObject({ code: 143 });
    // 10 s by itself: two questions of 5 s (resolv.conf(5)).
    expect(performance.now() - at).toBeLessThan(5_000);
  });
});
