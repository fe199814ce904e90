import { execSync } from 'node:child_process';
import { existsSync } from 'node:fs';

// `npm install --global git+https://…`, and so pre-commit, prepares a clone without its dependencies:
// https://github.com/npm/cli/issues/8440. To be removed when the npm of the oldest Node that is supported does better.
if (!existsSync('node_modules/typescript')) {
  execSync('npm ci --global=false --include=dev --ignore-scripts', { stdio: 'inherit' });
}
execSync('npm run build', { stdio: 'inherit' });
