import { serveGracefully } from './graceful.js';

/** Under a supervisor: no word of that is in it. */
await serveGracefully();
