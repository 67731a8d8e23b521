# Generated; do not edit.
# Source: codegen/schema/
# After an edit there: npm run codegen
{
  "chat.requireAuthentication" = "0.2.5";
  "appearance.favicon" = "0.2.5";
}
