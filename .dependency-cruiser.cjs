/** The rooms of src/: what each may import from the others, and why no more. `pure` ones know no I/O, clock or process. */
const ROOMS = {
  core: { may: [], pure: true, because: 'the words that every room shares may depend on none of them' },
  kube: { may: ['core'], pure: true, because: 'views of Kubernetes objects do not know what is judged about them' },
  engine: {
    may: ['core', 'kube'],
    pure: true,
    because: 'the evaluator is handed its rules, so that any list of rules can be run and tested',
  },
  rules: {
    may: ['core', 'kube', 'engine'],
    pure: true,
    because: 'a rule sees the object and the inventory, whatever door they came through',
  },
  manifest: { may: ['core'], pure: true, because: 'text and its positions are the same for rules, configuration and fixtures' },
  report: { may: ['core', 'engine'], pure: true, because: 'a report is values in and text out; metadata of rules travels in it' },
  catalogue: {
    may: ['core', 'kube', 'engine'],
    pure: true,
    because: 'documentation is made of metadata that it is handed, of whatever rules',
  },
  graph: {
    may: ['core', 'kube', 'engine', 'rules'],
    pure: true,
    because: 'a picture is values in and text out; it reads modes and placement with the words that rules share, so that both see the same',
  },
  suite: {
    may: ['core', 'engine', 'manifest', 'report', 'configuration'],
    pure: true,
    because: 'what a user expects is compared with a judgement that it is handed; files are read by whoever runs the suite',
  },
  admission: {
    may: ['core', 'kube', 'engine'],
    because: 'the webhook protocol judges through an engine it is handed, without rules, certificates or logs of its own',
  },
  certificates: { may: ['core'], because: 'certificates serve any TLS server' },
  telemetry: { may: ['core'], because: 'logs and metrics are of names and decisions, never of objects, so they need not know them' },
  configuration: { may: ['core', 'manifest'], because: 'settings are read before there is anything to judge' },
  snapshot: {
    may: ['core', 'manifest'],
    pure: true,
    because: 'what leaves a cluster is decided in one place, by the names of fields and not by what rules make of them',
  },
  cluster: { may: ['core', 'kube'], because: 'what a cluster holds is read as it is; what it means is told by the rooms that judge' },
  'host-plan': {
    may: ['core', 'kube'],
    pure: true,
    because: 'a plan is a description in and figures out; whoever reads hosts and files hands it one',
  },
  host: {
    may: ['core', 'manifest', 'host-plan'],
    because: 'a host is read as it is, into an object that any engine judges; what it means is told by the rooms that judge',
  },
  'host-agent': {
    may: ['core', 'kube', 'engine', 'cluster', 'telemetry'],
    because: 'it says in a Node what was judged of its host; looking at the host and judging it are handed to it',
  },
  'host-watch': {
    may: ['core', 'engine', 'host', 'report'],
    pure: true,
    because: 'what is shown of a host is made of samples and findings that it is handed; whoever watches reads them, and owns the terminal',
  },
  controller: {
    may: ['core', 'kube', 'engine', 'report', 'certificates', 'cluster', 'telemetry'],
    because:
      'it compares a cluster with what must be and writes the difference; rules, settings and a way to the API server are handed to it',
  },
  doctor: {
    may: ['core', 'engine', 'certificates', 'cluster', 'controller'],
    because: 'what must be there is told by the rooms that put it there; the doctor compares, and is handed rules and settings as they are',
  },
  cli: { may: '*', because: 'this is where the rooms are put together' },
};

/** Packages that only one place may import, so that they can be replaced there. */
const OWNERS = {
  '@kubernetes/client-node': { path: '^src/cluster/', because: 'loading it takes half a second, which only a cluster is worth' },
  ajv: { path: '^src/configuration/', because: 'loading it takes 40 ms, which only a configuration file is worth' },
  commander: { path: '^src/cli/', because: 'flags are read in one place and handed on as options' },
  diff: { path: '^src/(cli|suite)/', because: 'only a person reads a unified diff; the engine speaks in edits and patches' },
  express: {
    path: '^src/admission/http[^/]*$',
    because: 'the protocol is tested without a server, and another server may take the place of this one',
  },
  'fast-json-patch': { path: '^src/core/patch\\.ts$', because: 'a patch is refused there when it could reach a prototype' },
  pino: { path: '^src/telemetry/', because: 'a logger is handed in, so that no room logs behind the back of its caller' },
  'prom-client': { path: '^src/telemetry/', because: 'metrics are handed in, and their labels are bounded in one place' },
  tinyglobby: { path: '^src/cli/', because: 'patterns are a matter of the command line, and loading it takes 25 ms' },
  selfsigned: { path: '^src/certificates/', because: 'its defaults (SHA-1) must be overruled in one place' },
};

const rooms = Object.keys(ROOMS);
const pure = rooms.filter((room) => ROOMS[room].pure).join('|');

function roomRule([room, { may, because }]) {
  return {
    name: may.length === 0 ? `${room}-imports-no-room` : `${room}-imports-only-${may.join('-and-')}`,
    comment: because,
    severity: 'error',
    from: { path: `^src/${room}/` },
    to: { path: '^src/', pathNot: `^src/(${[room, ...may].join('|')})/` },
  };
}

function ownerRule([library, { path, because }]) {
  return {
    name: `${library}-has-one-importer`,
    comment: because,
    severity: 'error',
    from: { path: '^src/', pathNot: path },
    to: { path: `(^|node_modules/)(@types/)?${library}(/|$)` },
  };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(ROOMS)
      .filter(([, { may }]) => may !== '*')
      .map(roomRule),
    ...Object.entries(OWNERS).map(ownerRule),
    {
      name: 'pure-rooms-do-no-io',
      comment:
        'the same object and inventory must give the same verdict everywhere, so these rooms read nothing else; node:util only formats, node:zlib only packs',
      severity: 'error',
      from: { path: `^src/(${pure})/` },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?(util|zlib)$' },
    },
    {
      name: 'report-and-catalogue-import-engine-types-only',
      comment: 'what they show was decided before; deciding again while showing could differ',
      severity: 'error',
      from: { path: '^src/(report|catalogue)/' },
      to: { path: '^src/engine/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'host-watch-imports-host-types-only',
      comment: 'a view is computed from samples; reading one while computing would show two moments as one',
      severity: 'error',
      from: { path: '^src/host-watch/' },
      to: { path: '^src/(host|engine)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'graph-imports-no-rule',
      comment: 'what is found is handed to the picture; a rule run while drawing could find something else',
      severity: 'error',
      from: { path: '^src/graph/' },
      to: { path: '^src/rules/(VHG|index)' },
    },
    {
      name: 'suite-loads-no-file',
      comment: 'a suite shares with the configuration how a document is checked, and not how it is read or watched',
      severity: 'error',
      from: { path: '^src/suite/' },
      to: { path: '^src/configuration/(load|watch)\\.ts$' },
    },
    {
      name: 'rules-do-not-import-each-other',
      comment: 'a rule can be read, removed and tested alone; what two share gets a file of its own',
      severity: 'error',
      from: { path: '^src/rules/VHG' },
      to: { path: '^src/rules/(VHG|index)' },
    },
    {
      name: 'main-imports-only-cli',
      comment: 'the process entry point only connects streams, signals and the exit code',
      severity: 'error',
      from: { path: '^src/main\\.ts$' },
      to: { path: '^src/', pathNot: '^src/cli/' },
    },
    {
      name: 'index-imports-only-pure-rooms',
      comment: 'whoever uses the engine as a library gets no server and no I/O with it',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/', pathNot: `^src/(${pure})/` },
    },
    {
      name: 'nothing-imports-an-entry-point',
      comment: 'main.ts runs when it is imported, and index.ts is for others',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^src/(main|index)\\.ts$' },
    },
    {
      name: 'no-circular-imports',
      comment: 'files that need each other are one thing in two files, or there is a third thing in them that wants a name',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'every-import-resolves',
      comment: 'an import that the walls cannot follow is one that they cannot check',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-development-packages-at-run-time',
      comment: 'users install without devDependencies',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
