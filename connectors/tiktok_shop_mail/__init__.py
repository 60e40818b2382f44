"""TikTok Shop without its API: unread messages by mail, answered by mail."""
