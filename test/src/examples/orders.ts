import type { Pace, RawRequest } from '@graceful/conformance/client';

/** Two lines, so that an order without its transaction could be seen: it would lack them. */
const lines = [
  { product: 'tea', quantity: 2, cents: 450 },
  { product: 'cup', quantity: 1, cents: 1_200 },
];

/** An order for the orders service. */
export function orderOf(customer: string): RawRequest {
  return {
    method: 'POST',
    path: '/orders',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ customer, lines }),
  };
}

/** What clients of the orders service do all day. */
export const ordersPace: Pace = {
  requests: [orderOf('Ada'), { path: '/orders' }, { path: '/orders/report?seconds=0.05' }],
  thinkMs: 5,
};
