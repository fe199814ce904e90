/** Somebody to run a program as. Only root can. */
export interface User {
  readonly uid: number;
  readonly gid: number;
  /** Supplementary ones. */
  readonly groups?: readonly number[];
  /** Octal, as the shell takes it. */
  readonly umask?: string;
}

/** A program and its arguments as that user, without any capability; as they are without a user. */
export function commandOf(user: User | undefined, program: string, words: readonly string[]): readonly [string, readonly string[]] {
  if (user === undefined) return [program, words];
  const { uid, gid, groups = [], umask = '022' } = user;
  const supplementary = groups.length === 0 ? '--clear-groups' : `--groups=${groups.join(',')}`;
  const shell = ['sh', '-c', `umask ${umask} && exec "$@"`, 'sh', program, ...words];
  return ['setpriv', [`--reuid=${uid}`, `--regid=${gid}`, supplementary, ...shell]];
}
