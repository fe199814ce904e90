import { BlockList, isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contains, parseAddress, parseSubnet } from '../src/rules/ip-range.ts';

/** Node keeps the zone of an address (`fe80::1%eth0`), and so does not speak about the same texts. */
const texts = fc.oneof(
  fc.ipV4(),
  fc.ipV6().filter((text) => !text.includes('%')),
  fc.string({ unit: fc.constantFrom(...'0123456789abcdefF:.'), maxLength: 50 }),
);

describe('addresses', () => {
  test('are the ones that Node knows', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(parseAddress(text) !== undefined).toBe(isIP(text) !== 0);
      }),
      { numRuns: 3000 },
    );
  });

  test.for([
    ['0.0.0.0', { bits: 32, value: 0n }],
    ['10.56.217.131', { bits: 32, value: 0x0a38d983n }],
    ['::', { bits: 128, value: 0n }],
    ['2001:db8::1', { bits: 128, value: 0x20010db8000000000000000000000001n }],
    ['::ffff:10.0.0.1', { bits: 32, value: 0x0a000001n }],
    ['64:ff9b::10.0.0.1', { bits: 128, value: 0x64ff9b00000000000000000a000001n }],
  ] as const)('%s is a number', ([text, address]) => {
    expect(parseAddress(text)).toEqual(address);
  });

  test.for(['', '1.2.3', '1.2.3.4.5', '256.0.0.1', '01.2.3.4', '1:2', ':', ':::', '1::2::3', '1:2:3:4:5:6:7:8:9', '10000::', '::1.2.3'])(
    '"%s" is none',
    (text) => {
      expect(parseAddress(text)).toBeUndefined();
    },
  );
});

describe('subnets', () => {
  test('contain what Node says they contain', () => {
    const family = fc.constantFrom('ipv4' as const, 'ipv6' as const);
    const plain = (text: string): boolean => !text.includes('%') && !text.toLowerCase().includes('ffff:');
    const addressOf = (version: 'ipv4' | 'ipv6'): fc.Arbitrary<string> => (version === 'ipv4' ? fc.ipV4() : fc.ipV6().filter(plain));
    const cases = family.chain((version) =>
      fc.record({
        version: fc.constant(version),
        base: addressOf(version),
        address: addressOf(version),
        prefix: fc.integer({ min: 0, max: version === 'ipv4' ? 32 : 128 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ version, base, address, prefix }) => {
        const blocks = new BlockList();
        blocks.addSubnet(base, prefix, version);
        const subnet = parseSubnet(`${base}/${prefix}`);
        for (const text of [base, address]) {
          const parsed = parseAddress(text);
          expect(subnet !== undefined && parsed !== undefined && contains(subnet, parsed)).toBe(blocks.check(text, version));
        }
      }),
    );
  });

  test.for(['10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '::/129', '/24', '10.0.0.0/-1', '10.0.0.0/2 4'])('"%s" is none', (text) => {
    expect(parseSubnet(text)).toBeUndefined();
  });
});
