# The services beside Owncast: one folder per capability, with its options, units and routes.
{
  imports = [
    ./edge
    ./gate
    ./keeper
    ./rehearsal
    ./viewers
  ];
}
