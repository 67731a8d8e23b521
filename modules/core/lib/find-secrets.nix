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

  # The stage's own secret, which Owncast never gets.
  rehearsal = lib.optional (seed.rehearsal.enable or false) "rehearsal-token";
in
rec {
  all = lib.unique (generatable ++ ofOwncast);
  ofOwncast = lib.unique (found (seed.access or { }) ++ found seed);
  # The keys that cameras send.
  streamKeys = lib.unique (found (seed.access.streamKeys or [ ]));
  # The ones that Lectern can make, because no other service gives them out.
  generatable = lib.unique (found (seed.access or { })) ++ rehearsal;
}
