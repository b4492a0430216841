export interface Order {
  readonly customer: string;
  readonly lines: readonly OrderLine[];
}

interface OrderLine {
  readonly product: string;
  readonly quantity: number;
  readonly cents: number;
}

/** The order in a request's body, or what is wrong with it. */
export function parseOrder(body: unknown): Order | string {
  if (!isObject(body)) return 'expected an order as JSON';
  const { customer, lines } = body;
  if (typeof customer !== 'string' || customer === '') return 'expected `customer` to be a name';
  if (!Array.isArray(lines) || lines.length === 0)
    return 'expected `lines` to be a list with at least one line';
  if (!lines.every(isLine)) return 'expected every line to be { product, quantity > 0, cents >= 0 }';
  return { customer, lines };
}

function isLine(value: unknown): value is OrderLine {
  if (!isObject(value)) return false;
  const { product, quantity, cents } = value;
  return typeof product === 'string' && isInteger(quantity, 1) && isInteger(cents, 0);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isInteger(value: unknown, least: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value < 2 ** 31;
}
