"""TikTok Shop: the buyers' chats and return requests of one shop, through the seller API."""
