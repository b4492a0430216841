/**
 * Hear of errors that nobody caught, until disposed. An unhandled rejection
 * arrives here too, as Node raises it to an uncaught exception unless somebody
 * else listens for rejections, and then it is theirs.
 */
export function watchUncaught(
  onError: (error: unknown, origin: NodeJS.UncaughtExceptionOrigin) => void,
): Disposable {
  process.on('uncaughtException', onError);
  return { [Symbol.dispose]: () => void process.off('uncaughtException', onError) };
}
