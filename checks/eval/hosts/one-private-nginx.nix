# The same private stage behind the host's nginx.
{
  imports = [
    ./one-nginx.nix
    ./one-private.nix
  ];
}
