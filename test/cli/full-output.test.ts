import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { builtProgram } from '../support/built-program.ts';

beforeAll(() => {
  builtProgram();
});

describe('a standard output that takes no more', () => {
  test.skipIf(!existsSync('/dev/full'))('is an error of its own, and neither a finding nor a stack trace', () => {
    const full = openSync('/dev/full', 'w');
    const { status, stderr } = spawnSync(process.execPath, [builtProgram(), 'rules'], {
      stdio: ['ignore', full, 'pipe'],
      encoding: 'utf8',
    });
    closeSync(full);
    expect(status).toBe(3);
    expect(stderr).toBe('vhostguard: cannot write to standard output: ENOSPC: no space left on device, write\n');
  });

  test('ends a program quietly when it is a pipe that was closed', () => {
    const command = `"${process.execPath}" "${builtProgram()}" rules -o json | head -c 1 >/dev/null; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', command], { encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: '0\n', stderr: '' });
  });
});
