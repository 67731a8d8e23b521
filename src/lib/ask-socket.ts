import { request } from "node:http";
import type { HostPort } from "./listen.ts";

/** A request to a service of this host, at its socket or its port. */
export type SocketRequest = ({ readonly socketPath: string } | HostPort) & RequestOptions;

interface RequestOptions {
  readonly path: string;
  readonly method?: "GET" | "PUT" | "DELETE";
  /** Limits the whole request, the body included. */
  readonly seconds: number;
  /** A longer body is an error. */
  readonly mostBytes: number;
}

/** A response with any status, and its whole body. */
export interface SocketResponse {
  readonly status: number;
  readonly text: string;
}

/** Makes one request. Rejects with the system's error, or with an error that says that there is no response in time. */
export function askSocket({ seconds, mostBytes, ...options }: SocketRequest): Promise<SocketResponse> {
  const signal = AbortSignal.timeout(seconds * 1000);
  const asked = new Promise<SocketResponse>((resolve, reject) => {
    const sent = request({ ...options, agent: false, signal });
    sent.once("error", reject);
    sent.once("response", (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.once("error", reject);
      answer.on("data", (part: string) => {
        text += part;
        if (text.length > mostBytes) answer.destroy(new Error(`more than ${mostBytes} bytes`));
      });
      answer.once("end", () => resolve({ status: answer.statusCode ?? 0, text }));
    });
    sent.end();
  });
  return asked.catch((error: Error) => {
    throw signal.aborted ? new Error(`no response within ${seconds} s`) : error;
  });
}
