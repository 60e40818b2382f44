"""What the channels that speak e-mail share: reading any bytes, sorting out automatic mail."""
