import type { ListenAddress } from '../admission/listener.ts';
import { AppError } from '../core/errors.ts';

const ADDRESS = /^(?:\[(?<ipv6>[0-9A-Fa-f:.]+)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/;

/**
 * Reads `HOST:PORT`; an empty host is every address of the machine, IPv6 addresses are in brackets.
 * @throws AppError USAGE when `text` is not of that form.
 */
export function parseAddress(text: string, flag: string): ListenAddress {
  const groups = ADDRESS.exec(text)?.groups;
  const port = Number(groups?.['port']);
  if (groups === undefined || port > 65_535) {
    throw new AppError('USAGE', `${flag} must be HOST:PORT, not ${JSON.stringify(text)}`, { hint: `for example ${flag} 127.0.0.1:9443` });
  }
  return { host: groups['ipv6'] ?? (groups['host'] || '::'), port };
}
