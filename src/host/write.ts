import { Document, isScalar, visit } from 'yaml';
import { WRITING_SCHEMA } from '../manifest/scalars.ts';
import type { HostSnapshot } from './host-snapshot.ts';

/** The snapshot as a YAML document that `vhostguard check` reads. Lists of numbers and words stand on one line, however many CPUs there are. */
export function writeHostSnapshot(snapshot: HostSnapshot): string {
  const document = new Document(snapshot, { schema: WRITING_SCHEMA, aliasDuplicateObjects: false });
  visit(document, {
    Seq: (_key, list) => {
      list.flow = list.items.every((item) => isScalar(item));
    },
  });
  return `---\n${document.toString({ lineWidth: 0, flowCollectionPadding: false, indentSeq: false })}`;
}
