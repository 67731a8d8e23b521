# Who gets in: viewers from everywhere, cameras from where they are allowed to come.
{ config, lib, ... }:
let
  cfg = config.services.lectern;
  inherit (import ./lib/networks.nix { inherit lib; }) isV6;
  backend = import ./lib/firewall-backend.nix config.networking;
  open = lib.filterAttrs (_: stage: stage.openFirewall) cfg.stages;

  everywhere = [
    "0.0.0.0/0"
    "::/0"
  ];
  isOpenToAll = { ingest, ... }: lib.all (network: lib.elem network ingest.allow) everywhere;
  restricted = lib.filterAttrs (_: stage: !isOpenToAll stage) open;

  # Without IPv6 there may be no table that takes such a rule.
  present = lib.filter (network: config.networking.enableIPv6 || !isV6 network);
  rules =
    rule:
    lib.concatMapAttrsStringSep "" (
      _:
      { ports, ingest, ... }:
      lib.concatMapStrings (rule (toString ports.rtmp)) (present ingest.allow)
    ) restricted;

  # The script ends at the first command that fails, before it closes anything: these may fail.
  iptablesRule =
    port: network:
    "${
      if isV6 network then "ip6tables" else "iptables"
    } -w -A nixos-fw -p tcp --dport ${port} -s ${network} -j nixos-fw-accept || true\n";
  nftRule =
    port: network:
    "${if isV6 network then "ip6" else "ip"} saddr ${network} tcp dport ${port} accept\n";
in
{
  config = lib.mkIf (cfg.enable && open != { }) {
    networking.firewall = {
      allowedTCPPorts = [
        80
        443
      ]
      ++ map ({ ports, ... }: ports.rtmp) (lib.filter isOpenToAll (lib.attrValues open));
      allowedUDPPorts = lib.optional cfg.http3.enable 443;

      # Of these two, the firewall that the host has takes its own.
      extraCommands = lib.mkIf (backend == "iptables") (rules iptablesRule);
      extraInputRules = lib.mkIf (backend == "nftables") (rules nftRule);
    };
  };
}
