import type { ListedSegment, OwncastPlaylist } from "./owncast-playlist.ts";
import { isOn, type KeptSegment, silent, targetDurationOf, type VariantState } from "./variant-state.ts";

/** What was heard of a variant. */
export interface Heard {
  /** The variant of Owncast's that was read. */
  readonly input: number;
  /** Undefined when there is none: a publisher is just connecting. `torn` when it cannot be read, or names what is not there. */
  readonly playlist: OwncastPlaylist | "torn" | undefined;
  readonly nowMs: number;
  readonly graceMs: number;
  /** All variants have ended, or never began: nobody follows any more. */
  readonly isOver: boolean;
  /** Whether a session is one that was met, and only before `lastOrdinal`. */
  isPast(session: string, lastOrdinal: number): boolean;
  /** The stage's number for a session, the same for all its variants; a new one where the name was met only before `lastOrdinal`. */
  ordinalOf(session: string, lastOrdinal: number): number;
}

// A publisher that comes back wipes the playlists, and Owncast's first ones follow some segments later (measured: 15 s at most).
const connectMs = 20_000;
// For so many target durations, and so long at least, nothing new comes before it is taken for a loss.
const stall = { targetDurations: 3, leastMs: 6000 };

/** The state after something was heard. Pure. */
export function hear(state: VariantState, heard: Heard): VariantState {
  const { playlist } = heard;
  if (!playlist) return hold(state, heard);
  if (playlist === "torn") return standStill(state, heard);
  const session = playlist.segments[0]?.session;
  if (session !== undefined && !playlist.ended) {
    // An encoder that ends late writes once more when the next publisher's has begun.
    const isPast = isOn(state) && heard.isPast(session, state.lastOrdinal);
    if (isPast || !hasNews(state, playlist, session)) return standStill(state, heard);
    // Another stream then, in Owncast's own numbers: so players go on when Caddy has to ask Owncast itself.
    return takeUp(heard.isOver ? silent : state, playlist, session, heard);
  }
  if (isOn(state)) {
    // Owncast's last playlist of a session lists what came just before the loss.
    const isLast = session !== undefined && session === state.session?.name && hasNews(state, playlist, session);
    return hold(isLast ? takeUp(state, playlist, session, heard) : state, heard);
  }
  const isNewEnd = playlist.ended && clipName(playlist) !== state.session?.name;
  return isNewEnd && heard.isOver ? goOffline(state, playlist, heard) : state;
}

/** Nothing new, though nobody says that it is over: a torn read, or Owncast hangs, or was killed and left all as it was. */
function standStill(state: VariantState, heard: Heard): VariantState {
  const patienceMs = Math.max(stall.leastMs, stall.targetDurations * state.targetDuration * 1000);
  return state.phase === "live" && heard.nowMs - state.newestMs <= patienceMs ? state : hold(state, heard);
}

/** Stands still while the publisher may come back. */
function hold(state: VariantState, heard: Heard): VariantState {
  if (!isOn(state)) return state;
  const { playlist, nowMs, graceMs } = heard;
  const { heldSinceMs = nowMs, tornSinceMs = nowMs, ...rest } = state;
  const lostMs = nowMs - heldSinceMs;
  const held: VariantState = { ...rest, phase: "held", heldSinceMs };
  if (lostMs <= graceMs) return held;
  if (playlist === "torn") {
    // By chance, and the next time it is whole; or it is not understood, and players are to hear it from Owncast itself.
    if (nowMs - tornSinceMs <= connectMs) return { ...held, tornSinceMs };
    return { ...rest, phase: "silent", segments: [] };
  }
  if (playlist?.ended) return goOffline(state, playlist, heard);
  return lostMs <= graceMs + connectMs ? held : { ...rest, phase: "ended" };
}

/** Cut off at the end of a line a playlist says less than is known, and nothing else tells it from an older one. */
function hasNews({ session, nextSequence }: VariantState, playlist: OwncastPlaylist, name: string): boolean {
  const listed = playlist.segments.filter((one) => one.session === name);
  return session?.name !== name || playlist.mediaSequence + session.offset + listed.length > nextSequence;
}

/** Takes up what is new of a session; where it is another session, after the one before. */
function takeUp(state: VariantState, playlist: OwncastPlaylist, name: string, heard: Heard): VariantState {
  const { input, nowMs, ordinalOf } = heard;
  const afresh = state.phase === "ended";
  const isNew = state.session?.name !== name;
  const after = Math.max(0, state.nextSequence - playlist.mediaSequence);
  const offset = state.session && !isNew ? state.session.offset : after;
  const first = playlist.mediaSequence + offset;
  const listed = playlist.segments.filter(({ session }) => session === name);
  const ordinal = ordinalOf(name, state.lastOrdinal);
  const windowSegments = Math.max(afresh ? 0 : state.windowSegments, listed.length);
  // Nothing leads over what went by unseen, be it segments or, for this variant, a whole session.
  const unseen = first > state.nextSequence || ordinal > state.lastOrdinal + 1;
  const stays = state.segments.filter(
    (one) => !afresh && !unseen && (one.ordinal !== ordinal || one.sequence >= first),
  );
  const fresh = numbered(listed, first, { input, ordinal, state, follows: stays.length > 0 });
  const segments = [...stays, ...fresh].slice(-windowSegments);
  return {
    ...withoutTimes(state),
    phase: "live",
    newestMs: nowMs,
    segments,
    nextSequence: first + listed.length,
    lastOrdinal: ordinal,
    targetDuration: targetDurationOf(segments),
    windowSegments,
    session: { name, offset },
  };
}

/** Lists the clip that says that nobody publishes, as Owncast does, and ends. */
function goOffline(state: VariantState, playlist: OwncastPlaylist, heard: Heard): VariantState {
  const { input, ordinalOf } = heard;
  const name = clipName(playlist);
  const ordinal = ordinalOf(name, state.lastOrdinal);
  const clip = playlist.segments.filter(({ session }) => session === undefined);
  // What Owncast lists no more it has deleted.
  const names = new Set(playlist.segments.map(({ uri }) => uri));
  const stays = state.segments.filter(({ uri }) => ordinal === state.lastOrdinal + 1 && names.has(uri));
  const fresh = numbered(clip, state.nextSequence, { input, ordinal, state, follows: stays.length > 0 });
  const segments = [...stays, ...fresh];
  return {
    ...withoutTimes(state),
    phase: "ended",
    segments,
    nextSequence: state.nextSequence + clip.length,
    lastOrdinal: ordinal,
    targetDuration: targetDurationOf(segments),
    session: { name, offset: state.nextSequence },
  };
}

/** The clip by its file and by the session that it ends. */
const clipName = ({ segments }: OwncastPlaylist): string => `${segments[0]?.session ?? ""} ${segments.at(-1)?.uri}`;

/** Segments from one of ours on, without those that are listed already. */
function numbered(
  listed: readonly ListedSegment[],
  first: number,
  { input, ordinal, state, follows }: Place,
): KeptSegment[] {
  const fresh = listed
    .map(({ uri, durationSeconds, tags }, index) => ({ input, uri, durationSeconds, tags, sequence: first + index }))
    .filter(({ sequence }) => sequence >= state.nextSequence);
  return fresh.map((one, index) => ({
    ...one,
    ordinal,
    discontinuity: index === 0 && follows && ordinal !== state.lastOrdinal,
  }));
}

interface Place {
  readonly input: number;
  readonly ordinal: number;
  readonly state: VariantState;
  /** Whether something is listed before them. */
  readonly follows: boolean;
}

function withoutTimes({ heldSinceMs: _, tornSinceMs: __, ...rest }: VariantState): VariantState {
  return rest;
}
