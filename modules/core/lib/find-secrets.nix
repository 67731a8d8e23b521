# The secrets that a seed names. `src/owncast/seed/secrets.ts` finds the same ones.
{ lib }:
seed:
let
  found =
    value:
    if lib.isAttrs value then
      lib.optional (lib.isString (value.secret or null)) value.secret
      ++ lib.concatMap found (lib.attrValues value)
    else if lib.isList value then
      lib.concatMap found value
    else
      [ ];

  # The stage's own secrets, which Owncast never gets.
  rehearsal = lib.optional (seed.rehearsal.enable or false) "rehearsal-token";
  tracksFrom = source: lib.filter (track: track.source == source) (seed.captions.tracks or [ ]);
in
rec {
  all = lib.unique (generatable ++ ofOwncast);
  # The stream keys of interpreters, for the gate.
  interpreterKeys = map ({ language, ... }: "interpreter-key-${language}") (tracksFrom "interpreter");
  # What the tools of human captioners show.
  captionsTokens = map ({ language, ... }: "captions-token-${language}") (tracksFrom "push");
  ofOwncast = lib.unique (found (seed.access or { }) ++ found seed);
  # The keys that cameras send.
  streamKeys = lib.unique (found (seed.access.streamKeys or [ ]));
  # The ones that Lectern can make, because no other service gives them out.
  generatable =
    lib.unique (found (seed.access or { })) ++ rehearsal ++ interpreterKeys ++ captionsTokens;
}
