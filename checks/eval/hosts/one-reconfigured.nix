# The same host with another seed: another page, a closed chat, one more key. It also has another playlist keeper, which
# serves metrics too, and its segments will be in memory from the next boot on.
{
  imports = [ ./one.nix ];

  services.lectern.stages.main.grace = 45;
  services.lectern.stages.main.ports.keeper = 8090;
  services.lectern.stages.main.segments.inMemory = true;

  services.lectern.stages.main.settings = {
    instance.name = "Light stage, second evening";
    instance.offlineMessage = "Back next week.";
    chat.enabled = false;
    access.streamKeys = [
      { secret = "stream-key"; }
      {
        secret = "stream-key-second";
        comment = "second camera";
      }
    ];
  };
}
