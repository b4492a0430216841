import { obeySignals, Supervisor } from '@graceful/handover/supervisor';
import type { Asked, Command, Posted, SupervisorConfig } from './protocol.js';

/** A supervisor as a process of its own, that tells whoever started it what happens. */
const { GRACEFUL_TEST_SUPERVISOR: json = '{}' } = process.env;
// The services are not to know that they are tested.
delete process.env['GRACEFUL_TEST_SUPERVISOR'];

const tell = (posted: Posted) => {
  if (process.connected) process.send?.(posted, () => {});
};
const log = (level: string) => (fields: object, message: string) => {
  console.log(`${level} ${message}`);
  tell({ type: 'log', line: { ...fields, level, message } });
};
const supervisor = new Supervisor({
  ...(JSON.parse(json) as SupervisorConfig),
  logger: { info: log('info'), warn: log('warn'), error: log('error') },
});
obeySignals(supervisor, (code) => process.exit(code));
process.on('message', ({ id, command }: Asked) => {
  void answer(command).then((given) => tell({ type: 'answer', id, answer: given }));
});
process.channel?.unref();
// The test is gone: nothing of it may stay.
process.once('disconnect', () => {
  supervisor.kill();
  process.exit(1);
});
tell({ type: 'started', outcome: await supervisor.start() });
process.exitCode = await supervisor.ended;

async function answer(command: Command) {
  switch (command.do) {
    case 'status':
      return supervisor.status();
    case 'upgrade':
      return supervisor.upgrade(command).done;
    case 'rollback':
      return supervisor.rollback().done;
    case 'drain':
      return supervisor.drain().done;
    case 'stop':
      return supervisor.stop().done;
  }
}
