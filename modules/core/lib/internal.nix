# An option that one file of Lectern's sets for the others. Hosts neither see nor set it.
{ lib }:
description:
lib.mkOption {
  type = lib.types.raw;
  internal = true;
  readOnly = true;
  inherit description;
}
