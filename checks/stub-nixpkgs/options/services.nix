# The services beside Lectern's own units.
{ lib, pkgs, ... }:
let
  inherit (lib) mkOption types;
  untyped = mkOption {
    type = types.anything;
    default = null;
  };
  declare = type: default: mkOption { inherit type default; };
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
        "email"
        "enableReload"
        "environmentFile"
        "openFirewall"
        "settings"
      ]
      // {
        enable = declare types.bool false;
        resume = declare types.bool false;
        package = declare types.package pkgs.caddy;
        user = declare types.str "caddy";
        group = declare types.str "caddy";
        dataDir = declare types.path "/var/lib/caddy";
        logDir = declare types.path "/var/log/caddy";
        httpPort = declare types.port 80;
        httpsPort = declare types.port 443;
        logFormat = declare types.lines "level ERROR\n";
        globalConfig = declare types.lines "";
        extraConfig = declare types.lines "";
        virtualHosts = mkOption {
          default = { };
          type = types.attrsOf (
            types.submodule (
              { name, ... }:
              {
                options = untypedOptions [ "useACMEHost" ] // {
                  hostName = declare types.str name;
                  serverAliases = declare (types.listOf types.str) [ ];
                  listenAddresses = declare (types.listOf types.str) [ ];
                  logFormat = declare (types.nullOr types.lines) null;
                  extraConfig = declare types.lines "";
                };
              }
            )
          );
        };
      };

    firewalld.enable = declare types.bool false;
    xserver.videoDrivers = declare (types.listOf types.str) [
      "modesetting"
      "fbdev"
    ];

    owncast =
      untypedOptions [
        "dataDir"
        "group"
        "listen"
        "openFirewall"
        "user"
      ]
      // {
        enable = declare types.bool false;
        port = declare types.port 8080;
        rtmp-port = declare types.port 1935;
      };
  };
}
