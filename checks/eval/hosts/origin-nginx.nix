# The same behind the host's nginx.
{
  imports = [
    ./one-nginx.nix
    ./origin.nix
  ];
}
