#!/usr/bin/env node
import { basename } from 'node:path';
import { run } from './cli/program.ts';
import { readStream } from './cli/read-text.ts';

// `vhostguard check … | head` closes the pipe early: that is no error of ours. A full disk is the user's, and no finding.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  process.stderr.write(`vhostguard: cannot write to standard output: ${error.message}\n`);
  process.exit(3);
});
// Whoever closes standard error does not want to hear more; the exit code stays what it is.
process.stderr.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

// A copy without the accessors of the real one: the YAML library asks for a variable at every token, a sixth of its time.
process.env = { ...process.env };

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: () => readStream(process.stdin),
  isTerminal: process.stdout.isTTY === true,
  outputTerminal: process.stdout.isTTY === true ? process.stdout : undefined,
  keyboard: () => (process.stdin.isTTY === true ? process.stdin : undefined),
  errorTerminal: process.stderr.isTTY === true ? process.stderr : undefined,
  // kubectl runs `kubectl-NAME` of the PATH as `kubectl NAME`.
  programName: basename(process.argv[1] ?? '').startsWith('kubectl-') ? 'kubectl vhostguard' : 'vhostguard',
  env: process.env,
  now: () => new Date(),
  onSignal: (listener) => process.on('SIGTERM', listener).on('SIGINT', listener),
});
