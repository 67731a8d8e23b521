# Additional options of the machines of a VM test.
{ lib, extendModules, ... }:
let
  inherit (lib) mkOption types;
in
{
  options = {
    networking = {
      primaryIPAddress = mkOption { type = types.str; };
      hosts = mkOption {
        type = types.attrsOf (types.listOf types.str);
        default = { };
      };
    };
    virtualisation = {
      cores = mkOption {
        type = types.ints.positive;
        default = 1;
      };
      memorySize = mkOption {
        type = types.ints.positive;
        default = 1024;
      };
    };
    # The same machine with another configuration, for a later switch.
    specialisation = mkOption {
      default = { };
      type = types.attrsOf (
        types.submodule {
          options.configuration = mkOption {
            inherit (extendModules { modules = [ { specialisation = lib.mkOverride 0 { }; } ]; }) type;
            default = { };
          };
        }
      );
    };
  };
}
