import type { HttpClient } from "../viewer/http-client.ts";
import type { Notes } from "./checks.ts";

/** Where plain http should lead to https. */
export interface RedirectTask {
  readonly client: HttpClient;
  readonly url: string;
  /** The port of plain http; 80 when left out and https is on 443. */
  readonly httpPort: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Asks for the page over plain http: `redirect`. */
export async function probeRedirect({ client, url, httpPort, signal }: RedirectTask, notes: Notes): Promise<void> {
  const { protocol, hostname, host, port } = new URL(url);
  if (protocol !== "https:") return notes.skip("redirect", "the address is not https");
  if (port !== "" && httpPort === undefined)
    return notes.skip("redirect", `https is on port ${port}; --http-port names the one of plain http`);
  const plain = `http://${hostname}${httpPort === undefined ? "" : `:${httpPort}`}/`;
  const answer = await client.fetch(plain, { signal }).catch((error: Error) => {
    if (signal?.aborted) throw error;
    return error.message;
  });
  if (typeof answer === "string")
    return notes.fail("redirect", `who types the name without https gets no answer: ${answer}`);
  const target = answer.headers.location ?? "";
  if (answer.status < 300 || answer.status > 399 || !URL.canParse(target, plain))
    return notes.fail("redirect", `${plain} answers ${answer.status} over plain http instead of leading to https`);
  const led = new URL(target, plain);
  notes.judge(
    "redirect",
    led.protocol === "https:" && led.host === host
      ? undefined
      : `${plain} leads to ${led.origin}, not to https://${host}`,
  );
}
