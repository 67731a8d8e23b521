import { setTimeout as sleep } from "node:timers/promises";
import { CliError, ExitCode } from "../lib/errors.ts";
import { http3Offer } from "../viewer/http3-offer.ts";
import { PlaylistError, tornRetry } from "../viewer/playlist.ts";
import { makeViewerCredentials } from "../viewer/viewer-credentials.ts";
import type { Rung, Shares } from "./choose-rendition.ts";
import { type Answer, type Ask, Connection, NoAnswer, type Place } from "./connection.ts";
import { type LivePlaylists, maxPlaylistBytes, TornPlaylist } from "./live-playlists.ts";

/** What the crowd will watch. */
export interface Subject {
  readonly rungs: readonly Rung[];
  /** The longest segments among the renditions. */
  readonly targetSeconds: number;
  /** As the stage calls itself, at most 100 characters; undefined without a name. */
  readonly name: string | undefined;
  /** The part of its Alt-Svc header that offers HTTP/3; undefined if it offers none. */
  readonly http3Offer: string | undefined;
}

const maxStatusBytes = 64 * 1024;
// It has the page's text, which may be long.
const maxConfigBytes = 4 * 1024 * 1024;
const longestName = 100;
const requestMs = 15_000;
const expireEveryMs = 500;

/**
 * Looks at the stage as the first viewer, so that a rehearsal that cannot work does not begin. Throws CliError: 69 if it cannot be
 * reached, 77 if it is private or its video is elsewhere, 2 if it is off the air or its playlists cannot be used.
 */
export async function lookAtStage(
  place: Place,
  playlists: LivePlaylists,
  {
    viewerPassword,
    signal,
  }: { readonly viewerPassword?: string | undefined; readonly signal?: AbortSignal | undefined } = {},
): Promise<Subject> {
  const connection = new Connection(place, { onConnected: () => {}, onBytes: () => {} });
  const credentials = viewerPassword === undefined ? undefined : makeViewerCredentials(place.origin, viewerPassword);
  const get = async (ask: Ask): Promise<Answer> => {
    const url = place.origin + ask.path;
    const headers = { "accept-encoding": "identity", ...credentials?.headersFor(url) };
    try {
      const answer = await connection.request({ ...ask, headers, withinMs: requestMs });
      credentials?.learn(url, answer.headers);
      return answer;
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      throw new CliError(ExitCode.unreachable, `${url}: ${error.message}`, "`lectern probe` looks closer");
    }
  };
  const read = async <Playlist>(path: string, parse: (text: string) => Playlist): Promise<Playlist> => {
    for (let attempt = 1; ; attempt++) {
      const { status, body } = await get({ path, keepBytes: maxPlaylistBytes });
      try {
        if (status !== 200) throw new PlaylistError(`the server answers ${status}`);
        return parse(body.toString("latin1"));
      } catch (error) {
        if (!(error instanceof PlaylistError)) throw error;
        if (!(error instanceof TornPlaylist) || attempt >= tornRetry.attempts)
          throw new CliError(
            ExitCode.differs,
            `${place.origin}${path} cannot be used: ${error.message}`,
            "`lectern probe` looks closer",
          );
        await sleep(tornRetry.pauseMs);
      }
    }
  };
  const close = () => connection.close();
  signal?.addEventListener("abort", close, { once: true });
  const clock = setInterval(() => connection.expire(performance.now()), expireEveryMs);
  try {
    const status = await get({ path: "/api/status", keepBytes: maxStatusBytes });
    judgeStatus(place.origin, status);
    const master = "/hls/stream.m3u8";
    const rungs = await read(master, (text) => playlists.master(text, master));
    const lists = await Promise.all(rungs.map(({ uri }) => read(uri, (text) => playlists.media(text, uri))));
    if (lists.every(({ ended }) => ended)) throw offTheAir(place.origin);
    const { body } = await get({ path: "/api/config", keepBytes: maxConfigBytes });
    const name = readField(body.toString(), "name");
    return {
      rungs,
      http3Offer: http3Offer(status.headers["alt-svc"]),
      name: typeof name === "string" && name !== "" ? name.slice(0, longestName) : undefined,
      targetSeconds: Math.max(...lists.map(({ targetSeconds }) => targetSeconds)),
    };
  } finally {
    clearInterval(clock);
    signal?.removeEventListener("abort", close);
    close();
  }
}

const offTheAir = (origin: string): CliError =>
  new CliError(
    ExitCode.differs,
    `${origin} is off the air: nobody publishes`,
    "start the camera, or `lectern publish` a test pattern, and rehearse again",
  );

function judgeStatus(origin: string, { status, body }: Answer): void {
  if (status === 401)
    throw new CliError(ExitCode.refused, `${origin} is private`, "give the right password by --viewer-password-file");
  if (status === 403)
    throw new CliError(
      ExitCode.refused,
      `${origin} is closed to this address`,
      "rehearse from a network of viewers.allow",
    );
  const found = status === 200 ? readField(body.toString(), "online") : undefined;
  if (typeof found !== "boolean")
    throw new CliError(
      ExitCode.unreachable,
      `${origin}/api/status answers ${status === 200 ? "something that is not Owncast's" : status}`,
      "is Owncast up?",
    );
  if (!found) throw offTheAir(origin);
}

/** One field of a JSON object; undefined if the text is none. */
function readField(text: string, name: string): unknown {
  try {
    return (JSON.parse(text) as Record<string, unknown> | null)?.[name];
  } catch {
    return undefined;
  }
}

/** Throws CliError 64 if the split names a rendition that the stage does not have. */
export function checkSplit(split: Shares, rungs: readonly Rung[]): void {
  const known = rungs.map(({ name }) => name);
  const unknown = split.find(({ name }) => !known.includes(name));
  if (unknown)
    throw new CliError(
      ExitCode.usage,
      `--split: the stage has no rendition ${unknown.name}; it has ${known.join(", ")}`,
      `for example --split ${known.map((name) => `${name}=1`).join(",")}`,
    );
}
