# The services beside Lectern's own units.
{ lib, ... }:
let
  inherit (lib) mkOption types;
  untyped = mkOption {
    type = types.anything;
    default = null;
  };
  untypedOptions = names: lib.genAttrs names (_: untyped);
in
{
  options.services = {
    openssh = untypedOptions [
      "enable"
      "openFirewall"
      "ports"
      "settings"
    ];

    caddy =
      untypedOptions [
        "acmeCA"
        "adapter"
        "configFile"
        "dataDir"
        "email"
        "enable"
        "enableReload"
        "environmentFile"
        "extraConfig"
        "globalConfig"
        "group"
        "httpPort"
        "httpsPort"
        "logDir"
        "logFormat"
        "openFirewall"
        "package"
        "resume"
        "settings"
        "user"
      ]
      // {
        virtualHosts = mkOption {
          default = { };
          type = types.attrsOf (
            types.submodule {
              options = untypedOptions [
                "extraConfig"
                "hostName"
                "listenAddresses"
                "logFormat"
                "serverAliases"
                "useACMEHost"
              ];
            }
          );
        };
      };

    owncast = untypedOptions [
      "dataDir"
      "enable"
      "group"
      "listen"
      "openFirewall"
      "port"
      "rtmp-port"
      "user"
    ];
  };
}
