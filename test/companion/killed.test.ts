import { describe, expect, it } from 'vitest';
import { Connection } from '@graceful/conformance/client';
import { CompanionProcess, PodFolder } from '../src/companion/companion-process.js';
import { ClientService } from '../src/companion-client/client-service.js';

/** From the signal to the end such a service takes about 300 ms. */
const drain = { delayMs: 100, requestsMs: 2_000, hooksMs: 500 };
/** Instants before and after its signal, in ms. */
const instants = [-50, 0, 10, 30, 60, 90, 110, 130, 160, 200, 230, 260, 280, 300, 320, 350, 400, 500];

describe.concurrent('a service that is killed', () => {
  it.each(instants)('%i ms after its signal has the receipt that it deserves', async (afterMs) => {
    using folder = new PodFolder();
    await using companion = await CompanionProcess.start(folder);
    await using service = await ClientService.start({
      drain,
      companion: { socket: folder.socket, name: 'orders' },
    });
    await companion.until('ready', 'orders');
    const connection = await Connection.open(service.address);
    const exchange = connection.send({ path: '/?ms=250' });
    if (afterMs < 0) {
      service.signal('SIGKILL');
    } else {
      service.signal('SIGTERM');
      const killed = setTimeout(() => service.signal('SIGKILL'), afterMs);
      await service.exit();
      clearTimeout(killed);
    }
    const fate = await exchange.settled();
    connection.destroy();
    await companion.until('gone', 'orders');
    const [receipt, ...more] = folder.receipts;
    expect(more).toEqual([]);
    if (!receipt) throw new Error('Expected a receipt.');
    const what = `${fate}: ${JSON.stringify(receipt)}`;
    // Whoever lost something never has a clean receipt; whoever said goodbye had done its work.
    if (fate === 'lost') expect(receipt.verdict, what).not.toBe('clean');
    if (receipt.exit.how === 'bye') {
      expect(receipt.report, what).toMatchObject({ verdict: 'clean' });
      expect([receipt.verdict, fate], what).toEqual(['clean', 'answered']);
    } else {
      expect(receipt.exit.how, what).toBe('eof');
      expect(['unknown', 'dropped'], what).toContain(receipt.verdict);
      expect(receipt.report, what).toBeUndefined();
    }
    expect(await companion.scrape()).toMatch(/graceful_companion_in_flight\{name="orders",id="\w+"\} 0/);
    companion.signal('SIGTERM');
    expect((await companion.exit()).signal).toBe(null);
  });
});
