# Opens the firewall to viewers from everywhere, and to cameras from `ingest.allow`.
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

  # Without IPv6, the firewall may have no table for such a rule.
  present = lib.filter (network: config.networking.enableIPv6 || !isV6 network);
  rules =
    rule:
    lib.concatMapAttrsStringSep "" (
      _:
      { ports, ingest, ... }:
      lib.concatMapStrings (rule (toString ports.rtmp)) (present ingest.allow)
    ) restricted;

  # A failing command would end the firewall's script before it closes anything, so a failure is ignored.
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

      # The host's firewall uses one of these two.
      extraCommands = lib.mkIf (backend == "iptables") (rules iptablesRule);
      extraInputRules = lib.mkIf (backend == "nftables") (rules nftRule);
    };
  };
}
