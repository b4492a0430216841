/** What every contestant serves, whatever the framework: the same routes, the same bytes of body. */

/** A small answer, made at once: what the overhead is measured on. */
export const order: Readonly<Record<string, unknown>> = {
  id: 42,
  customer: 'ada',
  items: 3,
  total: '118.20',
  paid: true,
};

/** A `POST` takes a moment of work after its body arrived, as a query would. */
export const postWorkMs = 5;

/** A body that no kernel buffer holds, so that a slow reader leaves most of it in the server. */
export const largeBytes: number = 30 * 1024 * 1024;

let large: Buffer | undefined;

/** Made at the first use: the overhead runs do not carry 30 MB around. */
export function largeReport(): Buffer {
  large ??= Buffer.alloc(largeBytes, 'graceful ');
  return large;
}

/** How long `GET /reports/slow?ms=…` is to take, in milliseconds. */
export function slowMs(url: string | undefined): number {
  return Number(new URL(url ?? '/', 'http://localhost').searchParams.get('ms') ?? 0);
}
