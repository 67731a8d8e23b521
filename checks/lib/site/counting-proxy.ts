import { createServer, request } from "node:http";

/** Stands before a server, passes everything on and notes what was asked, as `GET /path`. */
export interface CountingProxy {
  readonly url: string;
  readonly requests: string[];
  /** Cuts the next connection that asks for this path: before the server gets to know of it, or after it has answered. */
  cutNext(when: "before" | "after", path: string): void;
  /** Answers 404 for this path from now on, as a server does that is too old for it. */
  hide(path: string): void;
  stop(): void;
}

export async function startCountingProxy(target: string): Promise<CountingProxy> {
  const requests: string[] = [];
  const hidden = new Set<string>();
  let cut: { readonly when: "before" | "after"; readonly path: string } | undefined;
  const server = createServer((incoming, answer) => {
    requests.push(`${incoming.method} ${incoming.url}`);
    const { method, headers, url = "" } = incoming;
    const when = cut?.path === url ? cut.when : undefined;
    if (when) cut = undefined;
    if (when === "before") return incoming.socket.destroy();
    if (hidden.has(url)) return answer.writeHead(404).end();
    const passed = request(new URL(url, target), { method, headers }, (response) => {
      if (when === "after") return response.resume().once("end", () => incoming.socket.destroy());
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    passed.once("error", () => answer.destroy());
    incoming.pipe(passed);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    cutNext(when, path) {
      cut = { when, path };
    },
    hide: (path) => hidden.add(path),
    stop() {
      server.close();
      server.closeAllConnections();
    },
  };
}
