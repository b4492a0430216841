/**
 * An HTTP/1.1 client that keeps books, for scenarios of your own: raw
 * connections that never retry, a ledger of what became of each request,
 * networks that are far away, and clients that ask again and again.
 */
export { Balancer } from './balancer.js';
export type { BodyFraming } from './body-reader.js';
export {
  type Address,
  ConnectError,
  Connection,
  type ConnectionEnd,
  endpointOf,
  type Manners,
} from './connection.js';
export { within } from './deadline.js';
export { type Exchange, type Fate, LostRequest } from './exchange.js';
export { Ledger, type Refusal } from './ledger.js';
export { askAndComeBack, askOnFreshConnections, askUntilTold, type Pace } from './load.js';
export { freePort } from './ports.js';
export { ProtocolError } from './protocol-error.js';
export { type Carry, gate, late, Relay, straight } from './relay.js';
export type { RawRequest, WireRequest } from './request.js';
export type { RawResponse } from './response-parser.js';
export { type BookEntry, eventsOf, linesOf } from './story.js';
