import { startCompanion } from '@graceful/companion';
import type { CompanionConfig } from './config.js';

const config = JSON.parse(process.env['GRACEFUL_TEST'] ?? '{}') as CompanionConfig;

await startCompanion(config);
