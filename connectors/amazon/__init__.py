"""Amazon seller messages, through the mail relay that buyers and sellers write to each other."""
