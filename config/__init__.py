"""What an operator may change: settings, limits of the rules, tubes, protocols, reasons, lanes."""
