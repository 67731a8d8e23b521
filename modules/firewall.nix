# Who gets in: viewers from everywhere, cameras from where they are allowed to come.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  open = lib.filterAttrs (_: stage: stage.openFirewall) cfg.stages;

  everywhere = [
    "0.0.0.0/0"
    "::/0"
  ];
  isOpenToAll = { ingest, ... }: lib.all (network: lib.elem network ingest.allow) everywhere;
  restricted = lib.filterAttrs (_: stage: !isOpenToAll stage) open;

  isV6 = lib.hasInfix ":";
  rules =
    rule:
    lib.concatMapAttrsStringSep "" (
      _: { ports, ingest, ... }: lib.concatMapStrings (rule (toString ports.rtmp)) ingest.allow
    ) restricted;
in
{
  config = lib.mkIf (cfg.enable && open != { }) {
    networking.firewall = {
      allowedTCPPorts = [
        80
        443
      ]
      ++ map ({ ports, ... }: ports.rtmp) (lib.filter isOpenToAll (lib.attrValues open));
      # HTTP/3.
      allowedUDPPorts = [ 443 ];

      # Of these two, the firewall that the host has takes its own.
      extraCommands = lib.mkIf (!config.networking.nftables.enable) (
        rules (
          port: network:
          "${
            if isV6 network then "ip6tables" else "iptables"
          } -A nixos-fw -p tcp --dport ${port} -s ${network} -j nixos-fw-accept\n"
        )
      );
      extraInputRules = lib.mkIf config.networking.nftables.enable (
        rules (
          port: network: "${if isV6 network then "ip6" else "ip"} saddr ${network} tcp dport ${port} accept\n"
        )
      );
    };
  };
}
