"""Allegro: the message centre, disputes, claims and problems with purchases of one seller."""
