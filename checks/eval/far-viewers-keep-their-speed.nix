# Proves: a host with stages sends with BBR. It offers HTTP/3, which cannot use BBR, only if it declares that.
{
  lib,
  lectern,
  nixos,
  modulesOf,
  refusals,
  ...
}:
let
  hostWith = module: nixos (modulesOf [ { aliases = [ "www.test" ]; } ] ++ [ module ]);
  plain = hostWith { };
  withHttp3 = hostWith { services.lectern.http3.enable = true; };

  tellsToForget =
    config:
    lib.mapAttrs (
      _: { extraConfig, ... }: lib.hasPrefix "\theader Alt-Svc clear\n" extraConfig
    ) config.services.caddy.virtualHosts;
  protocols =
    config:
    builtins.match ".*\nservers \\{\n\tprotocols ([^\n]*)\n[}]\n.*" "\n${config.services.caddy.globalConfig}";
  sysctl =
    config:
    lib.getAttrs [
      "net.core.default_qdisc"
      "net.ipv4.tcp_congestion_control"
    ] config.boot.kernel.sysctl;
  refusalsWith =
    globalConfig: http3:
    map (message: lib.head (lib.splitString " " message)) (
      refusals (hostWith {
        services.caddy = { inherit globalConfig; };
        services.lectern.http3.enable = http3;
      })
    );
in
{
  "a host with a stage sends with BBR and fq" = {
    expr = sysctl plain // {
      isLoaded = lib.elem "tcp_bbr" plain.boot.kernelModules;
    };
    expected = {
      "net.core.default_qdisc" = "fq";
      "net.ipv4.tcp_congestion_control" = "bbr";
      isLoaded = true;
    };
  };

  "a host can simply set other values" = {
    expr = sysctl (hostWith {
      boot.kernel.sysctl = {
        "net.core.default_qdisc" = "cake";
        "net.ipv4.tcp_congestion_control" = "cubic";
      };
    });
    expected = {
      "net.core.default_qdisc" = "cake";
      "net.ipv4.tcp_congestion_control" = "cubic";
    };
  };

  "a host without a stage keeps its network settings" = {
    expr =
      let
        config = nixos [
          lectern
          { services.lectern.enable = true; }
        ];
      in
      {
        inherit (config.boot) kernelModules;
        inherit (config.boot.kernel) sysctl;
      };
    expected = {
      kernelModules = [ ];
      sysctl = { };
    };
  };

  "HTTP/3 is off, and the domain and its aliases tell browsers to forget it" = {
    expr = {
      protocols = protocols plain;
      tellsToForget = tellsToForget plain;
    };
    expected = {
      protocols = [ "h1 h2" ];
      tellsToForget = {
        "http://localhost:8880" = false;
        "live.test" = true;
        "www.test" = true;
      };
    };
  };

  "with http3.enable, Caddy keeps its own protocols" = {
    expr = {
      protocols = protocols withHttp3;
      tellsToForget = lib.unique (lib.attrValues (tellsToForget withHttp3));
    };
    expected = {
      protocols = null;
      tellsToForget = [ false ];
    };
  };

  "a second servers block is refused by the build, because Caddy would refuse it at the reload" = {
    expr =
      map
        (
          block:
          map (refusalsWith block) [
            false
            true
          ]
        )
        [
          "servers {\n\tmetrics\n}\n"
          "  servers  {\n    metrics\n  }\n"
          "servers :443 {\n\tprotocols h1 h2\n}\n"
        ];
    expected = [
      [
        [ "services.caddy.globalConfig" ]
        [ ]
      ]
      [
        [ "services.caddy.globalConfig" ]
        [ ]
      ]
      [
        [ ]
        [ ]
      ]
    ];
  };
}
