import { fetchWhole } from "./fetch-whole.ts";

/** The public status of Owncast's stream. Times are ISO 8601. */
export interface PublicStatus {
  readonly online: boolean;
  /** When the present publisher connected; null if there is none. Its stream is online some seconds later. */
  readonly lastConnectTime?: string | null;
  /** When the last stream ended; null if there was none since the server started. */
  readonly lastDisconnectTime?: string | null;
  readonly streamTitle?: string;
}

const maxBytes = 65_536;

/**
 * Asks an Owncast for its public status, once. Resolves to undefined if the response is not Owncast's. Rejects as
 * `fetchWhole` does if there is no response.
 */
export async function readPublicStatus(
  url: string,
  limits: { readonly seconds: number; readonly signal?: AbortSignal | undefined },
): Promise<PublicStatus | undefined> {
  const { status, body } = await fetchWhole(new URL("/api/status", url), { ...limits, maxBytes });
  if (status !== 200) return undefined;
  try {
    const found = JSON.parse(`${body}`) as PublicStatus | null;
    return typeof found?.online === "boolean" ? found : undefined;
  } catch {
    return undefined;
  }
}
