import type { ErrorRequestHandler } from 'express';
import { log } from './log.js';

/** What a client is told of an error: its own mistakes in full, ours as little as possible. */
export const answerError: ErrorRequestHandler = (
  error: Error & { status?: number },
  request,
  response,
  next,
) => {
  const { status = 500, message } = error;
  if (status >= 500) log.error({ err: error, path: request.path }, 'a request failed');
  if (response.headersSent) next(error);
  else response.status(status).json({ error: status >= 500 ? 'it is not you, it is us' : message });
};
