#!/usr/bin/env node
import { buffer } from 'node:stream/consumers';
import { run } from './cli/program.ts';

// `vhostguard check … | head` closes the pipe early: that is no error of ours.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await run(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: () => buffer(process.stdin),
  isTerminal: process.stdout.isTTY === true,
  env: process.env,
  now: () => new Date(),
  onSignal: (listener) => {
    process.on('SIGTERM', listener).on('SIGINT', listener);
    return () => process.off('SIGTERM', listener).off('SIGINT', listener);
  },
});
