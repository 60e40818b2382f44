"""What Instagram and Facebook share: Meta's Graph API, read and answered. Not a channel itself."""
