import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect } from 'node:tls';
import { describeFault } from '../cluster/api-server.ts';

/** What a server shows when it is asked for its certificate. `distrust` is why it is not to be trusted, as OpenSSL calls it. */
export type Handshake =
  | { readonly state: 'shown'; readonly leaf: X509Certificate; readonly distrust?: string }
  | { readonly state: 'failed'; readonly fault: string };

/** @param trust certificates in PEM. @param timeoutMs longest wait for the handshake. Never throws. */
export function shakeHands(url: string, trust: readonly string[], timeoutMs: number): Promise<Handshake> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    // A certificate that is not trusted is looked at too, to say why. Nothing is sent to it.
    const options = { host, port: Number(port || 443), ca: [...trust], rejectUnauthorized: false };
    const socket = connect({ ...options, ...(isIP(host) === 0 && { servername: host }) });
    const end = (handshake: Handshake): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(handshake);
    };
    const timer = setTimeout(() => end({ state: 'failed', fault: `no answer within ${timeoutMs / 1000} s` }), timeoutMs);
    socket.on('error', (thrown) => end({ state: 'failed', fault: describeFault(thrown) }));
    socket.on('secureConnect', () => {
      const leaf = socket.getPeerX509Certificate();
      if (leaf === undefined) end({ state: 'failed', fault: 'it shows no certificate' });
      else end({ state: 'shown', leaf, ...(!socket.authorized && { distrust: String(socket.authorizationError) }) });
    });
  });
}
