import type { HostView, PortView } from './view.ts';

/** Which ports are shown. */
export interface Selection {
  /** Names, with `*` for any text and `?` for any character; all when absent. */
  readonly names?: string | undefined;
  readonly onlyProblems: boolean;
}

/** The view without the ports that were not asked for. */
export function selectPorts(view: HostView, { names, onlyProblems }: Selection): HostView {
  const pattern = names === undefined ? undefined : patternOf(names);
  const isWanted = ({ name, findings }: PortView) => (pattern?.test(name) ?? true) && (!onlyProblems || findings.length > 0);
  return { ...view, ports: view.ports.filter(isWanted) };
}

function patternOf(names: string): RegExp {
  const source = names
    .replace(/[\\^$.|+()[\]{}]/g, '\\$&')
    .replace(/\*+/g, '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'su');
}
