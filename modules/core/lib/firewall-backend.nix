# Which firewall nixpkgs sets up on the host: "iptables", "nftables" or "firewalld". Versions without the option have the first two.
{ firewall, nftables, ... }:
firewall.backend or (if nftables.enable then "nftables" else "iptables")
