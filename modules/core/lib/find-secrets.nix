# The secrets that a seed names, as `src/owncast/seed/secrets.ts` finds them.
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
  # Every name, wherever it stands, each once.
  all = lib.unique (generatable ++ found seed);
  # Those that cameras send.
  streamKeys = lib.unique (found (seed.access.streamKeys or [ ]));
  # Those that nobody else has to know beforehand: a password and keys that Lectern can make.
  generatable = lib.unique (found (seed.access or { }));
}
