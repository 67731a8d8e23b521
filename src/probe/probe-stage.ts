import type { HttpResponse } from "../viewer/http-client.ts";
import { http3Offer } from "../viewer/http3-offer.ts";
import { probeChat } from "./probe-chat.ts";
import { type ClosedTask, probeDoors, probePrivate } from "./probe-closed.ts";
import { type PageTask, probePage } from "./probe-page.ts";
import { type Notes, type StageCheck, stageChecks } from "./probe-report.ts";

/** The checks besides the stream; see `ProbeOptions`. */
export interface StageTask extends PageTask, Omit<ClosedTask, "closed"> {
  /** Whether Owncast answers at all. */
  readonly answers: boolean;
  readonly closed?: ClosedTask["closed"];
  readonly httpPort?: number | undefined;
  readonly chat?: boolean;
  readonly chatEnabled?: boolean | undefined;
}

/** Makes every check of a stage that is not about its stream. */
export async function probeStage(task: StageTask, notes: Notes): Promise<void> {
  const { client, url, signal, closed = [] } = task;
  const address = new URL("/api/status", url).href;
  const response = await client.fetch(address, { method: "HEAD", signal }).catch(() => undefined);
  noteTls(url, response, notes);
  noteHttp3(response, notes);
  if (!task.answers) return notes.skipRest(Object.keys(stageChecks) as StageCheck[], "Owncast does not answer");
  await Promise.all([
    probePage(task, notes),
    probeRedirect(task, notes),
    probeDoors({ ...task, closed }, notes),
    probePrivate({ ...task, closed }, notes),
    sendIntoChat(task, notes),
  ]);
}

// Called after a connection came about, so the certificate is trusted.
function noteTls(url: string, response: HttpResponse | undefined, notes: Notes): void {
  if (new URL(url).protocol !== "https:") notes.skip("tls", "the address is not https");
  else notes.pass("tls", response?.certificateUntil ? `certificate valid until ${response.certificateUntil}` : "");
}

// At 250 ms and 0.5 % loss, measured: docs/decisions/0023.
const slowFarAway =
  "Caddy's HTTP/3 cannot use BBR: a far viewer who loses 1 packet in 200 gets 0.85 Mbit/s over it, and 18 over TCP with BBR";

function noteHttp3(response: HttpResponse | undefined, notes: Notes): void {
  const offer = http3Offer(response?.headers["alt-svc"]);
  if (!response) notes.skip("http3", "the server does not answer");
  else if (offer === undefined) notes.pass("http3", "not offered");
  else
    notes.warn(
      "http3",
      `offered (Alt-Svc: ${offer}), which browsers remember. ${slowFarAway}. On NixOS: services.lectern.http3.enable = false`,
    );
}

/** Requests the page over plain http: `redirect`. */
async function probeRedirect({ client, url, httpPort, signal }: StageTask, notes: Notes): Promise<void> {
  const { protocol, hostname, host, port } = new URL(url);
  if (protocol !== "https:") return notes.skip("redirect", "the address is not https");
  if (port !== "" && httpPort === undefined)
    return notes.skip("redirect", `https is on port ${port}; --http-port names the port of plain http`);
  const plain = `http://${hostname}${httpPort === undefined ? "" : `:${httpPort}`}/`;
  const response = await client.fetch(plain, { signal }).catch((error: Error) => {
    if (signal?.aborted) throw error;
    return error.message;
  });
  if (typeof response === "string")
    return notes.fail("redirect", `a viewer who types the name without https gets no answer: ${response}`);
  const target = response.headers.location ?? "";
  if (response.status < 300 || response.status > 399 || !URL.canParse(target, plain))
    return notes.fail("redirect", `${plain} answers ${response.status} and does not redirect to https`);
  const led = new URL(target, plain);
  notes.judge(
    "redirect",
    led.protocol === "https:" && led.host === host
      ? undefined
      : `${plain} redirects to ${led.origin}, not to https://${host}`,
  );
}

async function sendIntoChat(task: StageTask, notes: Notes): Promise<void> {
  if (!task.chat) return notes.skip("chat", "give --chat to send a message into it");
  if (task.chatEnabled === false) return notes.skip("chat", "the seed disables it");
  await probeChat(task, notes);
}
