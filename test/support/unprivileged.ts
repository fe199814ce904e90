/** The user that has no rights of its own on any system. */
const NOBODY = 65_534;

/** Runs something as a user whom permissions stop: root would read everything. */
export async function asUnprivileged<T>(run: () => Promise<T>): Promise<T> {
  if (process.getuid?.() !== 0) return run();
  process.seteuid?.(NOBODY);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
  }
}
