/** What a script can tell by, of the commands that ask a companion. */
export const companionCodes = `
Exit codes:
  0  done
  1  --wait: somebody is still there, or has not left cleanly
  2  refused, or not asked in order
  3  nobody there: no companion answers`;
