import { setInterval as every } from 'node:timers/promises';
import { Notifier } from '@graceful/handover/systemd';

/**
 * A process that speaks to systemd. Its argument says what about; its last
 * line of output, what it knows of itself.
 */
const problems: string[] = [];
const note = (_fields: object, message: string) => void problems.push(message);
const notifier = new Notifier({ logger: { info: note, warn: note, error: note } });

const [about = ''] = process.argv.slice(2);
switch (about) {
  case 'everything':
    void notifier.ready('serves\non   two lines');
    void notifier.reloading('upgrading');
    void notifier.ready();
    void notifier.extendTimeout(1_500.5);
    void notifier.mainPid(process.pid);
    void notifier.send({ X_COLOUR: 'grün', ERRNO: 2 });
    void notifier.stopping('x'.repeat(10_000));
    break;
  case 'row':
    for (let number = 0; number < 20; number++) void notifier.status(String(number));
    break;
  case 'one by one':
    // Each is heard before the next is said; what stands in between is no row.
    for (const text of ['a', 'b', 'c']) await notifier.status(text);
    break;
  case 'watchdog': {
    let well = true;
    const heart = notifier.keepAlive(() => well);
    process.once('SIGUSR2', () => {
      well = false;
    });
    for await (const _ of every(notifier.watchdogMs)) {
      void notifier.status(well ? 'well' : 'ill');
    }
    heart[Symbol.dispose]();
    break;
  }
  default:
    throw new Error(`Expected something to speak about, got ${about}.`);
}
await notifier.close();
const left = Object.keys(process.env).filter((name) => /^(NOTIFY_SOCKET|WATCHDOG_)/.test(name));
console.log(JSON.stringify({ enabled: notifier.enabled, sender: notifier.sender ?? 'none', left, problems }));
