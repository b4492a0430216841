import { http2Services } from '../src/http2/services.js';
import { describeHttp2 } from './describe-http2.js';

describeHttp2(http2Services.fastify5);
