# The services beside Owncast: one folder per capability, with its options, units and routes.
{
  imports = [
    ./captions
    ./edge
    ./edges
    ./gate
    ./keeper
    ./rehearsal
    ./viewers
  ];
}
