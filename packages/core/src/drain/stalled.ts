/** How long a half received request head, or a TLS handshake, may hold a drain, in milliseconds. */
export const stalledMs = 2_000;
