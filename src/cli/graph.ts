import { subjectOf } from '../core/subject.ts';
import { DRAWINGS, type DrawingFormat } from '../graph/drawings.ts';
import type { JudgedObject } from '../graph/marks.ts';
import { createGraph } from '../graph/model.ts';
import type { Manifest } from '../manifest/manifest.ts';
import { createFileEngine, type EngineOptions } from './file-engine.ts';
import type { CommandIo, ExitCode } from './io.ts';
import type { Output } from './option-values.ts';
import { writeOutputs } from './outputs.ts';
import { reportUnread } from './unread.ts';

export interface GraphOptions extends EngineOptions {
  readonly outputs: readonly Output<DrawingFormat>[];
}

/** `vhostguard graph`: draws each vhost-user NIC's way to its node, with the findings where they are. Findings do not make it fail. */
export async function graph(options: GraphOptions, io: CommandIo): Promise<ExitCode> {
  const { engine, files } = await createFileEngine({ ...options, splitsTemplates: true }, io);
  const objects: JudgedObject[] = [];
  let hasFailed = false;
  for (const file of files()) {
    hasFailed = reportUnread(file, io) || hasFailed;
    for (const manifest of file.state === 'read' ? file.content.manifests : []) {
      const subject = subjectOf(manifest.object, options.namespace);
      const { inScope, findings } = engine.judge(subject);
      if (inScope) objects.push({ subject, findings, locate: locator(manifest) });
    }
  }
  const picture = createGraph(objects, engine.context);
  writeOutputs(
    options.outputs.map(({ format, file }) => ({ text: DRAWINGS[format](picture), file })),
    io,
  );
  return hasFailed ? 3 : 0;
}

function locator(manifest: Manifest): JudgedObject['locate'] {
  return ({ path, offset }) => {
    const { line } = offset === undefined ? manifest.locate(path) : manifest.locateOffset(path, offset);
    return { file: manifest.file, line };
  };
}
