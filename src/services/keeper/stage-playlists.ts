import { leastTrail } from "../../lib/captions-tracks.ts";
import { countVariants, type OwncastPlaylist } from "./owncast-playlist.ts";
import {
  isOn,
  type KeptSegment,
  shownSegments,
  silent,
  targetDurationOf,
  updateVariant,
  type VariantState,
} from "./variant.ts";

/** The state of a stage's playlists: the data for players and for the next update. Plain data: it outlives the process. */
export interface StageState {
  /** Owncast's last whole master playlist, unchanged. */
  readonly master?: string;
  /** The number of variants that it names. */
  readonly count: number;
  readonly variants: readonly VariantState[];
  /** The last sessions with their numbers, newest last. */
  readonly sessions: readonly { readonly name: string; readonly ordinal: number }[];
}

export const emptyStage: StageState = { count: 0, variants: [], sessions: [] };

/** The contents of Owncast's folder at one moment. */
export interface FolderView {
  /** Undefined if there is none. */
  readonly master: string | undefined;
  /** Owncast's playlist of a variant; undefined if there is none, `torn` if it cannot be read as it is. */
  playlist(input: number): OwncastPlaylist | "torn" | undefined;
  readonly nowMs: number;
  readonly graceMs: number;
  /** Makes sure that players can fetch a variant's listed segments; false if a file is gone already. */
  keepSegments(variant: VariantState): boolean;
  /** Whether players should wait a little longer for a segment; for none if not given. `longestSeconds`: of its variant's newest ones. */
  isAwaited?(segment: KeptSegment, longestSeconds: number): boolean;
}

/** Enough for a variant that is behind the others to find its session's number. */
export const rememberedSessions = 16;

/** The state after a look at the folder: the same object if nothing has changed. Pure except for `keepSegments`. */
export function updateStage(state: StageState, view: FolderView): StageState {
  // Owncast writes the master playlist last: a new session's variants count only from then on.
  const named = view.master === undefined ? undefined : countVariants(view.master);
  const isTorn = view.master !== undefined && named === undefined;
  const count = named ?? state.count;
  const isOver = state.variants.every(({ phase }) => phase === "ended" || phase === "silent");
  const sessions = isOver ? [] : [...state.sessions];
  const find = (name: string, lastOrdinal: number) =>
    sessions.find((session) => session.name === name && session.ordinal >= lastOrdinal);
  const isPast = (name: string, lastOrdinal: number): boolean =>
    !find(name, lastOrdinal) && find(name, 0) !== undefined;
  const ordinalOf = (name: string, lastOrdinal: number): number => {
    const found = find(name, lastOrdinal);
    if (found) return found.ordinal;
    const ordinal = Math.max(lastOrdinal, sessions.at(-1)?.ordinal ?? -1) + 1;
    sessions.push({ name, ordinal });
    return ordinal;
  };
  // If a ladder becomes shorter, the players of a removed variant go on with the last one.
  const updated = Array.from({ length: Math.max(count, state.variants.length) }, (_, index): VariantState => {
    const before = state.variants[index] ?? silent;
    if (index >= count && (isOver || before.segments.length === 0))
      return before.segments.length === 0 ? before : { ...before, segments: [] };
    const input = Math.min(index, count - 1);
    const { nowMs, graceMs, isAwaited } = view;
    const context = { input, isOver, isPast, ordinalOf, nowMs, graceMs, ...(isAwaited && { isAwaited }) };
    const playlist = view.master === undefined ? undefined : isTorn ? "torn" : view.playlist(input);
    const after = updateVariant(before, { ...context, playlist });
    return view.keepSegments(after) ? after : updateVariant(before, { ...context, playlist: "torn" });
  });
  // While the publisher is lost, new players get the last stream.
  const isHeld = updated.some(({ phase }) => phase === "held");
  const master = isTorn || isHeld ? state.master : (view.master ?? state.master);
  // This is a new stream: drop what is left of the old one.
  const begins = isOver && updated.some(isOn);
  const variants = begins ? updated.map((variant) => (isOn(variant) ? variant : silent)) : updated;
  const remembered = sessions.slice(-rememberedSessions);
  const isSame =
    master === state.master &&
    count === state.count &&
    areSame(variants, state.variants) &&
    areSame(remembered, state.sessions);
  return isSame ? state : { ...(master !== undefined && { master }), count, variants, sessions: remembered };
}

const areSame = (some: readonly unknown[], others: readonly unknown[]): boolean =>
  some.length === others.length && some.every((one, index) => one === others[index]);

/** The state as players may know it. */
export function shownStage(state: StageState): StageState {
  if (state.variants.every(({ shownUntil }) => shownUntil === undefined)) return state;
  return { ...state, variants: state.variants.map((variant) => ({ ...variant, segments: shownSegments(variant) })) };
}

/** A playlist of the state: the master playlist (`""`) or that of a variant (`0`, `1`, …); undefined if there is none yet. */
export function playlistText(
  { master, variants }: StageState,
  name: string,
  trailSegments = leastTrail,
): string | undefined {
  if (name === "") return variants.some(({ segments }) => segments.length > 0) ? master : undefined;
  const index = Number(name);
  const variant = variants[index];
  if (!variant) return undefined;
  const uriOf = ({ input, uri }: KeptSegment) => (input === index ? uri : `../${input}/${uri}`);
  return mediaText(variant, variant.segments, uriOf, trailSegments);
}

/**
 * The playlist of a variant, or of what belongs to it: a player counts in both alike. `listed` are some of its segments, without a gap. If
 * captions trail by more than players stay behind by themselves, it says how far they should stay behind. Undefined without a segment.
 */
export function mediaText(
  { phase, segments }: VariantState,
  listed: readonly KeptSegment[],
  uriOf: (segment: KeptSegment) => string,
  trailSegments: number,
): string | undefined {
  const [first] = listed;
  if (!first) return undefined;
  // Computed, because the state that an older version wrote may hold another.
  const targetSeconds = targetDurationOf(segments);
  const behind = phase === "ended" ? 0 : segmentsBehind(trailSegments, segments.length);
  const head = [
    "#EXTM3U",
    "#EXT-X-VERSION:6",
    `#EXT-X-TARGETDURATION:${targetSeconds}`,
    ...(behind > 0 ? [`#EXT-X-SERVER-CONTROL:HOLD-BACK=${behind * targetSeconds}`] : []),
    `#EXT-X-MEDIA-SEQUENCE:${first.sequence}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${first.discontinuity ? first.ordinal - 1 : first.ordinal}`,
    "#EXT-X-INDEPENDENT-SEGMENTS",
  ];
  const body = listed.flatMap((segment) => [
    ...(segment.discontinuity ? ["#EXT-X-DISCONTINUITY"] : []),
    ...segment.tags,
    uriOf(segment),
  ]);
  return `${[...head, ...body, ...(phase === "ended" ? ["#EXT-X-ENDLIST"] : [])].join("\n")}\n`;
}

// RFC 8216bis, 4.4.3.8.
const leastBehind = 3;

/**
 * How many segments behind the newest one players should stay, so that captions are there in time; 0 where they do so by themselves, because
 * the picture waits for the usual trail. Never more than the list has behind its newest one: players would wait before its beginning.
 */
function segmentsBehind(trailSegments: number, length: number): number {
  if (trailSegments <= leastTrail) return 0;
  const behind = Math.min(trailSegments, length - 1);
  return behind >= leastBehind ? behind : 0;
}
