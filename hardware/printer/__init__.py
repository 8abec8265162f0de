"""Label printers: what they can be asked, one label at a time, and printers without a printer."""
