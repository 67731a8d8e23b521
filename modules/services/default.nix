# The services beside Owncast: one folder per capability, with its options, units and routes.
{
  imports = [
    ./edge
    ./edges
    ./gate
    ./keeper
    ./rehearsal
    ./viewers
  ];
}
