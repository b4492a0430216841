/** For libraries that leave the signal to the app: `act` at the first SIGTERM; a further one changes nothing. */
export function onSigterm(act: () => void): void {
  let begun = false;
  // Not once(): without a listener a further signal would end the process by Node's default.
  process.on('SIGTERM', () => {
    if (begun) return;
    begun = true;
    act();
  });
}
