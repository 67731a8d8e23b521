{ lib }:
{
  # Adds a module's options to every stage.
  onStages = module: lib.mkOption { type = lib.types.attrsOf (lib.types.submodule module); };

  # An option that one file of Lectern sets for the others. Hosts neither see nor set it.
  internal =
    description:
    lib.mkOption {
      type = lib.types.raw;
      internal = true;
      readOnly = true;
      inherit description;
    };
}
