import { type CompanionOptions, startCompanion } from '@graceful/companion';

await startCompanion(JSON.parse(process.env['GRACEFUL_TEST'] ?? '{}') as CompanionOptions);
console.log(JSON.stringify({ msg: 'the companion has begun' }));
