# BBR keeps the speed of viewers far away if packets are lost. HTTP/3 cannot use BBR: it is off by default, and refused with nginx.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  isCaddy = cfg.front == "caddy";
  # nginx's sites say so in their own text.
  withoutHttp3 = lib.mkIf (isCaddy && !cfg.http3.enable);

  isServersBlock = line: builtins.match "[[:space:]]*servers[[:space:]]*\\{.*" line != null;
  serversBlocks = lib.count isServersBlock (lib.splitString "\n" config.services.caddy.globalConfig);

  publicSites = lib.concatMap ({ domain, aliases, ... }: [ domain ] ++ lib.take 1 aliases) (
    lib.attrValues cfg.stages
  );
in
{
  config = lib.mkIf (cfg.enable && cfg.stages != { } || cfg.edge.enable) {
    boot.kernelModules = [ "tcp_bbr" ];
    boot.kernel.sysctl = lib.mapAttrs (_: lib.mkDefault) {
      "net.core.default_qdisc" = "fq";
      "net.ipv4.tcp_congestion_control" = "bbr";
    };

    services.caddy.globalConfig = withoutHttp3 "servers {\n\tprotocols h1 h2\n}";
    # Browsers remember for 30 days that a site had HTTP/3.
    services.caddy.virtualHosts = withoutHttp3 (
      lib.genAttrs publicSites (_: {
        extraConfig = lib.mkBefore "\theader Alt-Svc clear";
      })
    );

    # Caddy refuses a second block, but only at the reload.
    assertions = [
      {
        assertion = !isCaddy || cfg.http3.enable || serversBlocks < 2;
        message = "services.caddy.globalConfig has a servers block for all addresses, and Caddy takes only one: Lectern's turns HTTP/3 off. If yours says more than that, make it servers :443 { … } with protocols h1 h2 in it; else remove it. To keep HTTP/3, set services.lectern.http3.enable.";
      }
      {
        assertion = isCaddy || !cfg.http3.enable;
        message = "services.lectern.http3.enable is true, and nginx's HTTP/3 cannot use BBR, which keeps the speed of viewers far away: leave it out, or set services.lectern.front = \"caddy\".";
      }
    ];
  };
}
