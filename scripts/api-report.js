// The public interface of a package, as committed in etc/*.api.md: a reviewer sees
// a changed signature in the diff. Run in a package's folder; with --local the
// reports are written, without it they are compared and a difference fails.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Extractor, ExtractorConfig, ExtractorLogLevel } from '@microsoft/api-extractor';

const folder = process.cwd();
const local = process.argv.includes('--local');
const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
const name = manifest.name.replace(/^@[^/]+\//, '');
mkdirSync(join(folder, 'etc'), { recursive: true });

const silent = { logLevel: ExtractorLogLevel.None };
let failed = false;
for (const [entry, target] of Object.entries(manifest.exports)) {
  if (typeof target === 'string') continue;
  const reportName = entry === '.' ? name : `${name}.${basename(entry)}`;
  const config = ExtractorConfig.prepare({
    configObjectFullPath: join(folder, 'api-extractor.json'),
    packageJsonFullPath: join(folder, 'package.json'),
    configObject: {
      projectFolder: folder,
      mainEntryPointFilePath: join(folder, target.types),
      newlineKind: 'lf',
      compiler: { tsconfigFilePath: join(folder, 'tsconfig.json') },
      apiReport: {
        enabled: true,
        reportFileName: `${reportName}.api.md`,
        reportFolder: join(folder, 'etc'),
        reportTempFolder: join(folder, 'temp'),
      },
      docModel: { enabled: false },
      dtsRollup: { enabled: false },
      messages: {
        compilerMessageReporting: { default: silent },
        extractorMessageReporting: {
          default: { logLevel: ExtractorLogLevel.Error },
          // What a further entry speaks of is exported by the first.
          ...(entry !== '.' && { 'ae-forgotten-export': silent }),
          // Everything exported is public; a tag on each would say nothing.
          'ae-missing-release-tag': silent,
          // The adapters hand on the core's names; their docs are there.
          'ae-unresolved-inheritdoc-reference': silent,
          'ae-unresolved-link': silent,
        },
        tsdocMessageReporting: { default: silent },
      },
    },
  });
  const before = existsSync(join(folder, 'etc', `${reportName}.api.md`));
  const result = Extractor.invoke(config, {
    localBuild: local,
    showVerboseMessages: false,
    messageCallback: (message) => {
      if (message.logLevel === ExtractorLogLevel.Error) console.error(message.formatMessageWithoutLocation());
      message.handled = true;
    },
  });
  if (result.apiReportChanged && !local) {
    failed = true;
    console.error(
      `${reportName}.api.md ${before ? 'differs from' : 'is missing beside'} the code. Run "pnpm api", and commit what it wrote if you meant the change.`,
    );
  }
  if (result.errorCount > 0) failed = true;
}
process.exitCode = failed ? 1 : 0;
