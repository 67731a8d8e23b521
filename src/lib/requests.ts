import { channel } from "node:diagnostics_channel";

/** A request that was made to a server, without headers, body and query, which may hold secrets. */
export interface RequestMade {
  readonly method: string;
  readonly path: string;
  /** The HTTP status; undefined if no response came. */
  readonly status: number | undefined;
  readonly ms: number;
}

const requests = channel("lectern:request");

/** Makes a request (without a method: GET) and reports it to `sayRequests`, even if it fails. */
export async function told<Answer extends { readonly status: number }>(
  method: string | undefined,
  address: URL | string,
  make: () => Promise<Answer>,
): Promise<Answer> {
  const started = performance.now();
  let status: number | undefined;
  try {
    const answer = await make();
    status = answer.status;
    return answer;
  } finally {
    const ms = Math.round(performance.now() - started);
    requests.publish({ method: method ?? "GET", path: new URL(address).pathname, status, ms } satisfies RequestMade);
  }
}

/** From now on, prints each request of this process on stderr. */
export function sayRequests(): void {
  requests.subscribe((message) => {
    const { method, path, status, ms } = message as RequestMade;
    process.stderr.write(`${method} ${path} ${status ?? "no answer"} ${ms} ms\n`);
  });
}
