"""The seller's own website: mail from customers, and mail that its contact form sends."""
