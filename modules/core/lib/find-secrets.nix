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
in
rec {
  all = lib.unique (generatable ++ found seed);
  # The keys that cameras send.
  streamKeys = lib.unique (found (seed.access.streamKeys or [ ]));
  # The ones that Lectern can make, because no other service gives them out.
  generatable = lib.unique (found (seed.access or { }));
}
