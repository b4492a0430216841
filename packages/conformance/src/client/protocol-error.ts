/** What a server sent that is not HTTP/1.1, or that nobody asked for. */
export class ProtocolError extends Error {
  /** Tells it apart where classes do not. */
  override readonly name = 'ProtocolError';
}
