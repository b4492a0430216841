import type { ServerResponse } from 'node:http';
import type { Connection } from '../connection.js';
import { lingerForBody } from '../linger.js';
import { sayClose } from './say-close.js';

/**
 * Let `response` be the last of its connection, unless another request is pipelined behind it by then.
 *
 * @param mayTell - asked when its head is written
 * @param onTold - told when the head is written that says it
 */
export function tellLast(
  connection: Connection,
  response: ServerResponse,
  mayTell: () => boolean,
  onTold: () => void = () => {},
): void {
  const isLast = () => connection.newest === response && mayTell();
  sayClose(response, isLast, () => {
    connection.end = 'told';
    onTold();
    lingerForBody(connection.socket, response.req);
  });
}
