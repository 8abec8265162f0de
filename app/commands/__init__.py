"""The commands of `unbroken`, by what they look after."""
