const QUANTITY = /^([+-]?)(\d{1,40})?(?:\.(\d{0,40}))?(Ki|Mi|Gi|Ti|Pi|Ei|[numkMGTPE]|[eE][+-]?\d{1,2})?$/;
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };
const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const LARGEST = 2n ** 63n - 1n;

/**
 * The whole units (bytes, CPUs) of a Kubernetes quantity, a fraction rounded up as Go's `Quantity.Value()` does.
 * `undefined` for what is no quantity, and for what does not fit Go's int64.
 *
 * @see https://github.com/kubernetes/apimachinery/blob/master/pkg/api/resource/quantity.go
 */
export function parseQuantity(text: string): bigint | undefined {
  const match = QUANTITY.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = '', fraction = '', suffix = ''] = match;
  if (whole === '' && fraction === '') return undefined;
  const scaled = scale(BigInt(whole + fraction), suffix, fraction.length);
  const value = sign === '-' ? -scaled : scaled;
  return value > LARGEST || value < -LARGEST ? undefined : value;
}

function scale(digits: bigint, suffix: string, fractionDigits: number): bigint {
  const binary = BINARY[suffix];
  if (binary !== undefined) return divideUp(digits << binary, 10n ** BigInt(fractionDigits));
  const exponent = DECIMAL[suffix] ?? (suffix === '' ? 0 : Number(suffix.slice(1)));
  const power = exponent - fractionDigits;
  return power >= 0 ? digits * 10n ** BigInt(power) : divideUp(digits, 10n ** BigInt(-power));
}

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

/** The thousandths of a CPU quantity (`500m` is 500), where `parseQuantity` would round up to a whole CPU. */
export function parseMilli(text: string): bigint | undefined {
  const match = /^(\d{1,15})m$/.exec(text);
  if (match?.[1] !== undefined) return BigInt(match[1]);
  const value = parseQuantity(text);
  return value === undefined ? undefined : value * 1000n;
}
