import type { ArtifactLocation, Location, Region } from 'sarif';
import { objectName } from './object-name.ts';
import type { FormatOptions, InputProblem, Place, ReportedFinding } from './report.ts';

/** What paths are relative to: GitHub's code scanning looks for them from the root of the repository. */
export const SOURCE_ROOT = '%SRCROOT%';

type SourcePath = FormatOptions['sourcePath'];

/** Where a finding stands, in its file and in its object. */
export function findingLocation({ place, object, field }: ReportedFinding, sourcePath: SourcePath): Location {
  return {
    physicalLocation: { artifactLocation: artifactLocation(place.file, sourcePath), region: regionOf(place) },
    logicalLocations: [{ fullyQualifiedName: [`${object.kind} ${objectName(object)}`, ...(field === '' ? [] : [field])].join(' ') }],
  };
}

/** Where input could not be read; a file that could not be read at all has no line. */
export function problemLocation({ file, line, column, renderedBy }: InputProblem, sourcePath: SourcePath): Location {
  const region = line === 0 || renderedBy !== undefined ? {} : { region: { startLine: line, startColumn: column } };
  return { physicalLocation: { artifactLocation: artifactLocation(file, sourcePath), ...region } };
}

/** A file as a URI: relative below the root, absolute elsewhere. */
export function artifactLocation(file: string, sourcePath: SourcePath): ArtifactLocation {
  const path = sourcePath(file).replaceAll('\\', '/');
  const uri = path.split('/').map(encodeURIComponent).join('/');
  if (path.startsWith('/')) return { uri: `file://${uri}` };
  if (/^[A-Za-z]:\//.test(path)) return { uri: `file:///${uri}` };
  return { uri, uriBaseId: SOURCE_ROOT };
}

/** GitHub asks for a line, and has none of a rendered text: the message tells it. */
function regionOf(place: Place): Region {
  return place.renderedBy === undefined ? toRegion(place) : { startLine: 1 };
}

/** A region from the place of a text; its end is past the last character in both. */
export function toRegion({ line, column, endLine, endColumn }: Pick<Place, 'line' | 'column' | 'endLine' | 'endColumn'>): Region {
  return { startLine: line, startColumn: column, endLine, endColumn };
}
