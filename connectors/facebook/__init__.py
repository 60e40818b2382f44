"""Facebook: a Page's Messenger conversations, and comments below its posts."""
