import { type Address, Connection, type RawRequest, within } from '@graceful/conformance/client';

const patienceMs = 30_000;

/** An answer of one of its sockets. */
export interface Answer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever JSON it is, a test says what it expects of it
  readonly body: any;
}

/** One question on a connection of its own. */
export async function ask(address: Address, request: RawRequest): Promise<Answer> {
  const connection = await Connection.open(address);
  try {
    const { status, headers, body } = await within(patienceMs, request.path, connection.ask(request));
    return { status, headers, body: body === '' ? undefined : (JSON.parse(body) as unknown) };
  } finally {
    connection.destroy();
  }
}
