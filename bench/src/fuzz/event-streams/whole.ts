/** Whether `text` is an event stream that was ended whole: all events in order, then when to come back. */
export function isWholeStream(text: string): boolean {
  const [, events = '', end = ''] = /^((?:data: \d+\n\n)+)(.*)$/s.exec(text) ?? [];
  // With a comment before it where it was not known whether the last event was whole.
  if (!/^(?:retry: \d+\n\n|:\nretry: \d+\n)$/.test(end)) return false;
  return events
    .split('\n\n')
    .slice(0, -1)
    .every((event, index) => event === `data: ${index + 1}`);
}
