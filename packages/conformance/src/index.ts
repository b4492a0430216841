/** Takes a server away under raw clients, and says what they lost. */
export { ConformanceError, type ConformanceErrorCode } from './conformance-error.js';
export { toMarkdown } from './markdown.js';
export type {
  ConformanceOptions,
  Http2Option,
  PromiseOptions,
  ReadinessOption,
  RequestOption,
  RequestOptions,
  RequestParts,
  TimedRequest,
  UploadRequest,
} from './options.js';
export {
  type ConformanceReport,
  type ExitFigures,
  type RequestFigures,
  type RowReport,
  summary,
} from './report.js';
export { runConformance } from './run.js';
