import { tell, behaviour, haltAt } from './tell.js';

tell({
  type: 'begun',
  argv: process.argv,
  execArgv: process.execArgv,
  execPath: process.execPath,
  cwd: process.cwd(),
  environment: { ...process.env },
});
haltAt('before loading');
if (behaviour.before !== undefined) {
  const { misbehave } = await import('./by-hand.js');
  await misbehave(behaviour.before);
}
const { serve } = await import('./serve.js');
await serve();
