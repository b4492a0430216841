import { adapters } from '../src/harness/adapters.js';
import { describeScenarios } from './describe-scenarios.js';

describeScenarios(adapters.coreHttp);
