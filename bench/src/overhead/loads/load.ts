/** Connections to one server, over which it can be given work. */
export interface Load {
  /** Ask `total` times, and wait for every answer. */
  send(total: number): Promise<void>;
  close(): Promise<void>;
}
