/** What the system's codes mean for whoever waits; of others the system's own words are told. */
const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection ended before an answer came',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'no route to the network',
  ETIMEDOUT: 'no answer',
  ENOTFOUND: 'the name does not resolve',
  EAI_AGAIN: 'the name server does not answer',
  ENOENT: 'there is no such file',
  ENOTDIR: 'a folder of the path is a file',
  EACCES: 'this user may not look there',
  ENOTSOCK: 'it is no socket',
  EPROTO: 'what answers there speaks no TLS',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

const untrusted =
  'its certificate is signed by nobody who is trusted here; name a file with who signed it in NODE_EXTRA_CA_CERTS';

/** Why something is not there yet, in one line, with the system's code where it has one. */
export function why(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    // A name with several addresses, each of which was tried.
    return [...new Set(error.errors.map(why))].join('; ');
  }
  if (!(error instanceof Error)) return String(error);
  const { code, message, address, port } = error as NodeJS.ErrnoException & Place;
  if (code === undefined) return message;
  const where = address !== undefined && port !== undefined ? ` at ${shownPlace(address, port)}` : '';
  const meaning = meanings[code] ?? family(code);
  if (meaning !== undefined) return `${meaning}${where} (${code})`;
  return message.includes(code) ? message : `${message} (${code})`;
}

/** Of Node's errors about connections. */
interface Place {
  readonly address?: string;
  readonly port?: number;
}

/** Codes that OpenSSL and llhttp have many of. */
function family(code: string): string | undefined {
  if (/^(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|^UNABLE_TO_(?:GET_ISSUER|VERIFY)/.test(code)) return untrusted;
  if (code.startsWith('HPE_')) return 'what answers there speaks no HTTP/1.1';
  return undefined;
}

function shownPlace(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
