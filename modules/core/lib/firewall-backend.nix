# The host's firewall: "iptables", "nftables" or "firewalld". Versions of nixpkgs without the option have the first two.
{ firewall, nftables, ... }:
firewall.backend or (if nftables.enable then "nftables" else "iptables")
