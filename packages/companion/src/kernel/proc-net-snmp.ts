/**
 * Resets that this network has sent (`OutRsts` of RFC 1213's TCP group, in
 * `/proc/net/snmp`): one for each connection that is tried where nobody
 * listens, and for each that was cut. `undefined`, where it is not told.
 */
export function parseResets(text: string): number | undefined {
  const [names, values] = text
    .split('\n')
    .filter((line) => line.startsWith('Tcp: '))
    .map((line) => line.split(' '));
  const resets = Number(values?.[names?.indexOf('OutRsts') ?? -1]);
  return Number.isSafeInteger(resets) ? resets : undefined;
}
