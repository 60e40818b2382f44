"""eBay: messages, returns, cases, cancellations and feedback through eBay's interfaces."""
