import { createServer } from 'node:http';
import { answer, heldCount } from './routes.js';

/** A service that has never heard of SIGTERM. It says what it does in the words of the others. */
const server = createServer((request, response) => {
  if (request.url === '/healthz') response.end(JSON.stringify({ inFlight: heldCount() }));
  else void answer(request, response);
});
server.listen(3_000, () => {
  console.log(JSON.stringify({ msg: 'state ready', state: 'ready' }));
});
