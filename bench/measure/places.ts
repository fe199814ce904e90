import { fileURLToPath } from 'node:url';

/** The repository, seen from the compiled file. */
const ROOT = new URL('../../../../', import.meta.url);

/** The program under test, as `npm run build` leaves it. */
export const MAIN = fileURLToPath(new URL('dist/main.js', ROOT));

/** A compiled file of this bench. @param path below `bench/`, without its ending. */
export function benchScript(path: string): string {
  return fileURLToPath(new URL(`bench/dist/bench/${path}.js`, ROOT));
}

/** What the server looks NADs up in. */
export const EXAMPLES = fileURLToPath(new URL('deploy/examples/', ROOT));

/** A review recorded from a kube-apiserver. @param name without its ending. */
export function reviewPath(name: string): string {
  return fileURLToPath(new URL(`test/data/admission-reviews/${name}.json`, ROOT));
}
