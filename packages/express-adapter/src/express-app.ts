/** What is looked at of an Express app; Express 4 keeps its router in `_router`, Express 5 in `router`. */
interface ExpressApp {
  readonly _router?: Router;
  readonly router?: Router;
}

interface Router {
  readonly stack?: readonly { readonly handle: unknown }[];
}

/** Whether `listener` is an Express app with `middleware` in it. */
export function uses(listener: unknown, middleware: unknown): boolean {
  if (typeof listener !== 'function' || !('handle' in listener)) return false;
  return holds(routerOf(listener as ExpressApp), middleware);
}

function holds(router: Router | undefined, middleware: unknown): boolean {
  return (router?.stack ?? []).some(
    // A router in a router is a function with a stack of its own.
    ({ handle }) =>
      handle === middleware || (typeof handle === 'function' && holds(handle as Router, middleware)),
  );
}

function routerOf(app: ExpressApp): Router | undefined {
  if (app._router) return app._router;
  try {
    return app.router;
  } catch {
    // Express 4 throws there, to tell those who come from Express 3.
    return undefined;
  }
}
