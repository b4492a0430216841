/** Resolves in the check phase of this turn of the event loop, or of the next. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
